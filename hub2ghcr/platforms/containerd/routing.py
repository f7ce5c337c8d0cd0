"""From a mapping to what nodes can be told of it; what they cannot be told is refused, every rule of it at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from re import escape

from ...errors import MappingError, raise_all
from ...mapping import Mapping, Rule
from .mirror import READ_AT_START, Layout, Route

ONE_PATH = "containerd puts one path before every name of a registry"


def routes(
    mapping: Mapping, endpoint: Callable[[str], str], layout: Layout, *, fallback: bool, same_names: bool
) -> tuple[Route, ...]:
    """Return where the names of each registry of a mapping are found on GHCR, by registry.

    Args:
        mapping: what moves where.
        endpoint: the URL of a registry host.
        layout: k3s and RKE2 know patterns (docs.k3s.io, "Private Registry Configuration": rewrite), others a path.
        fallback: whether a registry itself is asked for what is not there.
        same_names: whether names that no rule moves may be asked of GHCR as they are: there they are somebody's.

    Raises:
        Problems: rules that cannot be said that way, each with the one that can.
    """
    by_registry: dict[str, list[tuple[int, Rule]]] = {}
    for index, rule in enumerate(mapping.rules):
        by_registry.setdefault(_split(rule.source.prefix)[0], []).append((index, rule))
    problems = [*_excluded(mapping, by_registry, fallback)]
    found: list[Route] = []
    for registry, rules in sorted(by_registry.items()):
        refused = [*(_unordered(rules) if layout in READ_AT_START else _unsaid(rules))]
        refused += [] if same_names else _strange(registry, _same(layout, rules))
        problems += refused
        if refused:
            continue
        target = rules[0][1].target.partition("/")[0] if layout in READ_AT_START else _target(rules[0][1])
        rewrites = tuple(_rewrite(rule) for _, rule in rules) if layout in READ_AT_START else ()
        names = [registry, *(alias for alias, host in mapping.aliases.items() if host == registry)]
        home = str(target).partition("/")[0]
        found += [Route(each, str(target), endpoint(home), endpoint(registry), rewrites) for each in names]
    raise_all(problems)
    return tuple(sorted(found, key=lambda each: each.registry))


def _unsaid(rules: Sequence[tuple[int, Rule]]) -> Iterator[MappingError]:
    """Yield the rules that no one path says: they drop or change a part of the name, or differ from the first one."""
    said = [target for _, rule in rules if (target := _target(rule))]
    for index, rule in rules:
        target = _target(rule)
        if target is None:
            yield _refused(index, rule, f"nodes cannot be told: {ONE_PATH}, and changes no part of it")
        elif target != said[0]:
            yield _refused(index, rule, f"nodes cannot be told: {ONE_PATH}, another rule has {said[0]}")


def _unordered(rules: Sequence[tuple[int, Rule]]) -> Iterator[MappingError]:
    """Yield rules that an earlier one narrows: patterns of a registries.yaml have no order."""
    for (_, first), (index, rule) in combinations(rules, 2):
        if rule.source.covers(first.source) and (_target(first) is None or _target(rule) != _target(first)):
            yield _refused(
                index, rule, f"nodes cannot be told: patterns have no order, and {first.source} is one of them"
            )


def _same(layout: Layout, rules: Sequence[tuple[int, Rule]]) -> list[tuple[int, Rule]]:
    """Return the rules by which names that none of them moves would be asked of GHCR as they are."""
    if layout in READ_AT_START:
        whole = any(rule.source.wildcard and not _split(rule.source.prefix)[1] for _, rule in rules)
        return [] if whole else [*rules]
    return [each for each in rules if (target := _target(each[1])) is not None and "/" not in target]


def _strange(registry: str, rules: Sequence[tuple[int, Rule]]) -> Iterator[MappingError]:
    what = f"every other name of {registry} would be asked of GHCR as it is, where it may be a stranger's"
    for index, rule in rules:
        error = _refused(index, rule, what)
        yield MappingError(error.what, error.path, error.value, f"{error.remedy}, or set `nodeMirror.sameNames: true`")


def _excluded(
    mapping: Mapping, registries: dict[str, list[tuple[int, Rule]]], fallback: bool
) -> Iterator[MappingError]:
    """Yield what stays where it is, and could not be pulled from there any more."""
    for index, each in enumerate(mapping.exclusions):
        if not fallback and _split(each.pattern.prefix)[0] in registries:
            what = "stays where it is, and without a fallback nodes ask GHCR alone"
            remedy = "set `nodeMirror.fallback: true`, or let it move"
            yield MappingError(what, f"mapping.exclude[{index}].match", str(each.pattern), remedy)


def _target(rule: Rule) -> str | None:
    """Return the registry and path that a rule puts before names, None where it does more than that."""
    home, path = _split(rule.target.removesuffix("*"))
    kept = _split(rule.source.prefix)[1]
    before = path.removesuffix(kept) if path.endswith(kept) else None
    if before is None or (before and not before.endswith("/")):
        return None
    return f"{home}/{before}".rstrip("/")


def _rewrite(rule: Rule) -> tuple[str, str]:
    """Return a pattern (of Go's regexp) and what it becomes."""
    source, target = _split(rule.source.prefix)[1], _split(rule.target)[1]
    return (
        (f"^{escape(source)}(.+)$", target.replace("*", "$1"))
        if rule.source.wildcard
        else (f"^{escape(source)}$", target)
    )


def _refused(index: int, rule: Rule, what: str) -> MappingError:
    registry = _split(rule.source.prefix)[0]
    home, path = _split(rule.target)
    owner = path.partition("/")[0].replace("*", "OWNER")
    remedy = f"one rule says it: from {registry}/* to {home}/{owner}/mirror/*"
    return MappingError(what, f"mapping.rules[{index}]", f"{rule.source} -> {rule.target}", remedy)


def _split(name: str) -> tuple[str, str]:
    registry, _, path = name.partition("/")
    return registry, path
