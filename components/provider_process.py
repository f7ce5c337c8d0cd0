"""What our dynamic providers share: each runs in one process of the engine, which serves four calls at a time.

A provider is named in the state by its module and class alone, so the classes hold no values: what they need of the
stack's configuration they read when they run, and only then, so that deleting never asks for it (docs/adr/0002).
"""

import json
import logging
import os
import stat
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pulumi.dynamic import CheckFailure, ConfigureRequest, ResourceProvider

from hub2ghcr.errors import Hub2GhcrError

from .secret_value import NAMESPACE

REFERENCE = "__provider"
"""The property in which the engine keeps a provider's module and class."""


class ReferencedProvider(ResourceProvider):
    """A dynamic provider whose whole state is its name."""

    serialize_as_secret_always = False  # a module's name is no secret; what is encrypted in a state should be one

    def configure(self, req: ConfigureRequest) -> None:
        """Keep the stack's configuration for this process; nothing of it is written to a state by us."""
        # grpc would print a traceback above each of our one-line errors
        logging.getLogger("grpc._server").disabled = True
        know(req.config._props)
        _end_with_the_engine()


def end_with(pipe: int) -> None:
    """End this process, whatever it does, as soon as nobody holds the other end of a pipe.

    An engine ends its providers when it ends. One that is killed does not: the SDK would wait for its next call for
    ever, and what was begun go on writing to clusters. A provider's input is a pipe that its engine alone holds.
    """

    def wait() -> None:
        while os.read(pipe, 1024):
            pass
        os._exit(1)  # in order it would end when all that it does has ended

    threading.Thread(target=wait, name="engine", daemon=True).start()


def _end_with_the_engine() -> None:
    global _ends
    program = getattr(sys.modules["__main__"].__spec__, "name", "")
    if not _ends and program == "pulumi.dynamic.__main__" and _is_pipe(0):
        _ends = True
        end_with(0)


def _is_pipe(file: int) -> bool:
    return stat.S_ISFIFO(os.fstat(file).st_mode)


def know(configuration: Mapping[str, Any]) -> None:
    """Keep the stack's configuration for this process; a preview's program does so, too."""
    global _configuration, _sections
    _configuration = {key: value for key, value in configuration.items() if key.startswith(f"{NAMESPACE}:")}
    _sections = None


def configuration() -> Mapping[str, Any]:
    """Return the configuration of the stack's own file, secrets in plain, by full key (``hub2ghcr:ghcrPushToken``)."""
    return _configuration


def section(name: str) -> Any:
    """Return one structured value of the configuration (``credentials``), None when the stack has none.

    The engine knows the stack's own file alone: its base files are read here, once, and only where something is asked.

    Raises:
        Problems: a base file cannot be read.
    """
    value = _over_bases().get(name) if _BASES & _configuration.keys() else _configuration.get(f"{NAMESPACE}:{name}")
    return json.loads(value) if isinstance(value, str) else value


def _over_bases() -> Mapping[str, Any]:
    global _sections
    with _lock:
        if _sections is None:
            from hub2ghcr.settings import over_bases

            _sections = over_bases(_configuration, "the stack's configuration", Path.cwd())
        return _sections


def failures(error: Hub2GhcrError) -> list[CheckFailure]:
    """Return one check failure for each line of an error; they name no property, so that its value is not printed."""
    return [CheckFailure("", line) for line in error.lines]


def reference_moved(olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    """Whether the provider's module has another name than in the state, as from a checkout to the wheel."""
    return bool(olds.get(REFERENCE) != news.get(REFERENCE))


_BASES = {f"{NAMESPACE}:extends", f"{NAMESPACE}:clusterDefaults"}
"""The keys without which the stack's own file is all there is."""
_lock = threading.Lock()
_configuration: Mapping[str, Any] = {}
_sections: Mapping[str, Any] | None = None
_ends = False
