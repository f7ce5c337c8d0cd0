"""From what was seen to where a namespace stands, and what is not as its phase says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from ..errors import InvalidReference
from ..plan import Namespace, Workload
from ..reference import HUB, Reference
from ..switching.rollout import images_of
from .facts import Facts
from .nouns import Guarding, Part, Status


def judge(cluster: str, namespace: Namespace, facts: Facts, guard: Guarding = "none") -> Status:
    """Return where a namespace stands.

    Args:
        cluster: its cluster's name.
        namespace: as the plan has it.
        facts: what was seen.
        guard: what the plan wants of the cluster's guard here.
    """
    targets = [each.target for each in namespace.pulls]
    workloads = [each for each in namespace.all_workloads if each.was]
    copied = _part(targets, facts.absent)
    granted = _part(
        [*targets, *(f"ServiceAccount {each}" for each in namespace.service_accounts)],
        {**facts.refused, **{f"ServiceAccount {each}": "has no entry for the pull Secret" for each in facts.entries}},
    )
    homes = {Reference.parse(each).name for each in targets}
    switched = _part([_title(each) for each in workloads], dict(_unswitched(workloads, facts, homes)))
    running = _part([_title(each) for each in workloads], dict(_not_running(workloads, facts, homes)))
    staying = _staying(namespace)
    on_hub = Counter(image for pod in facts.pods for image in set(pod) if _on_hub(image))
    status = Status(
        cluster,
        namespace.name,
        namespace.phase,
        copied,
        granted,
        switched,
        running,
        tuple(f"{image} ({count} Pod{'s' if count > 1 else ''})" for image, count in sorted(on_hub.items())),
        tuple(sorted(image for image in on_hub if image in staying)),
        facts.guard,
        (),
    )
    return _with_problems(status, namespace, facts, guard, sorted(set(on_hub) - staying))


def _with_problems(status: Status, namespace: Namespace, facts: Facts, guard: Guarding, left: list[str]) -> Status:
    if not facts.there:
        lines = [] if namespace.create and namespace.phase == "prepare" else ["the namespace is not there"]
    else:
        lines = [*status.copied.lacking, *status.granted.lacking]
        lines += dict.fromkeys(_out_of_phase(namespace, facts))
        if namespace.phase != "prepare":
            lines += status.running.lacking
        if namespace.phase == "seal":
            lines += [f"still on Docker Hub: {image}" for image in left]
        if guard != "none" and facts.guard != guard:
            lines.append(f"the guard is {facts.guard}, and should be {guard}")
    place = f"cluster {status.cluster}, namespace {status.namespace}"
    return replace(status, problems=tuple(f"{place}: {line}" for line in dict.fromkeys(lines)))


def _part(wanted: list[str], lacking: Mapping[str, str]) -> Part:
    unique = list(dict.fromkeys(wanted))
    missing = tuple(f"{each}: {lacking[each]}" for each in unique if each in lacking)
    return Part(len(unique) - len(missing), len(unique), missing)


def _title(workload: Workload) -> str:
    return f"{workload.kind} {workload.name}"


def _unswitched(workloads: list[Workload], facts: Facts, homes: set[str]) -> Iterator[tuple[str, str]]:
    """Yield the workloads that do not name their new images, whatever the phase, and what they name."""
    for each in workloads:
        live = facts.workloads.get((each.kind, each.name))
        if live is None:
            yield _title(each), f"it is not there{_whose(each, facts)}"
        elif old := _old(live.images, each, homes):
            yield _title(each), f"it names {', '.join(old)}{_whose(each, facts)}"


def _whose(workload: Workload, facts: Facts) -> str:
    """Return who has to apply a workload that was rendered, empty where we do."""
    if workload.delivery != "render":
        return ""
    live = facts.workloads.get((workload.kind, workload.name))
    owner = live.owner if live and live.owner else "whoever applies its files"
    return f"; rendered: {owner} has to apply it"


def _old(images: Mapping[str, str], workload: Workload, homes: set[str]) -> list[str]:
    """Return the images of a live workload that the plan moves and that are not at their targets."""
    moving = {
        name for name, image in images_of(workload.document).items() if _at(image, homes) or image in workload.was
    }
    return sorted(image for name, image in images.items() if name in moving and not _at(image, homes))


def _not_running(workloads: list[Workload], facts: Facts, homes: set[str]) -> Iterator[tuple[str, str]]:
    yield from _unswitched(workloads, facts, homes)
    for each in workloads:
        live = facts.workloads.get((each.kind, each.name))
        if live is not None and not _old(live.images, each, homes) and each.switched and live.standing.state != "done":
            yield _title(each), live.standing.why


def _out_of_phase(namespace: Namespace, facts: Facts) -> Iterator[str]:
    """Yield the workloads that name other images than the plan has for this phase."""
    for each in namespace.all_workloads:
        live = facts.workloads.get((each.kind, each.name))
        if live is None:
            if each.delivery != "own" or each.switched:
                yield f"{_title(each)}: it is not there{_whose(each, facts)}"
            continue
        for name, wanted in sorted(images_of(each.document).items()):
            if live.images.get(name, wanted) != wanted:
                phase = f"phase {namespace.phase} says {wanted}"
                yield f"{_title(each)}: container {name} is {live.images[name]}, {phase}{_whose(each, facts)}"


def _staying(namespace: Namespace) -> set[str]:
    """Return the images that the settings leave where they are."""
    changes = [change for each in namespace.all_workloads for change in each.images]
    changes += [change for each in namespace.untouched for change in each.images]
    moving = {image for each in namespace.all_workloads for image in each.was}
    return {each.before for each in changes if each.before == each.after} - moving


def _at(image: str, homes: set[str]) -> bool:
    try:
        return Reference.parse(image).name in homes
    except InvalidReference:
        return False


def _on_hub(image: str) -> bool:
    try:
        return Reference.parse(image).registry == HUB
    except InvalidReference:
        return False
