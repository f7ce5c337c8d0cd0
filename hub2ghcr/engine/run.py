"""One stack of the engine: runs of it, and its state."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pulumi.automation import CommandError
from pulumi.automation.events import EngineEvent

from ..errors import EngineError
from . import events
from .command import Command, Stack, Workspace
from .events import Said, Step
from .explaining import explained, plain
from .options import RunOptions
from .state import State, with_created

if TYPE_CHECKING:
    from semver import VersionInfo  # comes with pulumi

Told = Callable[[Step | Said], object]
"""Whoever wants to know what a run does, from any thread."""

Heard = Callable[[EngineEvent], object]
"""Whoever wants every event of the engine as it is (`foreseen.done`), from any thread. Secrets are hidden in them."""

INTERRUPTED: Final = ("the run was interrupted",)
KILLED: Final = "the engine was killed"
"""How the problem begins of a run whose engine a signal ended: it left its lock, and what it had begun."""


class Failed(EngineError):
    """A run failed: ``problems`` has one line for each reason."""

    def __init__(self, problems: Iterable[str], path: str = "", value: str = "", remedy: str = "") -> None:
        self.problems = (problems,) if isinstance(problems, str) else tuple(problems)
        super().__init__("; ".join(self.problems), path, value, remedy)

    @property
    def lines(self) -> tuple[str, ...]:
        """One line for each problem."""
        return self.problems


class Run:
    """One stack of the project in ``root``; one thing at a time.

    Args:
        stack: its name.
        root: the project's folder.
        checked: the engine's `version`, where another of this class has asked for it already.

    Raises:
        EngineError: there is no ``pulumi``, or it is too old.
    """

    def __init__(self, stack: str, root: Path, checked: VersionInfo | None = None) -> None:
        self.stack = stack
        self._root = root
        self._command = Command(checked)
        self._interrupts = 0

    @property
    def version(self) -> VersionInfo | None:
        """The engine's version; None where it tells none that could be read."""
        return self._command.version

    def preview(self, options: RunOptions, told: Told, heard: Heard = lambda _: None) -> None:
        """Show what `up` would do, and change nothing; no lock is taken.

        Raises:
            Failed: with one line for each reason.
        """

        def run(stack: Stack, hear: Heard) -> object:
            return stack.preview(on_event=hear, suppress_outputs=True, target=list(options.only) or None)

        self._watched(run, options, told, heard)

    def up(self, options: RunOptions, told: Told, heard: Heard = lambda _: None) -> None:
        """Apply the stack as its files say, without a preview before.

        Raises:
            Failed: with one line for each reason.
        """

        def run(stack: Stack, hear: Heard) -> object:
            return stack.up(
                on_event=hear,
                show_secrets=False,
                suppress_outputs=True,
                continue_on_error=options.continue_on_error or None,
                target=list(options.only) or None,
            )

        self._watched(run, options, told, heard)

    def refresh(self, options: RunOptions, told: Told) -> None:
        """Read reality into the state; what a killed run left pending is ended by it.

        Raises:
            Failed: with one line for each reason.
        """

        def run(stack: Stack, hear: Heard) -> object:
            return stack.refresh(on_event=hear, show_secrets=False, suppress_outputs=True, clear_pending_creates=True)

        self._watched(run, options, told)

    def adopt(self, created: Mapping[str, str]) -> None:
        """Take into the state what a killed run had created; a refresh has to follow.

        ``pulumi refresh --import-pending-creates`` only forgets it (v3.256: a state without it is what comes out).

        Args:
            created: the id of each, by URN.

        Raises:
            Failed: the engine refuses the state.
        """
        exported = json.loads(self._called("stack", "export"))
        exported["deployment"] = with_created(exported["deployment"], created)
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:  # mode 0600; secrets in it are encrypted
            json.dump(exported, file)
            file.flush()
            self._called("stack", "import", "--file", file.name)

    def state(self) -> State:
        """Return the stack's state.

        Raises:
            Failed: the engine does not give it.
        """
        return State.of(json.loads(self._called("stack", "export")).get("deployment") or {})

    def backend(self) -> str:
        """Return the URL of where the engine keeps its state (``file:///…``, ``s3://…``)."""
        return str(json.loads(self._called("whoami", "--json", stack=False)).get("url", ""))

    def unlock(self) -> None:
        """Take every lock off the stack: whoever calls it has proven that nobody holds one.

        Raises:
            Failed: the engine refuses.
        """
        self._called("cancel", "--yes")

    def interrupt(self) -> None:
        """Have a run end in order; a second time at once. One that is about to begin does not."""
        self._interrupts += 1
        self._command.interrupt()

    def _called(self, *arguments: str, stack: bool = True) -> str:
        named = ["--stack", self.stack] if stack else []
        try:
            return str(self._command.run([*arguments, *named], str(self._root), {}).stdout)
        except CommandError as error:
            raise Failed(plain(self.stack, stderr(error)) or ("the engine failed",)) from None

    def _watched(
        self,
        run: Callable[[Stack, Heard], object],
        options: RunOptions,
        told: Told,
        heard: Heard = lambda _: None,
    ) -> None:
        said: list[Said] = []

        def hear(event: EngineEvent) -> None:
            heard(event)
            found = events.read(event)
            if isinstance(found, Said):
                said.append(found)
            if found is not None:
                told(found)

        workspace = Workspace(str(self._root), env_vars=dict(options.environment), pulumi_command=self._command)
        try:
            if self._interrupts:
                raise Failed(INTERRUPTED)
            run(Stack(self.stack, workspace), hear)
        except CommandError as error:
            problems = explained(self.stack, said) or plain(self.stack, stderr(error))
            # Popen's way to say that a signal ended it; a second interrupt has it leave what it was doing
            if str(error).startswith("\n code: -") or self._interrupts > 1:
                problems = (f"{KILLED}; run `hub2ghcr recover -s {self.stack}`", *problems)
            raise Failed(problems or INTERRUPTED) from None
        finally:
            self._interrupts = 0  # what brings a stack back after it is a run of its own


def stderr(error: CommandError) -> str:
    """Return what the engine wrote to standard error, as its exception tells."""
    return str(error).partition("\n stderr: ")[2]
