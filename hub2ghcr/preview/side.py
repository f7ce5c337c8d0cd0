"""One side of a comparison: the stacks in a project's folder, as they are planned."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path

from .. import documents, rendering
from ..errors import Hub2GhcrError
from ..lock import Lock
from ..plan import Plan, of_stack, require_buildable, require_built
from ..settings import file_of, stacks
from .thing import Thing


class Side:
    """The stacks of a project's folder.

    Args:
        root: the folder.
        environ: what ``${NAME}`` is read from (default: the process's environment).
    """

    def __init__(self, root: Path, environ: Mapping[str, str] | None = None) -> None:
        self.root = root
        self._environ = environ
        self._read_lock = cache(Lock.load)

    @property
    def stacks(self) -> tuple[str, ...]:
        """The names of its stacks, sorted."""
        return stacks(self.root)

    def plan(self, stack: str) -> Plan:
        """Return what a stack will do, with all that `hub2ghcr plan` looks at.

        Raises:
            NoSuchStack: with the stacks there are.
            Problems: everything that is wrong with it.
        """
        found = of_stack(stack, self.root, self._read_lock, self._environ)
        planned = rendering.checked(found.plan, found.survey.sites, self.root)
        require_built(planned, self.root)
        require_buildable(planned, self.root)
        return planned

    def values(self, stack: str) -> tuple[Thing, ...]:
        """Return the encrypted values of a stack's file, so that a new one is seen though no plan has any.

        A value that is encrypted anew without being another one looks like a new one, too: who cannot decrypt it cannot
        tell. None where the file cannot be read: its plan says why.
        """
        try:
            place = file_of(stack, self.root)
            found = documents.read(self.root / place, place)
        except Hub2GhcrError:
            return ()
        config = found[0].get("config") if len(found) == 1 and isinstance(found[0], dict) else None
        if not isinstance(config, dict):
            return ()
        return tuple(
            Thing("secret value", str(key), {}, {"encrypted anew": sha256(str(value["secure"]).encode()).digest()})
            for key, value in config.items()
            if isinstance(value, dict) and set(value) == {"secure"}
        )
