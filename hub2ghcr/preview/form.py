"""The JSON of a preview as types: unknown keys, converted values, unseen characters and excess are refused."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from .nouns import Change, Copied, ImageMove, Mode, Preview, StackPreview
from .tidy import LONGEST

VERSION: Final = 1
"""The form's version; another one is refused."""
MOST: Final = 20_000
"""Items of one list."""


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("has characters that cannot be seen")
    return text


_Text = Annotated[str, StringConstraints(max_length=LONGEST), AfterValidator(_printable)]
_Count = Annotated[int, Field(ge=0, le=2**62)]
_Texts = Annotated[list[_Text], Field(max_length=MOST)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Image(_Strict):
    cluster: _Text
    namespace: _Text
    workload: _Text
    field: _Text
    before: _Text
    after: _Text


class _Copy(_Strict):
    source: _Text
    target: _Text
    digest: _Text
    size: _Count
    manifests: _Count
    required: bool


class _Change(_Strict):
    kind: _Text
    name: _Text
    action: Literal["added", "changed", "removed"]
    detail: _Text


class _Step(_Strict):
    urn: Annotated[_Text, StringConstraints(pattern=r"^urn:[^:]+:[^:]+::[^:]+::.+::.+$")]
    operation: _Text
    paths: _Texts
    unsure: _Text


_Changes = Annotated[list[_Change], Field(max_length=MOST)]


class _Stack(_Strict):
    stack: _Text
    mode: Mode
    why: _Text
    bytes: _Count
    pulls: _Count
    images: Annotated[list[_Image], Field(max_length=MOST)]
    copies: Annotated[list[_Copy], Field(max_length=MOST)]
    secrets: _Changes
    workloads: _Changes
    github: _Changes
    warnings: _Texts
    knownWarnings: _Texts
    problems: _Texts
    steps: Annotated[list[_Step], Field(max_length=MOST)]

    def noun(self) -> StackPreview:
        """Return what it says."""
        return StackPreview(
            self.stack,
            self.mode,
            self.why,
            tuple(ImageMove(**each.model_dump()) for each in self.images),
            tuple(Copied(**each.model_dump()) for each in self.copies),
            _changes(self.secrets),
            _changes(self.workloads),
            _changes(self.github),
            tuple(self.warnings),
            tuple(self.knownWarnings),
            tuple(self.problems),
            tuple(_step(each) for each in self.steps),
        )


def _changes(forms: list[_Change]) -> tuple[Change, ...]:
    return tuple(Change(**each.model_dump()) for each in forms)


def _step(form: _Step) -> Any:
    from ..engine.foreseen import EngineStep  # loads Pulumi

    return EngineStep(form.urn, form.operation, tuple(form.paths), form.unsure)


class Form(_Strict):
    """All of a preview."""

    version: Literal[1]
    base: _Text
    head: _Text
    bytes: _Count
    pulls: _Count
    stacks: Annotated[list[_Stack], Field(max_length=MOST)]

    def noun(self) -> Preview:
        """Return what it says."""
        return Preview(self.base, self.head, tuple(each.noun() for each in self.stacks))
