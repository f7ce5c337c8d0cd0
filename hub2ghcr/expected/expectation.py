"""What a run expects of one object of a cluster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

State = Literal["there", "absent", "adopted", "patched", "recreated", "fixed", "remade", "copied"]
"""How it should be.

``there``, whoever manages it; ``absent``, or the stack's own already; there, to be ``adopted`` or ``patched``; there or
not, to be ``recreated``; ``fixed``: absent, or the stack's own and as it should be, since it cannot be changed;
``remade``: the same, unless it was made by a run that could delete it.
``copied``: Rancher makes it, from the Secret of a project; `hub2ghcr.platforms.rancher.proof` looks at what is there.
"""


@dataclass(frozen=True, slots=True)
class Expectation:
    """One object, and what to do (``remedy``) where it is not as expected.

    Of what is ``patched``, ``recreated``, ``fixed`` or ``adopted``, ``document`` holds the images that it should run on
    by container; ``was`` what it runs on until then: image text of the document -> texts that its manifest has for it.
    ``switched`` is whether the document has the new images.

    Of what is ``there``, ``labels`` are those that it must still have.
    """

    api_version: str
    kind: str
    namespace: str
    name: str
    state: State
    remedy: str = ""
    document: Mapping[str, Any] | None = None
    was: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    switched: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What it is called in a cluster."""
        return self.api_version, self.kind, self.namespace, self.name

    @property
    def place(self) -> str:
        """How an error names it."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"
