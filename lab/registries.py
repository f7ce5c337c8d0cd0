"""The lab's two registries: one plays Docker Hub (and quay.io), one GHCR.

Each is the real registry (distribution v3) behind a front that adds what is special to the place it plays; see
``lab/front``. What tests may tell a front stands in ``lab.registry_admin``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from lab import processes, registry_config
from lab.front_program import front
from lab.ports import port
from lab.processes import Daemon
from lab.registry_config import PLACES, Place
from lab.toolchain import Toolchain, go


def up(state: Path, toolchain: Toolchain) -> None:
    """Start both registries; what already runs is left alone. Raises ``LabError`` when one does not start."""
    program = front(go.find())
    for place in PLACES:
        files = registry_config.write(state, place)
        back = port(state, f"{place}-registry")
        processes.start(
            state,
            Daemon(
                f"{place}-registry",
                (str(toolchain.program("registry")), "serve", str(files.registry)),
                lambda back=back: _answers(f"http://127.0.0.1:{back}/v2/", 401),  # type: ignore[misc]
                # The registry would else look for a telemetry collector on this machine.
                env={"OTEL_TRACES_EXPORTER": "none"},
                ports=(back,),
            ),
        )
        url = endpoints(state)[place]
        processes.start(
            state,
            Daemon(
                place,
                (str(program), str(files.front)),
                lambda url=url: _answers(f"{url}/_lab/health", 200),  # type: ignore[misc]
                ports=(port(state, place),),
            ),
        )


def down(state: Path) -> None:
    """End both registries. What was pushed stays in the state folder."""
    for place in PLACES:
        processes.stop(state, place)
        processes.stop(state, f"{place}-registry")


@contextmanager
def unplugged(state: Path, place: Place, toolchain: Toolchain) -> Iterator[None]:
    """While this lasts nothing listens where the registry was: connections are refused, as in an outage."""
    processes.stop(state, place)
    try:
        yield
    finally:
        up(state, toolchain)


def endpoints(state: Path) -> dict[Place, str]:
    """The URL of each registry, by the place it plays."""
    return {place: f"http://127.0.0.1:{port(state, place)}" for place in PLACES}


def _answers(url: str, status: int) -> str | None:
    try:
        found = httpx.get(url, timeout=2, trust_env=False, verify=False).status_code
    except httpx.HTTPError as error:
        return f"{url}: {error}"
    return None if found == status else f"{url}: HTTP {found} instead of {status}"
