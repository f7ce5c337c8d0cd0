"""Docker's ``daemon.json``: registries without TLS, beside whatever else stands there."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterable
from typing import Any, Final

from ...errors import ManifestError

KEY: Final = "insecure-registries"
"""Hosts with their ports, or networks (https://docs.docker.com/reference/cli/dockerd/#insecure-registries)."""

_INDENT = re.compile(r"\n([ \t]+)\S")


def merged(before: str, hosts: Iterable[str], place: str) -> str:
    """Return the file with some registries listed; every other key stays, in its order.

    What Docker takes as insecure already is not listed: the machine itself, and what is in a network that is.

    Args:
        before: the file as it is; empty where there is none.
        hosts: of the registries, ``10.0.0.5:32000``.
        place: names the file in errors.

    Raises:
        ManifestError: it is no JSON object, or the key is no list of texts.
    """
    data = _read(before, place) if before.strip() else {}
    listed = data.get(KEY, [])
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        raise ManifestError(
            "is no list of texts", f"{place}: {KEY}", remedy="correct it: Docker does not start with it"
        )
    missing = [each for each in dict.fromkeys(hosts) if not _covered(each, listed)]
    if not missing:
        return before
    indent = found[1] if (found := _INDENT.search(before)) else "  "
    return json.dumps({**data, KEY: [*listed, *missing]}, indent=indent, ensure_ascii=False) + "\n"


def _covered(host: str, listed: list[str]) -> bool:
    name = host.rpartition(":")[0] if ":" in host else host
    if host in listed or name == "localhost":
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return any(address in network for network in map(_network, [*listed, "127.0.0.0/8"]) if network is not None)


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False) if "/" in text else None
    except ValueError:
        return None


def _read(text: str, place: str) -> dict[str, Any]:
    remedy = "correct it: nothing of it is overwritten"
    try:
        found = json.loads(text, object_pairs_hook=_once)
    except ValueError as error:
        raise ManifestError(f"cannot be merged: {error}", place, remedy=remedy) from None
    if not isinstance(found, dict):
        raise ManifestError("cannot be merged: it is no object", place, remedy=remedy)
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a key that stands twice: one of the two would be lost."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found
