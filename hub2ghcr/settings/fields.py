"""The kinds of values that keys of a stack file take; what each must be is said in its error."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag

from ..mapping import NO_ALIASES, Aliases, Exclusion, Pattern
from ..places.path import PathPattern


class Model(BaseModel):
    """A mapping of a stack file: frozen, strict, without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=False)


_LABEL = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?")
_LABELLED = r"[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
_UNSET = re.compile(r"\$\{\w+\}")


def matching(pattern: str, expected: str) -> Any:
    """Return what requires that a text matches a pattern, and else says what was expected."""
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise ValueError(f"must be {expected}")
        return value

    return AfterValidator(check)


def _url(value: str) -> str:
    if not _UNSET.search(value) and not re.fullmatch(r"https?://[^/\s@?#]+(?:/[^\s?#]*)?", value):
        raise ValueError("must be a URL such as https://ghcr.io, without user or password")
    return value


def _server(value: str) -> str:
    if not _UNSET.search(value) and not re.fullmatch(r"https://[^/\s@?#]+(?:/[^\s?#]*)?", value):
        raise ValueError("must be a URL such as https://api.example.org:6443, without user or password")
    return value


def _path(value: str) -> str:
    PathPattern.parse(value)  # its ValueError says what a path is
    return value


def is_inside(path: str) -> bool:
    """Whether a path can be that of a file in the project's folder; what is too long for any would end a run."""
    parts = path.split("/")
    fits = len(path) <= 2048 and all(len(each.encode(errors="replace")) <= 255 for each in parts)
    return fits and not path.startswith(("/", "~")) and ".." not in parts and "\0" not in path


def _inside(value: str) -> str:
    if not is_inside(value):
        raise ValueError("must be a path inside the project's folder")
    return value


Name = Annotated[str, matching(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}", "letters, digits, '-' and '_'")]
ConfigKey = Annotated[str, matching(r"[A-Za-z][A-Za-z0-9_-]*", "a flat configuration key such as ghcrPushToken")]
Namespace = Annotated[str, matching(_LABEL.pattern, "a namespace's name: lower case, digits and '-', at most 63")]
ObjectName = Annotated[str, matching(_SUBDOMAIN.pattern, "a Kubernetes name: lower case, digits, '-' and '.'")]
Host = Annotated[str, matching(r"[a-z0-9][a-z0-9.-]*(?::\d+)?", "a registry host such as ghcr.io, lower case")]
Owner = Annotated[str, matching(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})", "a GitHub owner's name")]
RepositoryName = Annotated[str, matching(r"[A-Za-z0-9._-]{1,100}", "a GitHub repository's name, without its owner")]
SecretName = Annotated[
    str, matching(r"(?!GITHUB_)[A-Z_][A-Z0-9_]*", "an Actions secret's name: upper case, not GITHUB_…")
]
PackageName = Annotated[
    str, matching(r"[a-z0-9]+(?:[._/-]+[a-z0-9]+)*", "a package's name, lower case and without its owner")
]
Platform = Annotated[
    str, matching(r"[a-z0-9]+/[a-z0-9]+(?:/[a-z0-9.]+)?", "a platform such as linux/amd64 or linux/arm/v7")
]
Url = Annotated[str, AfterValidator(_url)]
InsidePath = Annotated[str, Field(min_length=1), AfterValidator(_inside)]
Text = Annotated[str, Field(min_length=1)]
PlacePath = Annotated[str, AfterValidator(_path)]
Annotation = Annotated[str, matching(r'[^"\s]+', "an annotation's key")]
Phase = Literal["prepare", "cutover", "seal"]
Delivery = Literal["own", "patch", "render"]
LabelKey = Annotated[
    str,
    matching(rf"(?:{_SUBDOMAIN.pattern}/)?{_LABELLED}", "the key of a label or annotation, such as example.org/team"),
]
LabelValue = Annotated[
    str, matching(rf"(?:{_LABELLED})?", "a label's value: letters, digits, '-', '_' and '.', at most 63")
]
Account = Annotated[str, matching(rf"\*|{_SUBDOMAIN.pattern}", "a ServiceAccount's name, or * for all")]
ServerUrl = Annotated[str, AfterValidator(_server)]
Slug = Annotated[str, matching(r"[\w.-]+/[\w.-]+", "a GitHub repository such as acme/deploy")]
Branch = Annotated[str, matching(r"(?!/)[\w./-]+(?<!/)", "a branch's name")]

Pull = Annotated[
    Annotated[Name, Tag("[name]")] | Annotated[dict[Host, Name], Tag("[registries]")],
    Discriminator(lambda value: "[registries]" if isinstance(value, dict) else "[name]"),
]
"""A credential by name, for the registry that images move to; or one for each registry host."""


class ExclusionSettings(Model):
    """Images that stay, and why."""

    match: Text
    reason: Text

    def build(self, aliases: Aliases = NO_ALIASES) -> Exclusion:
        """Return the exclusion.

        Raises:
            MappingError: its pattern does not parse.
        """
        return Exclusion(Pattern.parse(self.match, aliases), self.reason)
