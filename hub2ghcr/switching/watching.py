"""Watching workloads, namespace by namespace, until all of them run on what they were switched to, or one cannot."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeVar

from ..cluster import Cluster, pull_failures
from ..errors import ClusterError, Hub2GhcrError, Unavailable, raise_all
from .rollout import PULLS, Standing, Stranded, crashing, failures, forgiven, own_pods, standing, stranded, updated

PAUSE: Final = 0.5
"""Seconds between two looks at first; each pause is a quarter longer, up to ``LONGEST``."""
LONGEST: Final = 3.0
TOGETHER: Final = 3.0
"""Seconds from the first failure in which others are heard, so that all are told together."""
JOBS: Final = 32
"""Namespaces watched at the same time."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Watched:
    """One workload, and the images that its containers have to run, by container.

    ``fresh``: it was written to by this very run, so no Pod with these images can have failed before.
    ``digests``: under which its images are known besides.
    """

    api_version: str
    kind: str
    name: str
    images: Mapping[str, str]
    fresh: bool = False
    digests: frozenset[str] = frozenset()

    @property
    def title(self) -> str:
        """How a person calls it."""
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class Seen:
    """What was in one namespace: its workloads of some kinds, by apiVersion, kind and name, and all its Pods."""

    workloads: Mapping[tuple[str, str, str], Any]
    pods: tuple[Any, ...]


def watch_all(
    cluster: Cluster, workloads: Mapping[str, Sequence[Watched]], seconds: float
) -> dict[str, dict[str, str]]:
    """Wait for the workloads of some namespaces as `watch` does for one's; return what is to be said, by namespace.

    One namespace that fails ends it: what others fail of moments later is told with it, what still rolls out is left.

    Raises:
        Problems: as `watch`, of all namespaces.
    """
    over = threading.Event()
    with ThreadPoolExecutor(JOBS) as pool:
        jobs = {name: pool.submit(watch, cluster, name, each, seconds, over) for name, each in workloads.items()}
        _, waiting = wait(jobs.values(), return_when=FIRST_EXCEPTION)
        wait(waiting, TOGETHER)
        over.set()
    found: dict[str, dict[str, str]] = {}
    problems: list[Hub2GhcrError] = []
    for name, job in sorted(jobs.items()):
        try:
            found[name] = job.result()
        except Hub2GhcrError as error:
            problems.append(error)
    raise_all(problems)
    return found


def watch(
    cluster: Cluster,
    namespace: str,
    workloads: Sequence[Watched],
    seconds: float,
    over: threading.Event | None = None,
) -> dict[str, str]:
    """Wait until all workloads are done, and return what is to be said of them, by title.

    Few questions: a list for each kind, and one of the Pods. What could not start before is no failure: whoever runs
    again has seen to it, and the kubelet tries once more within its back-off; of what is ``fresh`` nothing was before.
    What starts and ends again has pulled,
    and may wait for another: it is told at the end of ``seconds``. So is an API server that does not answer: what rolls
    out goes on without it, and one that restarts comes back.

    Args:
        cluster: where they are.
        namespace: where they are in it.
        workloads: the workloads.
        seconds: how long they may take.
        over: once it is set nobody waits any more, and nothing is said (default: it never is).

    Raises:
        Problems: of ``ClusterError``: containers that cannot start, seconds after the first of them, or what is not
            done after ``seconds``.
        ClusterError: the cluster refuses the credential, or has not answered at the end of ``seconds``.
    """
    end, pause, told = time.monotonic() + seconds, PAUSE, 0.0
    place, over = f"cluster {cluster.name}: namespace {namespace}", over or threading.Event()

    def answered(ask: Callable[[], T]) -> T:
        while True:
            try:
                return ask()
            except Unavailable as away:
                if time.monotonic() >= end:
                    what = f"has not rolled out within {seconds:.0f} s: the API server {away.what}"
                    raise ClusterError(what, place, away.value, away.remedy) from None
                if over.wait(PAUSE):
                    raise

    before = answered(lambda: {name: failures(events) for name, events in _stuck(cluster, namespace).items()})
    while not over.is_set():
        found, failed = answered(lambda: look(cluster, namespace, workloads, before))
        now = time.monotonic()
        if failed:
            told = told or min(now + TOGETHER, end)
            if now >= told or not any(each.state == "waiting" for title, each in found.items() if title not in failed):
                raise_all(error for each in failed.values() for error in each)
        elif all(each.state == "done" for each in found.values()):
            return {title: each.why for title, each in found.items() if each.why}
        elif now >= end:
            what, remedy = f"has not rolled out within {seconds:.0f} s", "look at its Pods, then run again"
            raise_all(
                ClusterError(f"{what}: {each.why}", f"{place}: {title}", remedy=remedy)
                for title, each in found.items()
                if each.state == "waiting"
            )
        over.wait(min(pause, max(end - now, 0.1)))
        pause = min(pause * 1.25, LONGEST)
    return {}


def look(
    cluster: Cluster,
    namespace: str,
    workloads: Sequence[Watched],
    before: Mapping[str, int] = MappingProxyType({}),
    seen: Seen | None = None,
) -> tuple[dict[str, Standing], dict[str, list[ClusterError]]]:
    """Return where each workload stands, and of those that will not come to run why, both by title.

    Args:
        cluster: where they are.
        namespace: where they are in it.
        workloads: the workloads.
        before: how often a Pod is known to have failed to start, by name.
        seen: what `see` has just returned for them (default: the cluster is asked).
    """
    seen = seen or see(cluster, namespace, workloads)
    live, pods = seen.workloads, seen.pods
    found: dict[str, Standing] = {}
    failed: dict[str, list[ClusterError]] = {}
    for each in workloads:
        place = f"cluster {cluster.name}: namespace {namespace}: {each.title}"
        workload = live.get((each.api_version, each.kind, each.name))
        now = (
            Standing("failed", "it is gone")
            if workload is None
            else standing(workload, pods, each.images, each.digests)
        )
        found[each.title] = now
        if now.state == "failed":
            failed[each.title] = [ClusterError(now.why, place, remedy=pull_failures.VERIFY)]
        if workload is None:
            continue
        named = own_pods(workload, pods) if each.kind == "Pod" else updated(workload, pods, each.images)
        if stuck := _beyond_hope(cluster, namespace, stranded(named), {} if each.fresh else before):
            failed[each.title] = [ClusterError(str(one), place, remedy=one.remedy) for one in stuck]
        elif now.state == "waiting" and (ends := crashing(named)):
            found[each.title] = Standing("waiting", f"{now.why}; {'; '.join(map(str, ends))}")
    return found, failed


def see(cluster: Cluster, namespace: str, workloads: Iterable[Watched]) -> Seen:
    """Return what is in a namespace of the workloads' kinds, and its Pods: a question for each kind, and one.

    Workloads first: the Pods of one that is done are all there then.
    """
    kinds = sorted({(each.api_version, each.kind) for each in workloads})
    live = {
        (api_version, kind, each["metadata"]["name"]): {"kind": kind, **each}
        for api_version, kind in kinds
        for each in cluster.list(api_version, kind, namespace)
    }
    return Seen(live, tuple(cluster.list("v1", "Pod", namespace)))


def _stuck(cluster: Cluster, namespace: str) -> dict[str, list[dict[str, Any]]]:
    """Return the events of each Pod of a namespace that cannot start."""
    found = stranded(cluster.list("v1", "Pod", namespace))
    return {pod: _events(cluster, namespace, pod) for pod in sorted({each.pod for each in found})}


def _beyond_hope(
    cluster: Cluster, namespace: str, found: Iterable[Stranded], before: Mapping[str, int]
) -> list[Stranded]:
    """Leave out what failed before, and the one failure that a kubelet overcomes by itself."""
    kept = []
    for each in found:
        if each.pod in before or each.reason in PULLS:
            events = _events(cluster, namespace, each.pod)
            if failures(events) <= before.get(each.pod, 0) or (each.reason in PULLS and forgiven(events)):
                continue
        kept.append(each)
    return kept


def _events(cluster: Cluster, namespace: str, pod: str) -> list[dict[str, Any]]:
    return list(cluster.list("v1", "Event", namespace, fields=f"involvedObject.name={pod}"))
