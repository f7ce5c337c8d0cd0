"""The promise of previews: what they say is what the run does, and what they cannot know they say.

The engine's own events of both are compared: URN, operation, changed paths.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab import images, registry_admin
from lab.accounts import HUB_READER
from lab.kubectl import kubectl
from lab.registry_admin import Fault
from tests.e2e import foreseeing
from tests.e2e import stack as stacks
from tests.e2e.conftest import Lab
from tests.e2e.foreseeing import Change, Seen
from tests.e2e.stack import CREATED, EXISTING, TARGET, Stack

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

Reports = dict[str, list[tuple[str, ...]]]


@pytest.fixture(scope="module")
def fresh(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """GitHub, a namespace that is there and one that is not, before the first run, in phase ``prepare``."""
    registry_admin.set_limit(lab.state, "hub", anonymous=1000, account=1000, window=3600)
    for namespace in (EXISTING, CREATED):
        kubectl(lab.env, "delete", "namespace", namespace, "--ignore-not-found")
    kubectl(lab.env, "create", "namespace", EXISTING)
    kubectl(lab.env, "apply", "-f", "-", stdin=json.dumps(stacks.WEB))
    made = stacks.create(lab, tmp_path_factory.mktemp("promise"))
    made.configure({"hub2ghcr:phase": "prepare", f"hub2ghcr:clusters.0.namespaces.{CREATED}.recreate": True})
    yield made
    registry_admin.clear_faults(lab.state, "hub")
    made.pulumi("destroy", "--yes", "--skip-preview")
    made.pulumi("stack", "rm", "--yes", "--force")
    for namespace in (EXISTING, CREATED):
        kubectl(lab.env, "delete", "namespace", namespace, "--ignore-not-found", "--wait=false")
    registry_admin.set_limit(lab.state, "hub", anonymous=100, account=200, window=21600)


@pytest.fixture(scope="module")
def files(fresh: Stack) -> dict[Path, bytes]:
    """The stack's files as they were before its first run."""
    return {path: path.read_bytes() for path in (*fresh.file.parent.iterdir(), fresh.folder / "images.lock.yaml")}


@pytest.fixture(scope="module")
def first(fresh: Stack, files: dict[Path, bytes]) -> tuple[Seen, Seen]:
    """The preview of the first run, and the run."""
    return foreseeing.preview(fresh), foreseeing.up(fresh)


@pytest.fixture
def applied(fresh: Stack, files: dict[Path, bytes], first: tuple[Seen, Seen]) -> Stack:
    """The stack after its first run, or after the tests before: with the files of its first run, applied."""
    for path, content in files.items():
        path.write_bytes(content)
    assert foreseeing.up(fresh).problems == ()
    return fresh


def kept(foreseen: Seen, ran: Seen) -> frozenset[Change]:
    """Compare; return where they differ, all of it in resources of which the preview has said that it is not sure."""
    assert (foreseen.problems, ran.problems) == ((), ())
    different = foreseen.changes ^ ran.changes
    assert {urn for urn, *_ in different} <= set(foreseen.unsure), different
    return different


def told(reports: Reports, title: str, foreseen: Seen, ran: Seen, different: frozenset[Change]) -> None:
    """Add a row to the table of promises."""
    rows = reports.setdefault(
        "Previews beside the runs after them",
        [("change", "operations foreseen", "done", "different", "said not to be sure")],
    )
    counts = (len(foreseen.changes), len(ran.changes), len(different), len(foreseen.unsure))
    rows.append((title, *map(str, counts)))


def put_back(stack: Stack) -> None:
    """Somebody puts the old image back."""
    kubectl(stack.lab.env, "set", "image", "-n", EXISTING, "deployment/web", "web=nginx:1.27")


def release(stack: Stack, tag: str) -> None:
    """The Pod of the namespace that is ours runs another release, which the lock has."""
    pod = copy.deepcopy(stacks.NEW[0])
    pod["spec"]["containers"][0]["image"] = f"acme/shop:{tag}"
    (stack.file.parent / "new.yaml").write_text(yaml.safe_dump(pod))
    argv = ("hub2ghcr", "lock", "-s", stack.name)
    done = stack.lab.run(*argv, cwd=stack.folder, HUB2GHCR_SECRET_HUB_PULL_TOKEN=HUB_READER.token)
    assert done.returncode == 0, done.stderr


def drop(stack: Stack) -> None:
    """The namespace that is ours, and the secret on GitHub, are wanted no more."""
    data = yaml.safe_load(stack.file.read_text())
    config: dict[str, Any] = data["config"]
    del config["hub2ghcr:clusters"][0]["namespaces"][CREATED]
    del config["hub2ghcr:github"]["repositories"]["shop"]["secrets"]
    stack.file.write_text(yaml.safe_dump(data, sort_keys=False))


def test_the_first_run_creates_what_its_preview_said(first: tuple[Seen, Seen], reports: Reports) -> None:
    foreseen, ran = first
    assert kept(foreseen, ran) == set()
    assert {operation for _, operation, _ in ran.changes} == {"create"}
    told(reports, "first run", foreseen, ran, frozenset())


def test_of_a_patch_that_is_created_the_preview_says_that_it_compares_nothing(first: tuple[Seen, Seen]) -> None:
    (why,) = {why for urn, why in first[0].unsure.items() if "WorkloadPatch" in urn}
    assert why == "what of the live object it changes is compared when it is written"
    assert first[1].unsure == {}


CHANGES: dict[str, tuple[Callable[[Stack], None], set[str]]] = {
    "phase cutover": (lambda stack: stack.configure({"hub2ghcr:phase": "cutover"}), {"update", "replace", "delete"}),
    "nothing": (lambda _: None, set()),
    "drift": (put_back, {"update"}),
    "another release of a Pod": (lambda stack: release(stack, "1.4.3"), {"create", "delete", "replace", "update"}),
    "phase prepare": (lambda stack: stack.configure({"hub2ghcr:phase": "prepare"}), {"create", "replace", "update"}),
    "a namespace and a secret dropped": (drop, {"delete", "update"}),
}
"""What changes, one after the other, and what operations that takes."""


def test_each_run_does_what_its_preview_said(applied: Stack, reports: Reports) -> None:
    for title, (change, operations) in CHANGES.items():
        change(applied)
        foreseen, ran = foreseeing.preview(applied), foreseeing.up(applied)
        different = kept(foreseen, ran)
        found = {operation for _, operation, _ in ran.changes} - {"create-replacement", "delete-replaced"}
        assert found == operations, title
        told(reports, title, foreseen, ran, different)


def test_of_a_copy_that_fails_all_that_waits_for_it_was_foreseen_and_comes_later(
    applied: Stack, reports: Reports
) -> None:
    """A preview asks no source. What the run then does is part of what was said, and the next one does the rest."""
    with images.behind(applied.lab.state, "hub", "acme/shop") as client:  # no test before has copied it
        images.push(client, "acme/shop", "1.4.4", images.make("acme/shop:1.4.4"))
    release(applied, "1.4.4")
    applied.configure({"hub2ghcr:phase": "cutover"})
    fault = Fault("status", path="^/v2/acme/shop/", count=-1, status=404)
    registry_admin.inject(applied.lab.state, "hub", fault)
    foreseen, ran = foreseeing.preview(applied), foreseeing.up(applied)
    registry_admin.clear_faults(applied.lab.state, "hub")
    assert foreseen.problems == ()
    assert any("not found (404)" in line for line in ran.problems), ran.problems
    assert ran.changes < foreseen.changes
    (failed,) = ran.failed
    assert failed.type == "ImageCopy" and failed.name == f"{TARGET}/acme/shop:1.4.4"
    assert (failed.urn, failed.operation, failed.paths) in foreseen.changes
    told(reports, "a copy that fails", foreseen, ran, frozenset())
    again, rest = foreseeing.preview(applied), foreseeing.up(applied)
    told(reports, "the run after it", again, rest, kept(again, rest))
    assert {urn for urn, *_ in foreseen.changes - ran.changes} == {urn for urn, *_ in rest.changes}


def test_what_somebody_changes_between_preview_and_run_is_a_difference(applied: Stack) -> None:
    """Negative control of the comparison: it finds what a preview could not say."""
    applied.configure({"hub2ghcr:phase": "cutover"})
    assert foreseeing.up(applied).problems == ()
    foreseen = foreseeing.preview(applied)
    put_back(applied)
    ran = foreseeing.up(applied)
    with pytest.raises(AssertionError, match="Deployment/web"):
        kept(foreseen, ran)


def test_of_a_cluster_with_an_inventory_the_preview_says_that_it_sees_no_drift(
    applied: Stack, reports: Reports
) -> None:
    applied.configure({"hub2ghcr:phase": "cutover"})
    argv = ("hub2ghcr", "inventory", "-s", applied.name)
    done = applied.lab.run(*argv, cwd=applied.folder, timeout=60.0, **applied.env)
    assert done.returncode == 0, done.stderr
    assert foreseeing.up(applied).problems == ()
    put_back(applied)
    foreseen, ran = foreseeing.preview(applied), foreseeing.up(applied)
    different = kept(foreseen, ran)
    (applied.folder / f"stacks/{applied.name}.inventory.yaml").unlink()
    assert foreseen.changes == frozenset()
    assert {urn.rpartition(":")[2] for urn, *_ in different} == {f"lab/{EXISTING}/Deployment/web", f"lab/{EXISTING}"}
    told(reports, "drift, with an inventory", foreseen, ran, different)
