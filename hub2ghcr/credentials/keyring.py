"""What a kubelet reads of a pull Secret, and which of its entries it takes for an image.

Source: ``pkg/credentialprovider`` of Kubernetes 1.34 (``config.go``, ``keyring.go``). It is not what Docker does:

- ``auth`` wins over ``username`` and ``password``. Identity tokens, registry tokens and helpers are not read.
- One malformed entry makes the whole Secret unreadable, and with it every pull of the Pods that name it.
- A key is a host with or without port, scheme and path, and ``*`` inside a label of the host matches within that label.
  ``/v1/`` and ``/v2/`` at the start of its path mean nothing; any other path is the beginning of a repository's.
- All entries that match are tried, those whose key sorts last first. ``index.docker.io``, Docker's own key for Docker
  Hub, is asked only where no other key matched an image of Docker Hub; the kubelet calls such images ``docker.io/…``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote

from ..errors import CredentialError
from ..reference import HUB
from .docker_config import split_auth

_INDEX: Final = "index.docker.io"
_HOST = re.compile(r"[^\x00-\x20\x7f/?#@:%\[\]\\^`{|}]*(?::\d*)?|\[[0-9A-Fa-f:.]+\](?::\d*)?")
_ENTRY: Final = ("username", "password", "email", "auth")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as the kubelet reads it; ``repr`` shows the user name alone. Both may be empty: nobody is named."""

    username: str
    secret: str = field(repr=False)
    email: str = field(default="", repr=False)


def entries(text: str, place: str, *, old: bool = False) -> dict[str, Entry]:
    """Return the entries of a ``.dockerconfigjson`` (``old``: of a ``.dockercfg``), by key as it is written.

    Raises:
        CredentialError: the kubelet could not read it. No value is shown.
    """
    try:
        found = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        if not text.strip():
            raise CredentialError("is empty", place, remedy="write it anew: `hub2ghcr secret make`") from None
        where = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "text"
        raise CredentialError(f"is not JSON ({where})", place) from None
    if not isinstance(found, dict):
        raise CredentialError("must be a JSON object", place)
    config = found if old else _folded(found, ("auths", "httpheaders"))
    if not old:
        _strings(_object(config.get("httpheaders"), f"{place}: HttpHeaders"), f"{place}: HttpHeaders")
        config = _object(config.get("auths"), f"{place}: auths")
    return {key: _entry(entry, f"{place}: {key}" if old else f"{place}: auths[{key}]") for key, entry in config.items()}


def location(key: str) -> str | None:
    """Return the host, and path, that the kubelet makes of a key; None for a key that it ignores.

    >>> location("https://index.docker.io/v1/"), location("ghcr.io/acme"), location("ghcr.io:x")
    ('index.docker.io', 'ghcr.io/acme', None)
    """
    rest = key.split("://", 1)[1] if key.startswith(("https://", "http://")) else key
    authority, slash, path = re.split(r"[?#]", rest, maxsplit=1)[0].partition("/")
    host = authority.rpartition("@")[2]
    if not _HOST.fullmatch(host) or re.search(r"%(?![0-9A-Fa-f]{2})|[\x00-\x1f\x7f]", path):
        return None
    path = unquote(slash + path)
    if path.startswith(("/v1/", "/v2/")):
        path = path[3:]
    return host + (path if path != "/" else "")


def lookup(keys: Iterable[str], repository: str) -> tuple[str, ...]:
    """Return the keys whose entries the kubelet tries for a repository (``docker.io/library/nginx``), in its order."""
    found: dict[str, list[str]] = {}
    for key in sorted(keys):
        if (at := location(key)) is not None:
            found.setdefault(at, []).append(key)
    matching = [at for at in sorted(found, reverse=True) if _matches(at, repository)]
    if not matching and repository.startswith(f"{HUB}/") and _INDEX in found:
        matching = [_INDEX]
    return tuple(key for at in matching for key in found[at])


def _matches(at: str, repository: str) -> bool:
    host, _, path = at.partition("/")
    image_host, _, image_path = repository.partition("/")
    labels, port = _split(host)
    image_labels, image_port = _split(image_host)
    return (
        (port, len(labels)) == (image_port, len(image_labels))
        and f"/{image_path}".startswith(f"/{path}" if path or at.endswith("/") else "")
        and all(_glob(label).fullmatch(image) for label, image in zip(labels, image_labels, strict=True))
    )


def _glob(label: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, label.split("*"))), re.DOTALL)


def _split(host: str) -> tuple[list[str], str]:
    name, colon, port = host.rpartition(":")
    if not colon or "]" in port:
        return host.split("."), ""
    return name.removeprefix("[").removesuffix("]").split("."), port


def _entry(entry: Any, place: str) -> Entry:
    values = _folded(_object(entry, place), _ENTRY)
    _strings(values, place)
    username, secret, email, auth = (values.get(name) or "" for name in _ENTRY)
    if auth:
        try:
            username, secret = split_auth(auth, errors="replace")
        except ValueError as error:
            raise CredentialError(str(error), place, remedy="the kubelet then reads nothing of the Secret") from None
    return Entry(username, secret, email)


def _folded(found: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Return the fields of these names: Go reads them in upper and lower case."""
    return {key.lower(): value for key, value in found.items() if key.lower() in names}


def _object(value: Any, place: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise CredentialError("must be an object", place)
    return value


def _strings(values: Mapping[str, Any], place: str) -> None:
    for name, value in values.items():
        if value is not None and not isinstance(value, str):
            raise CredentialError(f"{name} must be a string", place)


def _no_constant(_: str) -> None:
    raise ValueError("NaN and Infinity are no JSON")
