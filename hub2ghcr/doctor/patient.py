"""What is examined: one stack as far as it can be read, the values of its credentials, and what opens registries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime

from .. import access
from ..credentials import Credential
from ..permissions import Need
from ..plan import Plan
from ..reference import Reference
from ..registry import Registry
from ..settings import Settings
from .uses import Use


@dataclass(frozen=True, slots=True)
class Patient:
    """One stack.

    Attributes:
        settings: the stack's.
        plan: None where it cannot be planned; then what it needs is not known.
        environ: with the values of all credentials that are known.
        needs: what each credential must be allowed to do.
        uses: the repositories that each opens.
        reader: opens a registry as somebody, or nobody.
        opened: what is closed at the end.
        now: the moment of asking.
        told: hears of long waits.
    """

    settings: Settings
    plan: Plan | None
    environ: Mapping[str, str]
    needs: tuple[Need, ...]
    uses: Mapping[Use, frozenset[str]]
    reader: Callable[[str, Credential | None], Registry]
    opened: ExitStack
    now: datetime
    told: Callable[[str], object]

    def registry(self, use: Use, credential: Credential | None) -> Registry:
        """Return a registry as a credential is answered there."""
        if credential is None or not use.push:
            return self.reader(use.host, credential)
        return self.opened.enter_context(access.pusher(self.settings, use.host, credential)).at(use.host)

    def wanted(self, credential: str) -> tuple[Need, ...]:
        """Return what one credential needs."""
        return tuple(each for each in self.needs if each.credential == credential)

    @property
    def owners(self) -> tuple[str, ...]:
        """Whose packages images move to, and whose packages the settings name, in lower case."""
        targets = [Reference.parse(each.target).repository for each in self.plan.copies] if self.plan else []
        named = [self.settings.github.owner] if self.settings.github else []
        return tuple(sorted({each.partition("/")[0].lower() for each in (*targets, *named)}))
