"""What tests and the rest of the lab tell a running registry: faults, limits, visibility; and what they read of it.

Every function takes the lab's state folder and the place (``hub`` or ``ghcr``), speaks to the front's ``/_lab/`` paths,
and raises ``LabError`` when that registry does not answer or refuses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import httpx

from lab import registry_config
from lab.errors import LabError
from lab.ports import port
from lab.registry_config import Place

ODD_RETRY_AFTER = "880µs, allowed: 44000/minute"
"""What GHCR has been seen to say as ``retry-after``: no number of seconds, and no date either."""


HABITS = ("mount", "referrers", "token_seconds")
"""Rules that may be changed while a registry runs."""


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong with the next ``count`` requests (-1: with all) that match.

    ``path`` is a regular expression searched in the URL's path, ``method`` empty for any. Downloads from GHCR end at
    another host, whose paths begin with ``/storage/``. Kinds:

    - ``status`` answers with ``status``, ``headers`` and ``body``
    - ``slow`` waits ``seconds`` first
    - ``expired`` answers as to an expired token, once ``bytes`` of the request's body have come
    - ``drop`` ends the connection once ``bytes`` of the request's body have come
    - ``cut`` ends the connection after ``bytes`` of the answer's body
    - ``short`` ends the answer's body after ``bytes``, as if that were all
    - ``corrupt`` changes the byte that comes after ``bytes`` of the answer's body
    - ``trickle`` gives the answer's body ``bytes`` at a time, with ``seconds`` before each
    """

    kind: Literal["status", "slow", "expired", "drop", "cut", "short", "corrupt", "trickle"]
    path: str = "^/v2/"
    method: str = ""
    count: int = 1
    status: int = 503
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    bytes: int = 0
    seconds: float = 0.0


def inject(state: Path, place: Place, fault: Fault) -> None:
    """Let something go wrong, after the faults that are already waiting."""
    _ask(state, place, "POST", "faults", json=asdict(fault))


def faults(state: Path, place: Place) -> list[dict[str, Any]]:
    """The faults that have not happened yet, with the counts that are left."""
    found: list[dict[str, Any]] = _ask(state, place, "GET", "faults").json()
    return found


def clear_faults(state: Path, place: Place) -> None:
    """Drop all faults that have not happened yet."""
    _ask(state, place, "DELETE", "faults")


def counters(state: Path, place: Place) -> dict[str, int]:
    """Requests since the start or the last reset, by kind.

    Kinds are ``token`` and, each followed by ``_`` and the method in lower case: ``manifest``, ``blob``, ``upload``,
    ``tags``, ``referrers``, ``catalog``, ``ping``, ``storage`` (downloads at the other host), ``other``; besides
    ``fault`` and ``pull_limited``. What never happened is absent.
    """
    found: dict[str, int] = _ask(state, place, "GET", "counters").json()
    return dict(sorted(found.items()))


def transfers(state: Path, place: Place) -> dict[tuple[str, str, str], int]:
    """How often each thing moved, whole or not, since the start or the last reset: kind, repository, reference → times.

    Kinds are ``blob_get``, ``manifest_get``, ``manifest_put``, ``upload`` (a blob that was committed) and ``mount``. A
    blob's reference is its digest. What was refused did not move.
    """
    found: dict[str, int] = _ask(state, place, "GET", "transfers").json()
    rows = {tuple(name.split(" ")): times for name, times in found.items()}
    return {(kind, repository, reference): times for (kind, repository, reference), times in sorted(rows.items())}


def reset_counters(state: Path, place: Place) -> None:
    """Count from zero again, requests and transfers."""
    _ask(state, place, "DELETE", "counters")


def visibility(state: Path, place: Place) -> dict[str, str]:
    """Repository → ``public`` or ``private``, of those that were pushed or set."""
    found: dict[str, str] = _ask(state, place, "GET", "visibility").json()
    return dict(sorted(found.items()))


def set_visibility(state: Path, place: Place, repository: str, wanted: Literal["public", "private", ""]) -> None:
    """Make a repository public or private; an empty string forgets it, as the deletion of its package does."""
    _ask(state, place, "PUT", "visibility", json={"repository": repository, "visibility": wanted})


def set_limit(state: Path, place: Place, *, anonymous: int = 0, account: int = 0, window: int = 0) -> None:
    """Forget the pulls so far and change the limits: pulls per ``window`` seconds, 0 as before, -1 for none at all."""
    _ask(state, place, "PUT", "limit", json={"anonymous": anonymous, "account": account, "window": window})


def set_rules(
    state: Path,
    place: Place,
    *,
    token_seconds: int | None = None,
    mount: int | None = None,
    referrers: Literal["none", "empty", "native"] | None = None,
    clock: int | None = None,
) -> None:
    """Change habits; what is None stays as it is.

    Args:
        state: the lab's state folder.
        place: the registry.
        token_seconds: life of new tokens in seconds.
        mount: whether a cross-repository mount works (201) or starts an upload instead (202).
        referrers: the API of attached manifests: not there (404), empty whatever there is, or told as it is.
        clock: seconds by which its clock is ahead, in ``Date`` and in what its tokens say of themselves.
    """
    wanted = {"token_seconds": token_seconds, "mount": mount, "referrers": referrers, "clock": clock}
    _ask(state, place, "PUT", "rules", json={name: value for name, value in wanted.items() if value is not None})


def reset_rules(state: Path, place: Place) -> None:
    """Put every habit back to what the lab starts with."""
    rules = registry_config.rules(place)
    _ask(state, place, "PUT", "rules", json={"clock": 0, **{name: rules[name] for name in HABITS}})


def token(state: Path, place: Place, *repositories: str, subject: str = "lab") -> str:
    """A token that may pull, push and delete in these repositories; events name ``subject`` as the actor."""
    asked = _ask(state, place, "GET", "token", params={"repository": list(repositories), "subject": subject})
    return str(asked.json()["token"])


def delete_manifest(state: Path, place: Place, repository: str, reference: str) -> None:
    """Delete a manifest by digest, or a tag by name, behind the front's back, as GitHub's packages API does."""
    url = f"http://127.0.0.1:{port(state, f'{place}-registry')}/v2/{repository}/manifests/{reference}"
    headers = {"Authorization": f"Bearer {token(state, place, repository)}"}
    found = httpx.delete(url, headers=headers, timeout=10, trust_env=False, verify=False)
    if found.status_code not in (202, 404):
        raise LabError(f"{place}: cannot delete {repository} {reference}: HTTP {found.status_code}")


def _ask(state: Path, place: Place, method: str, path: str, **more: Any) -> httpx.Response:
    url = f"http://127.0.0.1:{port(state, place)}/_lab/{path}"
    try:
        # Nothing here is TLS, and reading the machine's certificates would take longer than the request.
        found = httpx.request(method, url, timeout=10, trust_env=False, verify=False, **more)
    except httpx.HTTPError as error:
        raise LabError(f"{place}: {url}: {error}", remedy="start the lab: python3 -m lab up") from error
    if found.is_error:
        raise LabError(f"{place}: {method} {url}: HTTP {found.status_code}: {found.text.strip()}")
    return found
