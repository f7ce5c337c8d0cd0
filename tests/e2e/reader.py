"""A reader at a shell: types a page's lines one by one, and goes on in the folder and with the variables they leave."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.docs.commands import Line

_GOES_ON = 'code=$?; pwd > "$READER_NOTES/pwd"; env -0 > "$READER_NOTES/env"; exit $code'
_HOME = {"GIT_AUTHOR_NAME": "Ann", "GIT_AUTHOR_EMAIL": "ann@example.com", "GIT_CONFIG_GLOBAL": os.devnull}
_GIT = {**_HOME, "GIT_COMMITTER_NAME": "Ann", "GIT_COMMITTER_EMAIL": "ann@example.com"}


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a line: its exit code, and what it printed on both of its outputs."""

    code: int
    text: str


@dataclass
class Reader:
    """Begins in ``folder`` with ``env``, and says yes to what is asked; ``notes`` is a folder of its own.

    ``begun`` are the variables that a new shell would have.
    """

    folder: Path
    env: Mapping[str, str]
    notes: Path
    begun: Mapping[str, str] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.notes.mkdir(parents=True, exist_ok=True)
        self.env = {**self.env, **_GIT, "READER_NOTES": str(self.notes), "PULUMI_SKIP_CONFIRMATIONS": "true"}
        self.begun = dict(self.env)

    def type(self, text: str, *, timeout: float = 300.0) -> Done:
        """Run one line; what it prints goes to no terminal."""
        keyboard, terminal = os.openpty()
        try:
            os.write(keyboard, b"y\ny\n")
            done = subprocess.run(
                ["bash", "-o", "pipefail", "-c", f"{text}\n{_GOES_ON}"],
                cwd=self.folder,
                env=dict(self.env),
                stdin=terminal,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=timeout,
                check=False,
            )
        finally:
            os.close(keyboard)
            os.close(terminal)
        self.folder = Path((self.notes / "pwd").read_text().rstrip("\n"))
        pairs = (pair.partition("=") for pair in (self.notes / "env").read_text().split("\0") if pair)
        self.env = {name: value for name, _, value in pairs if name not in ("_", "SHLVL")}
        return Done(done.returncode, done.stdout)


def unlike(line: Line, done: Done) -> tuple[str, ...]:
    """Return what the page shows below a line and that did not come; ``…`` on the page stands for anything."""
    came = [" ".join(each.split()) for each in done.text.splitlines()]
    shown = [" ".join(each.split()) for each in line.printed if each and each != "…"]
    return tuple(each for each in shown if not any(_pattern(each).fullmatch(other) for other in came))


def _pattern(shown: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part.strip()) + r"\s*" for part in shown.split("…")))
