from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hub2ghcr.errors import Hub2GhcrError
from hub2ghcr.inventory import (
    AccountFacts,
    ClusterFacts,
    ImageFacts,
    Inventory,
    NamespaceFacts,
    RunningFacts,
    SecretFacts,
    WorkloadFacts,
    load,
    text,
    write,
)
from tests.hub2ghcr.strategies import references

# what YAML would take for something else is among them: 1e3, true, 12:30:00, null, "", #, leading blanks
words = st.text(max_size=12) | st.sampled_from(["1e3", "true", "12:30:00", "null", "~", "- a", "x: y", "#", "=", "010"])
names = st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True)
labels = st.dictionaries(names, words, max_size=3)
state = st.dictionaries(names, st.booleans() | st.integers(0, 9) | words, max_size=2)


def several(of: st.SearchStrategy[Any], most: int = 2) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(of, max_size=most).map(tuple)


def unique(of: st.SearchStrategy[Any], key: Any) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(of, max_size=2, unique_by=key).map(tuple)


images = st.builds(ImageFacts, words, references(), several(words))
runs = st.builds(RunningFacts, references(), words)
workloads = st.builds(
    WorkloadFacts, words, words, names, words, several(images), words, several(words), several(runs), state
)
namespaces = st.builds(
    NamespaceFacts,
    names,
    labels,
    several(st.builds(AccountFacts, names, several(words))),
    several(st.builds(SecretFacts, names, words, several(words))),
    unique(workloads, lambda each: each.key),
)
clusters = st.builds(
    ClusterFacts, names, words, several(words), several(words), unique(namespaces, lambda each: each.name)
)
inventories = st.builds(Inventory, unique(clusters, lambda each: each.name))


@given(inventories)
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, inventory: Inventory) -> None:
    path = tmp_path_factory.mktemp("stock") / "stacks" / "t.inventory.yaml"
    write(inventory, path, "t")
    assert load(path) == inventory
    assert path.read_text() == text(inventory)


def test_the_order_of_labels_changes_no_byte() -> None:
    one, two = (
        Inventory((ClusterFacts("c", namespaces=(NamespaceFacts("n", found),)),))
        for found in ({"a": "1", "b": "2"}, {"b": "2", "a": "1"})
    )
    assert text(one) == text(two)


def test_no_file_is_an_empty_inventory_and_a_new_one_may_be_read_by_all(tmp_path: Path) -> None:
    path = tmp_path / "t.inventory.yaml"
    assert load(path) == Inventory()
    write(Inventory(), path, "t")
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert load(path) == Inventory()


def workload(**more: Any) -> dict[str, Any]:
    return {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", **more}


def within(*workloads: Any) -> dict[str, Any]:
    return {"version": 1, "clusters": [{"name": "c", "namespaces": [{"name": "n", "workloads": list(workloads)}]}]}


PLACE = "t.yaml: clusters[0].namespaces[0].workloads[0]"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ([], "t.yaml: not an inventory"),
        ({"version": 1, "cluster": []}, "t.yaml: not an inventory"),
        ({"version": 2, "clusters": []}, "t.yaml: version: unknown version: '2'; this program reads 1"),
        (within(workload(image="x")), f"{PLACE}.image: is no key of this: 'x'"),
        (within(workload(api_version="x")), f"{PLACE}.api_version: is no key of this"),
        (within({"kind": "Deployment", "name": "web"}), f"{PLACE}.apiVersion: "),
        (within(workload(owner=1)), f"{PLACE}.owner: must be a string: '1'"),
        (within(workload(images={})), f"{PLACE}.images: must be a list"),
        (within(workload(images=[{"field": "x"}])), f"{PLACE}.images[0].image: "),
        (within(workload(state=[])), f"{PLACE}.state: must be a mapping"),
        (within("x"), f"{PLACE}: must be a mapping"),
        (within(workload(), workload()), "a workload stands twice: 'Deployment web (apps/v1)'"),
    ],
)
def test_what_is_wrong_is_told_with_its_path(tmp_path: Path, data: Any, told: str) -> None:
    path = tmp_path / "t.yaml"
    path.write_text(yaml.safe_dump(data))
    with pytest.raises(Hub2GhcrError) as caught:
        load(path)
    assert told in str(caught.value)


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    path.write_text(yaml.safe_dump(within(workload(owner=1), workload(name="b", x=1))))
    with pytest.raises(Hub2GhcrError) as caught:
        load(path)
    assert len(caught.value.lines) == 2


def test_a_workload_is_a_document_for_everything_that_reads_manifests() -> None:
    found = WorkloadFacts(
        "batch/v1",
        "CronJob",
        "nightly",
        images=(
            ImageFacts("initContainers[a]", "x:1"),
            ImageFacts("containers[b]", "y:1"),
            ImageFacts("volumes[c]", "z"),
        ),
        service_account="sa",
        pull_secrets=("hub",),
    )
    assert found.document["spec"]["jobTemplate"]["spec"]["template"]["spec"] == {
        "serviceAccountName": "sa",
        "imagePullSecrets": [{"name": "hub"}],
        "initContainers": [{"name": "a", "image": "x:1"}],
        "containers": [{"name": "b", "image": "y:1"}],
        "volumes": [{"name": "c", "image": {"reference": "z"}}],
    }
    custom = WorkloadFacts("kafka.strimzi.io/v1", "Kafka", "log", images=(ImageFacts("spec.kafka.image", "x:1"),))
    assert custom.document == {"apiVersion": "kafka.strimzi.io/v1", "kind": "Kafka", "metadata": {"name": "log"}}
