"""Which image moves where: ordered rules from a reference to its GHCR reference.

Rules:

- A pattern is a name without tag and digest. It is read as references are (``nginx`` is ``docker.io/library/nginx``)
  and may end in ``*``, which stands for the rest of the canonical path, slashes included, and is never empty.
- Exclusions come first, then the rules in their order: the first that matches decides.
- Docker Hub is claimed whole: a Hub image that no rule and no exclusion names is an error, not an image left behind by
  accident. Any other registry is claimed only by a rule that names it.
- Tag and digest survive. Targets are on ghcr.io, or on a registry of GitHub Enterprise that is declared as such (its
  ``homes``), lower case, ``owner/package``.
- What is on GHCR already stays: mapping twice is mapping once.
- What an OpenShift cluster keeps in its internal registry stays: no rule names that.
- What somebody imported on nodes is in no registry, though its name reads as Docker Hub's: it stays, unless a rule
  without ``*`` names it.
- No two sources share a target (`Mapping.resolve` checks it over all images of a run).
- A registry is one source under all its names: hosts are compared as DNS does, without regard to case and without the
  port 443, and ``aliases`` says which further names a registry has.
"""

from __future__ import annotations

import collections.abc
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from . import reasons
from .errors import Hub2GhcrError, InvalidReference, MappingError, raise_all
from .reference import DEFAULT_TAG, GHCR, HUB, HUB_HOSTS, MAX_PATH, Reference

Aliases = collections.abc.Mapping[str, str]
"""Another name of a registry (``10.0.0.5:32000``) to the one it is declared by (``localhost:32000``)."""
NO_ALIASES: Final[Aliases] = MappingProxyType({})
HOMES: Final = frozenset({GHCR})
"""The registries that images move to, where none of GitHub Enterprise is declared."""


@dataclass(frozen=True, slots=True)
class RuleOptions:
    """What one rule asks of the copies it makes.

    Args:
        platforms: copy these alone, as ``os/architecture[/variant]`` (empty: all).
        allow_new_digest: the copy may have another digest than its source, as a copy of some platforms has.
        public: the packages are meant to be public.
    """

    platforms: tuple[str, ...] = ()
    allow_new_digest: bool = False
    public: bool = False


@dataclass(frozen=True, slots=True)
class Mapped:
    """An image that moves: its source, what it is called on GHCR (same tag and digest), and its rule's options.

    ``source`` is on the registry's declared name, where it was written under another one.
    """

    source: Reference
    target: Reference
    options: RuleOptions = RuleOptions()


@dataclass(frozen=True, slots=True)
class Left:
    """An image that stays where it is, and why: a line for people, and its kind. No ``source``: the text names none."""

    source: Reference | None
    reason: str
    kind: reasons.Kind


@dataclass(frozen=True, slots=True)
class Pattern:
    """Names that start with ``prefix`` and go on (``wildcard``), or the one name ``prefix``."""

    prefix: str
    wildcard: bool

    @classmethod
    def parse(cls, text: str, aliases: Aliases = NO_ALIASES) -> Pattern:
        """Parse a pattern.

        Raises:
            MappingError: not a name, or a ``*`` that is not its end or could mean two things.
        """
        prefix, star, rest = text.partition("*")
        if rest:
            raise MappingError("'*' may stand only at the end", value=text, remedy="write such as docker.io/acme/*")
        if star and not prefix:
            return cls(f"{HUB}/", True)
        # Two components behind a slash: with one, docker.io/* would be read as docker.io/library/*
        rest = "" if not star else "x/x" if prefix.endswith("/") else "x"
        try:
            parsed = at_home(Reference.parse(prefix + rest), aliases)
        except InvalidReference as error:
            raise MappingError(f"not an image name ({error.what})", value=text, remedy=error.remedy) from None
        if parsed.tag or parsed.digest:
            raise MappingError("a pattern names no tag and no digest", value=text, remedy="leave them out")
        if rest == "x" and parsed.registry == HUB and prefix.count("/") == int(prefix.partition("/")[0] in HUB_HOSTS):
            name = prefix.rpartition("/")[2]
            raise MappingError(
                "'*' could begin an owner or a library image",
                value=text,
                remedy=f"write docker.io/{name}/* or docker.io/library/{name}*",
            )
        return cls(parsed.name[: len(parsed.name) - len(rest)], bool(star))

    def match(self, name: str) -> str | None:
        """Return what ``*`` stands for in ``name`` (empty without one), None when the name does not match."""
        if not self.wildcard:
            return "" if name == self.prefix else None
        return name[len(self.prefix) :] or None if name.startswith(self.prefix) else None

    def covers(self, other: Pattern) -> bool:
        """Tell whether every name that ``other`` matches is matched by this one."""
        if not self.wildcard:
            return self == other
        return other.prefix.startswith(self.prefix) and (other.wildcard or other.prefix != self.prefix)

    def __str__(self) -> str:
        return self.prefix + "*" * self.wildcard


@dataclass(frozen=True, slots=True)
class Rule:
    """Names of ``source`` go to ``target``, whose ``*`` takes what the source's ``*`` stood for."""

    source: Pattern
    target: str
    options: RuleOptions = RuleOptions()

    @classmethod
    def parse(
        cls,
        source: str,
        target: str,
        options: RuleOptions = RuleOptions(),
        aliases: Aliases = NO_ALIASES,
        homes: frozenset[str] = HOMES,
    ) -> Rule:
        """Parse a rule.

        Raises:
            MappingError: a pattern that does not parse, a target that is on none of the ``homes``, ``*`` on one side
                only, a source that never moves, or platforms that are asked for without allowing the new digests that
                they make.
        """
        pattern, target = Pattern.parse(source, aliases), target.lower()
        registry = pattern.prefix.partition("/")[0]
        if registry in homes:
            raise MappingError("what is on GHCR already is not mapped", value=source, remedy="remove the rule")
        if reasons.is_internal(registry):
            remedy = (
                "remove the rule; to have such images on GHCR, let their BuildConfigs push there (`spec.output.to`)"
            )
            raise MappingError("OpenShift's internal registry belongs to its cluster", value=source, remedy=remedy)
        if target.count("*") != int(pattern.wildcard):
            raise MappingError("'*' must stand once on both sides, or on none", value=f"{source} -> {target}")
        try:
            parsed = Reference.parse(target.replace("*", "x"))
        except InvalidReference as error:
            raise MappingError(f"not an image name ({error.what})", value=target, remedy=error.remedy) from None
        if parsed.registry not in homes or (not pattern.wildcard and "/" not in parsed.repository):
            remedy = "write such as ghcr.io/acme/*; for GitHub Enterprise set `registries.HOST.github`"
            raise MappingError("a target is ghcr.io/owner/package", value=target, remedy=remedy)
        if parsed.tag or parsed.digest:
            raise MappingError(
                "a target names no tag and no digest", value=target, remedy="leave them out: both are kept"
            )
        if options.platforms and not options.allow_new_digest:
            raise MappingError(
                "an image of some platforms alone has another digest than its source, so signatures do not hold for it",
                "platforms",
                ", ".join(options.platforms),
                "set `allowNewDigest: true` in this rule, or leave `platforms` out",
            )
        return cls(pattern, target, options)

    def apply(self, reference: Reference) -> Reference | None:
        """Return the target of ``reference``, None when the rule does not match it.

        Raises:
            MappingError: the target would not be a name that GHCR accepts.
        """
        rest = self.source.match(reference.name)
        if rest is None:
            return None
        target = self.target.replace("*", rest).lower()
        try:
            parsed = Reference.parse(target)
        except InvalidReference as error:
            raise MappingError(f"maps to a malformed name ({error.what})", value=f"{reference} -> {target}") from None
        if "/" not in parsed.repository:
            raise MappingError("maps to a name without an owner", value=f"{reference} -> {target}")
        return reference.with_name(parsed.registry, parsed.repository)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Names that stay where they are, and why."""

    pattern: Pattern
    reason: str


@dataclass(frozen=True, slots=True)
class Mapping:
    """Ordered rules and exclusions, and the further names of registries (their patterns use the declared ones).

    ``homes`` are the registries that images move to, and do not leave. ``imported`` says of images, with their tags,
    on whose nodes somebody put them by hand (`hub2ghcr.inventory.imported`).
    """

    rules: tuple[Rule, ...]
    exclusions: tuple[Exclusion, ...] = ()
    aliases: Aliases = field(default_factory=dict, hash=False)
    homes: frozenset[str] = HOMES
    imported: collections.abc.Mapping[str, str] = field(default_factory=dict, hash=False)

    def problems(self) -> tuple[MappingError, ...]:
        """Return one problem for each rule that can never apply, since an earlier one covers it."""
        return tuple(
            MappingError(
                f"never applies: the rule for {earlier.source} comes first", f"rules[{index}]", str(rule.source)
            )
            for index, rule in enumerate(self.rules)
            for earlier in [next((each for each in self.rules[:index] if each.source.covers(rule.source)), None)]
            if earlier is not None
        )

    def decide(self, reference: Reference) -> Mapped | Left:
        """Decide one image; a Docker Hub image that nothing names is left with the kind ``uncovered``.

        Raises:
            MappingError: a target that GHCR would refuse.
        """
        home = at_home(reference, self.aliases)
        if home.registry not in self.homes:
            for exclusion in self.exclusions:
                if exclusion.pattern.match(home.name) is not None:
                    return Left(reference, exclusion.reason, "excluded")
            where = self.put_by_hand(reference)
            for rule in self.rules:
                if where and rule.source.wildcard:
                    continue
                if (target := rule.apply(home)) is not None:
                    return Mapped(home, target, rule.options)
            if where:
                stays = reasons.of_nodes(where)
                return Left(reference, stays.text, stays.kind)
        reason = reasons.of_place(home, self.homes)
        return Left(reference, reason.text, reason.kind)

    def put_by_hand(self, reference: Reference) -> str:
        """Return on whose nodes somebody imported an image, empty where nobody is known to."""
        return "" if reference.digest else self.imported.get(f"{reference.name}:{reference.tag or DEFAULT_TAG}", "")

    def decide_text(self, text: str) -> Mapped | Left:
        """Decide what stands where an image is expected; a text that names none is left, and said to be so.

        Raises:
            MappingError: as `decide`.
        """
        try:
            reference = Reference.parse(text)
        except InvalidReference as error:
            reason = reasons.of_text(text, error)
            return Left(None, reason.text, reason.kind)
        return self.decide(reference)

    def map(self, reference: Reference) -> Mapped | Left:
        """Decide one image that is about to be moved.

        Raises:
            MappingError: a Docker Hub image that nothing names, or a target that GHCR would refuse.
        """
        decision = self.decide(reference)
        if isinstance(decision, Left) and decision.kind == "uncovered":
            raise MappingError(
                decision.reason,
                value=str(reference),
                remedy="add a rule to mapping.rules, or an exclusion with its reason",
            )
        return decision

    def resolve(self, references: Iterable[Reference]) -> dict[Reference, Mapped | Left]:
        """Decide all images of a run.

        Raises:
            Problems: every image that cannot be decided, and every two sources that share a target.
        """
        decisions: dict[Reference, Mapped | Left] = {}
        problems: list[Hub2GhcrError] = []
        for reference in references:
            try:
                decisions[reference] = self.map(reference)
            except MappingError as error:
                problems.append(error)
        raise_all([*problems, *collisions(decisions.values())])
        return decisions


def at_home(reference: Reference, aliases: Aliases = NO_ALIASES) -> Reference:
    """Return the reference under its registry's declared name; itself where it is written so."""
    host = reference.registry.lower()
    if "." in host or ":" in host or host == "localhost":
        if "." in host:
            host = host.removesuffix(":443")
    else:
        host = reference.registry  # Foo/x in lower case would be the Docker Hub image foo/x
    host = aliases.get(host, host)
    repository = reference.repository
    if host in HUB_HOSTS:
        host, repository = HUB, repository if "/" in repository else f"library/{repository}"
    if host == reference.registry or len(repository) > MAX_PATH:
        return reference  # a name that library/ makes too long is none of the Hub's
    return reference.with_name(host, repository)


def collisions(decisions: Iterable[Mapped | Left]) -> tuple[MappingError, ...]:
    """Return one problem for each target that several sources would share."""
    sources: dict[str, set[str]] = {}
    for decision in decisions:
        if isinstance(decision, Mapped):
            sources.setdefault(decision.target.name, set()).add(decision.source.name)
    return tuple(
        MappingError(
            "two sources would share one target",
            "mapping.rules",
            value=f"{' and '.join(sorted(names))} -> {target}",
            remedy="give one of them a rule of its own",
        )
        for target, names in sorted(sources.items())
        if len(names) > 1
    )
