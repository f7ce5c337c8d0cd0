"""A stack half-way through its migration, of any size, and what was seen of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hub2ghcr.allowance import Allowance
from hub2ghcr.engine.past import PastRun
from hub2ghcr.lock import Entry, Resolved
from hub2ghcr.plan import (
    Cluster,
    Guard,
    ImageChange,
    ImageCopy,
    Kubeconfig,
    Namespace,
    Phase,
    Plan,
    Pull,
    Untouched,
    Workload,
)
from hub2ghcr.plan.images import NOT_YET
from hub2ghcr.reasons import of_place
from hub2ghcr.reference import Reference
from hub2ghcr.report import NotLooked, Seen
from hub2ghcr.status import Part, Status

AT = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
PHASES: tuple[Phase, ...] = ("prepare", "cutover", "seal")
PLATFORMS = ("linux/amd64", "linux/arm64")


def digest(number: int) -> str:
    return f"sha256:{number:064x}"


def copy(number: int, source: str = "docker.io/library") -> ImageCopy:
    """One image; every tenth is published at its target."""
    name = f"app-{number:03}:1.{number}"
    born = number % 10 == 9
    resolved = Resolved("2026-11-20T10:00:00Z", "docker.io")
    entry = Entry(
        "" if born else f"{source}/{name}",
        digest(number),
        "application/vnd.oci.image.index.v1+json",
        PLATFORMS,
        50_000_000 + number,
        f"ghcr.io/acme/{name}",
        resolved,
        3,
    )
    return ImageCopy(entry, "require" if born else "copy")


def workload(copied: ImageCopy, namespace: str, phase: Phase) -> Workload:
    old = copied.source.removeprefix("docker.io/library/") or copied.target
    new = f"{copied.target}@{copied.digest}"
    change = ImageChange("containers[0]", old, old, NOT_YET)
    if phase != "prepare":
        change = ImageChange("containers[0]", old, new, "")
    document: dict[str, Any] = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}}
    names = ("apps/v1", "Deployment", namespace, "web")
    return Workload(*names, "patch", document, (change,), (copied.target,), phase != "prepare", was=(old,))


def untouched() -> tuple[Untouched, ...]:
    unruled, quay = "redis:7", "quay.io/x/side:1"
    images = (
        ImageChange("containers[0]", unruled, unruled, of_place(Reference.parse(unruled)).text),
        ImageChange("containers[1]", "mynginx:local", "mynginx:local", "imported on the nodes, no registry holds it"),
        ImageChange("containers[2]", quay, quay, of_place(Reference.parse(quay)).text),
    )
    return (Untouched("StatefulSet", "store", images),)


def plan(namespaces: int = 6, clusters: int = 2) -> Plan:
    """A stack with so many namespaces in each cluster, in all phases by turns, and as many images."""
    copies = tuple(copy(number) for number in range(namespaces))
    made = []
    for index in range(clusters):
        found = []
        for number, each in enumerate(copies):
            phase, name = PHASES[number % 3], f"team-{number:03}"
            pulls = (Pull(each.target, each.digest, PLATFORMS),)
            left = untouched() if number == 1 else ()
            found.append(Namespace(name, False, None, (workload(each, name, phase),), phase, left, pulls))
        guard = Guard("hub2ghcr", deny=tuple(each.name for each in found if each.phase == "seal"))
        made.append(Cluster(f"c{index}", Kubeconfig("k", "c"), tuple(found), guard=guard, inventoried=True))
    return Plan("prod", "cutover", "copy", (), copies, None, tuple(made), ("a package may be public",))


def status(cluster: str, namespace: Namespace) -> Status:
    """All is as its phase says, but that every fifth namespace has an old Pod."""
    number = int(namespace.name.rpartition("-")[2])
    late = namespace.phase != "prepare" and number % 5 == 4
    switched = 0 if namespace.phase == "prepare" or late else 1
    hub: list[str] = []
    if namespace.phase == "prepare" or late:
        hub = [f"app-{number:03}:1.{number} (2 Pods)"]
    if namespace.untouched:
        hub += ["mynginx:local (1 Pod)", "redis:7 (1 Pod)"]
    place = f"cluster {cluster}, namespace {namespace.name}"
    problems = (f"{place}: Deployment web: 1 of 3 replicas are updated",) if late else ()
    parts = (Part(1, 1), Part(1, 1), Part(switched, 1), Part(switched, 1))
    guard = "deny" if namespace.phase == "seal" else "none"
    return Status(cluster, namespace.name, namespace.phase, *parts, tuple(sorted(hub)), (), guard, problems)  # type: ignore[arg-type]


def seen(found: Plan) -> Seen:
    """Everything answered but the second cluster."""
    first = found.clusters[0]
    statuses = {(first.name, each.name): status(first.name, each) for each in first.namespaces}
    there = {each.target: number % 4 != 3 for number, each in enumerate(found.copies)}
    runs = [
        PastRun(
            AT - timedelta(days=1, minutes=9), AT - timedelta(days=1), "update", "succeeded", "prepare", {"create": 9}
        ),
        PastRun(AT - timedelta(hours=5), AT - timedelta(hours=4), "update", "failed", "cutover", {"same": 9}),
        PastRun(AT - timedelta(hours=3), AT - timedelta(hours=2), "update", "succeeded", "cutover", {"update": 4}),
    ]
    dumb = tuple(NotLooked(f"cluster {each.name}", "does not answer") for each in found.clusters[1:])
    return Seen(statuses, there, True, Allowance(200, 4, 21600, "4711"), tuple(runs), dumb)
