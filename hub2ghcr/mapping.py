"""Which image moves where: ordered rules from a reference to its GHCR reference.

Rules:

- A pattern is a name without tag and digest. It is read as references are (``nginx`` is ``docker.io/library/nginx``)
  and may end in ``*``, which stands for the rest of the canonical path, slashes included, and is never empty.
- Exclusions come first, then the rules in their order: the first that matches decides.
- Docker Hub is claimed whole: a Hub image that no rule and no exclusion names is an error, not an image left behind by
  accident. Any other registry is claimed only by a rule that names it.
- Tag and digest survive. Targets are on ghcr.io, lower case, ``owner/package``.
- What is on GHCR already stays: mapping twice is mapping once.
- No two sources share a target (`Mapping.resolve` checks it over all images of a run).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .errors import Hub2GhcrError, InvalidReference, MappingError, raise_all
from .reference import GHCR, HUB, HUB_HOSTS, Reference


@dataclass(frozen=True, slots=True)
class Mapped:
    """An image that moves: its source, and what it is called on GHCR (the same tag and digest)."""

    source: Reference
    target: Reference


@dataclass(frozen=True, slots=True)
class Left:
    """An image that stays where it is, and why."""

    source: Reference
    reason: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """Names that start with ``prefix`` and go on (``wildcard``), or the one name ``prefix``."""

    prefix: str
    wildcard: bool

    @classmethod
    def parse(cls, text: str) -> Pattern:
        """Parse a pattern.

        Raises:
            MappingError: not a name, or a ``*`` that is not its end.
        """
        prefix, star, rest = text.partition("*")
        if rest:
            raise MappingError("'*' may stand only at the end", value=text, remedy="write such as docker.io/acme/*")
        if star and (not prefix or prefix[:-1] in HUB_HOSTS):
            return cls(f"{HUB}/", True)
        try:
            parsed = Reference.parse(prefix + "x" if star else prefix)
        except InvalidReference as error:
            raise MappingError(f"not an image name ({error.what})", value=text, remedy=error.remedy) from None
        if parsed.tag or parsed.digest:
            raise MappingError("a pattern names no tag and no digest", value=text, remedy="leave them out")
        return cls(parsed.name[:-1] if star else parsed.name, bool(star))

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

    @classmethod
    def parse(cls, source: str, target: str) -> Rule:
        """Parse a rule.

        Raises:
            MappingError: a pattern that does not parse, a target that is not on GHCR, or ``*`` on one side only.
        """
        pattern, target = Pattern.parse(source), target.lower()
        if pattern.prefix.startswith(f"{GHCR}/"):
            raise MappingError("what is on GHCR already is not mapped", value=source, remedy="remove the rule")
        if target.count("*") != int(pattern.wildcard):
            raise MappingError("'*' must stand once on both sides, or on none", value=f"{source} -> {target}")
        try:
            parsed = Reference.parse(target.replace("*", "x"))
        except InvalidReference as error:
            raise MappingError(f"not an image name ({error.what})", value=target, remedy=error.remedy) from None
        if parsed.registry != GHCR or (not pattern.wildcard and "/" not in parsed.repository):
            raise MappingError("a target is ghcr.io/owner/package", value=target, remedy="write such as ghcr.io/acme/*")
        if parsed.tag or parsed.digest:
            raise MappingError(
                "a target names no tag and no digest", value=target, remedy="leave them out: both are kept"
            )
        return cls(pattern, target)

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
        return reference.with_name(GHCR, parsed.repository)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Names that stay where they are, and why."""

    pattern: Pattern
    reason: str


@dataclass(frozen=True, slots=True)
class Mapping:
    """Ordered rules and exclusions."""

    rules: tuple[Rule, ...]
    exclusions: tuple[Exclusion, ...] = ()

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

    def map(self, reference: Reference) -> Mapped | Left:
        """Decide one image.

        Raises:
            MappingError: a Docker Hub image that nothing names, or a target that GHCR would refuse.
        """
        if reference.registry == GHCR:
            return Left(reference, "already on GHCR")
        for exclusion in self.exclusions:
            if exclusion.pattern.match(reference.name) is not None:
                return Left(reference, exclusion.reason)
        for rule in self.rules:
            target = rule.apply(reference)
            if target is not None:
                return Mapped(reference, target)
        if reference.registry == HUB:
            raise MappingError(
                "no mapping rule names this Docker Hub image",
                value=str(reference),
                remedy="add a rule to mapping.rules, or an exclusion with its reason",
            )
        if reference.registry.split(":")[0] in {"localhost", "127.0.0.1", "["}:
            return Left(reference, "a registry of this machine")
        return Left(reference, f"lives on {reference.registry}, which no rule claims")

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
