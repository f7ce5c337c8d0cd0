from __future__ import annotations

from hub2ghcr import manifests
from hub2ghcr.inventory import ImageFacts, NamespaceFacts, WorkloadFacts
from hub2ghcr.manifests import Document
from hub2ghcr.places import Places
from hub2ghcr.sources import live

FACTS = NamespaceFacts(
    "shop",
    workloads=(
        WorkloadFacts("batch/v1", "CronJob", "nightly", images=(ImageFacts("containers[a]", "busybox"),)),
        WorkloadFacts("apps/v1", "Deployment", "web", images=(ImageFacts("containers[web]", "nginx:1.27"),)),
        WorkloadFacts("kafka.strimzi.io/v1", "Kafka", "queue", images=(ImageFacts("spec.kafka.image", "kafka"),)),
    ),
)


def test_workloads_that_no_manifest_names_become_documents() -> None:
    source = live(FACTS, (), "stacks/t.inventory.yaml", Places(()))
    assert [each.place for each in source.documents] == [
        "stacks/t.inventory.yaml: shop: CronJob nightly",
        "stacks/t.inventory.yaml: shop: Deployment web",
    ]
    assert [image.text for each in source.documents for image in manifests.images(each)] == ["busybox", "nginx:1.27"]
    assert {each.namespace for each in source.documents} == {"shop"}


def test_a_manifest_wins() -> None:
    named = Document("web.yaml: Deployment web", "apps/v1", "Deployment", None, "web", {})
    source = live(FACTS, [named], "stacks/t.inventory.yaml", Places(()))
    assert [each.name for each in source.documents] == ["nightly"]
