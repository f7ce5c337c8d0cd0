"""The ``pulumi`` of PATH as the Automation API runs it, changed where a migration needs it otherwise."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Final

from pulumi import automation
from pulumi.automation import CommandResult, LocalWorkspace, PulumiCommand, UpdateSummary
from pulumi.automation._stack import StackInitMode
from pulumi.automation.errors import InvalidVersionError, create_command_error

from ..errors import EngineError

if TYPE_CHECKING:
    from semver import VersionInfo  # comes with pulumi

REMEDY = "install it, at the version that requirements.txt names: https://www.pulumi.com/docs/install/"
SILENCE: Final = 5.0
"""Seconds without a line after which one that has ended is taken to have said all."""


class Command(PulumiCommand):
    """Runs in a session of its own, so that a Ctrl-C reaches it through us alone, and once.

    Args:
        checked: its version, where somebody has asked for it and found it new enough; None: it is asked.

    Raises:
        EngineError: there is no ``pulumi``, or it is too old.
    """

    def __init__(self, checked: VersionInfo | None = None) -> None:
        self._running: subprocess.Popen[str] | None = None
        if checked is not None:
            self.command, self.version = "pulumi", checked
            return
        try:
            super().__init__()
        except (OSError, subprocess.CalledProcessError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise EngineError("pulumi cannot be run", "PATH", reason, REMEDY) from None
        except InvalidVersionError as error:
            raise EngineError(str(error), "pulumi", remedy=REMEDY) from None

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: Callable[[str], object] | None = None,
        on_error: Callable[[str], object] | None = None,
    ) -> CommandResult:
        """Run one command to its end; its result has what it wrote.

        Raises:
            CommandError: it failed.
        """
        env = {**os.environ, **additional_env, "PULUMI_AUTOMATION_API": "true"}
        process = subprocess.Popen(
            [self.command, "--non-interactive", *args],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env=env,
            encoding="utf-8",
            start_new_session=True,
        )
        self._running = process
        output, errors = _Lines(process.stdout, on_output), _Lines(process.stderr, on_error)
        code = process.wait()
        self._running = None
        result = CommandResult(stdout=output.text(), stderr=errors.text(), code=code)
        if code:
            raise create_command_error(result)
        return result

    def interrupt(self) -> None:
        """Have what runs end in order; a second time at once, with whatever it was doing left in its state."""
        process = self._running
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGINT)


class _Lines:
    """The lines of a stream, read while its process runs."""

    def __init__(self, stream: IO[str] | None, told: Callable[[str], object] | None) -> None:
        assert stream is not None
        self._lines: list[str] = []
        self._thread = threading.Thread(target=self._read, args=(stream, told), daemon=True)
        self._thread.start()

    def _read(self, stream: IO[str], told: Callable[[str], object] | None) -> None:
        with stream:  # whoever else closed it would cut off what is not read yet
            for line in stream:
                self._lines.append(line.rstrip())
                if told is not None:
                    told(line.rstrip())

    def text(self) -> str:
        """Return all of them, once the process has ended."""
        heard = -1
        # a plugin that outlives the engine keeps the pipe open: what it would still say is nobody's
        while self._thread.is_alive() and heard < len(self._lines):
            heard = len(self._lines)
            self._thread.join(SILENCE)
        return "\n".join(self._lines)


class Workspace(LocalWorkspace):
    """The project's folder. Stacks are named in each call: the one that a person selected stays selected."""

    def select_stack(self, stack_name: str) -> None:
        """Select nothing."""

    def stack_outputs(self, stack_name: str) -> dict[str, object]:  # type: ignore[override]
        """Read nothing: it would ask for secrets in plain."""
        return {}


class Stack(automation.Stack):
    """A stack whose runs end with the engine: what its history has of them is not asked for, since nobody reads it."""

    def __init__(self, name: str, workspace: Workspace) -> None:
        super().__init__(name, workspace, StackInitMode.SELECT)

    def info(self, show_secrets: bool = True) -> UpdateSummary:
        """Return what says nothing."""
        return UpdateSummary("", datetime.fromtimestamp(0, UTC), "", {}, {}, "")
