"""A mapping as mirrors of OpenShift: which of its rules can be said that way, and why others cannot.

A mirror stands for all repositories below its source, at the boundary of a name's part: ``docker.io/library`` means
``docker.io/library/nginx`` and never ``docker.io/libraryx``. What follows the source is appended to the mirror; of
several sources the longest holds (containers-registries.conf(5), whose ``[[registry]]`` the machine configuration
writes of ImageTagMirrorSet and ImageDigestMirrorSet). So a source may be a registry, a part of one or a repository, and
prefixes may be dropped (``docker.io/library/*`` to ``ghcr.io/acme/mirror/*``), but no name changes within a part.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import MappingError
from ...mapping import Mapping, Pattern, Rule
from ...reference import HUB
from .nouns import MirrorRule, MirrorSet, SourcePolicy

REMEDY = "write the rule with whole parts of names, or take `mirrorSets` out"


def mirror_rules(mapping: Mapping) -> tuple[MirrorRule, ...]:
    """Return the mirrors of a mapping's rules that can be said, sorted by source; every name of a registry is one."""
    said = (each for rule in mapping.rules if not _unsayable(rule) for each in _said(rule, mapping))
    return tuple(sorted(said, key=lambda each: each.source))


def unsayable(mapping: Mapping, sets: tuple[MirrorSet, ...], policy: SourcePolicy) -> Iterator[MappingError]:
    """Yield each rule and exclusion that mirrors cannot hold to, with its place and the reason.

    Args:
        mapping: the stack's.
        sets: what is asked for.
        policy: what is to hold in the end.
    """
    for index, rule in enumerate(mapping.rules):
        what = _unsayable(rule)
        if not what and "digest" in sets and rule.options.platforms:
            what = "an image of some platforms alone has another digest: no ImageDigestMirrorSet would find it"
        if not what and _takes_others(rule, mapping):
            what = "its mirror would take along what is below this name, and other rules say where that is"
        if what:
            yield MappingError(what, f"mapping.rules[{index}]", f"{rule.source} -> {rule.target}", REMEDY)
    if policy != "NeverContactSource":
        return
    for index, each in enumerate(mapping.exclusions):
        if any(rule.source.covers(each.pattern) for rule in mapping.rules):
            what = "it stays where it is, and `sourcePolicy: NeverContactSource` would keep nodes from pulling it there"
            remedy = "set `sourcePolicy: AllowContactingSource`, or narrow the rule"
            yield MappingError(what, f"mapping.exclude[{index}]", str(each.pattern), remedy)


def _said(rule: Rule, mapping: Mapping) -> Iterator[MirrorRule]:
    host, slash, path = rule.source.prefix.rstrip("/").partition("/")
    for name in (host, *(alias for alias, known in mapping.aliases.items() if known == host)):
        yield MirrorRule(f"{name}{slash}{path}", rule.target.removesuffix("/*"))


def _takes_others(rule: Rule, mapping: Mapping) -> bool:
    """Whether another rule says where names below a rule's one name go; on Docker Hub there are none."""
    if rule.source.wildcard or rule.source.prefix.startswith(f"{HUB}/"):
        return False
    below = Pattern(f"{rule.source.prefix}/", True)
    return any(each.source.covers(below) for each in mapping.rules)


def _unsayable(rule: Rule) -> str:
    if not rule.source.wildcard:
        return ""
    if not rule.source.prefix.endswith("/"):
        return "the '*' begins within a name, and a mirror stands for whole parts of names"
    if not rule.target.endswith("/*"):
        return "the name changes within a part, and a mirror appends what follows its source as it is"
    return ""
