from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hub2ghcr.attached import Attached
from hub2ghcr.errors import AccessRefused, SettingsError
from hub2ghcr.github import FoundPackage, Version
from hub2ghcr.inventory import ClusterFacts, ImageFacts, NamespaceFacts, RunningFacts, WorkloadFacts
from hub2ghcr.lock import Entry, Lock, Resolved
from hub2ghcr.manifest_store import ManifestStore
from hub2ghcr.packages.anchors import InUse, in_use
from hub2ghcr.packages.reaching import Anchor, Policy
from hub2ghcr.packages.retention import Asking, Report, reports
from hub2ghcr.plan import Package
from hub2ghcr.registry.content import OCI_INDEX, OCI_MANIFEST, Manifest, digest_of

NOW = datetime(2026, 11, 21, tzinfo=UTC)
SHOP = Package("acme", "shop", "ghcr.io")
NOTHING = InUse((), (), ())


def manifest(**more: Any) -> Manifest:
    content = json.dumps({"schemaVersion": 2, **more}).encode()
    return Manifest(OCI_INDEX if "manifests" in more else OCI_MANIFEST, digest_of(content), content)


def descriptor(of: Manifest) -> dict[str, Any]:
    return {"mediaType": of.media_type, "digest": of.digest, "size": len(of.content)}


IMAGE = manifest(layers=[])
INDEX = manifest(manifests=[descriptor(IMAGE)])
SBOM = manifest(subject=descriptor(IMAGE), artifactType="x")
OLD = manifest(layers=[], old=True)
ALL = (INDEX, IMAGE, SBOM, OLD)


class Api:
    def __init__(self, *found: tuple[Manifest, str], count: int | None = None) -> None:
        self.found = found
        self.count = len(found) if count is None else count

    def find(self, name: str) -> FoundPackage | None:
        return FoundPackage(name, "private", "", "users", self.count) if name == "shop" else None

    def versions(self, _: str) -> Iterator[Version]:
        for number, (each, tag) in enumerate(self.found):
            yield Version(number, each.digest, (tag,) if tag else (), "2026-01-01T00:00:00Z")


class Registry:
    host = "ghcr.io"

    def __init__(self, refuses: str = "") -> None:
        self.refuses = refuses

    def get_manifest(self, repository: str, digest: str) -> Manifest:
        assert repository == "acme/shop"
        if digest == self.refuses:
            raise AccessRefused("refused to robot (403)", f"ghcr.io/acme/shop@{digest}")
        return next(each for each in ALL if each.digest == digest)


def report(api: Any, registry: Any = None, package: Package = SHOP, used: InUse = NOTHING) -> Report:
    opened: Any = registry or Registry()
    asking = Asking({"acme": api}, opened, ManifestStore(None))
    counted: list[tuple[int, int]] = []
    [found] = reports(asking, [(package, Policy())], used, NOW, lambda *each: counted.append(each))
    assert counted == [(1, 1)]
    return found


WHOLE = Api((INDEX, "1"), (IMAGE, ""), (SBOM, ""), (OLD, ""))


def test_what_hangs_together_is_read_from_the_manifests() -> None:
    found = report(WHOLE)
    assert found.versions == 4 and not found.problems
    assert [each.version.digest for each in found.reached.kept] == [SBOM.digest, IMAGE.digest, INDEX.digest]
    assert [each.digest for each in found.reached.unreached] == [OLD.digest]
    assert found.page == "https://github.com/users/acme/packages/container/shop/settings"


@pytest.mark.parametrize(
    ("api", "registry", "package", "told"),
    [
        (WHOLE, Registry(IMAGE.digest), SHOP, "refused to robot (403)"),
        (Api((INDEX, "1"), count=2), None, SHOP, "GitHub lists 1 of its 2 versions"),
        (WHOLE, None, Package("acme", "none", "ghcr.io"), "there is no such package"),
    ],
)
def test_of_a_package_that_is_not_known_whole_nothing_is_called_unreached(
    api: Any, registry: Any, package: Package, told: str
) -> None:
    found = report(api, registry, package)
    assert told in found.problems[0]
    assert found.reached.unreached == () and found.reached.kept == ()


def entry(target: str, digest: str, *attached: str) -> Entry:
    found = tuple(Attached(digest, "signature", each, "", "", 1, "") for each in attached)
    return Entry(
        "", digest, OCI_INDEX, ("linux/amd64",), 1, target, Resolved("2026-11-20T10:00:00Z", "ghcr.io"), attached=found
    )


def test_a_lock_and_what_clusters_run_are_in_use_wherever_a_digest_runs() -> None:
    workload = WorkloadFacts(
        "apps/v1",
        "Deployment",
        "web",
        images=(ImageFacts("containers[a]", "ghcr.io/acme/shop:3"), ImageFacts("containers[b]", "not an image!")),
        running=(
            RunningFacts("ghcr.io/acme/shop:2", "sha256:2"),
            RunningFacts("nginx", "sha256:3"),
            RunningFacts("x:1"),
        ),
    )
    cluster = ClusterFacts("prod", namespaces=(NamespaceFacts("shop", workloads=(workload,)),))
    locked = entry("ghcr.io/acme/shop:1", "sha256:1", "sha256:9")
    other = entry("ghcr.io/acme/web:1", "sha256:5")
    used = InUse((("images.lock.yaml", locked), ("images.lock.yaml", other)), (("prod", cluster),), ())
    runs, names = "run by Deployment prod/shop/web", "named by Deployment prod/shop/web"
    assert used.of("ghcr.io/acme/shop") == (
        Anchor("locked in images.lock.yaml", "", "1"),
        Anchor("locked in images.lock.yaml", "sha256:1"),
        Anchor("locked in images.lock.yaml", "sha256:9"),
        Anchor(names, "", "3"),
        Anchor(runs, "", "2"),
        Anchor(runs, "sha256:2"),
        Anchor(runs, "sha256:3"),
    )


def test_the_files_of_all_stacks_count_and_a_missing_inventory_is_told(tmp_path: Path) -> None:
    stacks = tmp_path / "stacks"
    stacks.mkdir()
    (stacks / "Pulumi.one.yaml").write_text("config:\n  hub2ghcr:phase: prepare\n")
    clusters = "hub2ghcr:clusters: [{name: prod}]"
    (stacks / "Pulumi.two.yaml").write_text(f"config:\n  hub2ghcr:images: {{lock: two.lock.yaml}}\n  {clusters}\n")
    (stacks / "Pulumi.org.yaml").write_text("config:\n  hub2ghcr:phase: prepare\n")  # no cluster: nothing runs
    (stacks / "one.inventory.yaml").write_text("version: 1\nclusters: [{name: prod}]\n")
    digest = "sha256:" + "1" * 64
    Lock((entry("ghcr.io/acme/shop:1", digest),)).dump(tmp_path / "images.lock.yaml")
    Lock((entry("ghcr.io/acme/shop:2", digest),)).dump(tmp_path / "two.lock.yaml")
    found = in_use(tmp_path)
    assert [(path, each.target) for path, each in found.entries] == [
        ("images.lock.yaml", "ghcr.io/acme/shop:1"),
        ("two.lock.yaml", "ghcr.io/acme/shop:2"),
    ]
    assert [(stack, each.name) for stack, each in found.clusters] == [("one", "prod")]
    assert found.notes == ("stack two has no inventory, so what its Pods run is not known: hub2ghcr inventory -s two",)


def test_a_stack_that_cannot_be_read_ends_the_report(tmp_path: Path) -> None:
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "Pulumi.one.yaml").write_text("config: [\n")
    with pytest.raises(SettingsError):
        in_use(tmp_path)
