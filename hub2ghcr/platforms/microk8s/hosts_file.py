"""A ``hosts.toml`` by which containerd pulls from a registry without TLS, or without proof of who it is.

Rules (containerd's docs/hosts.md and its ``remotes/docker/config``):

- Of a host's folders (`hub2ghcr.platforms.containerd.certs_d`) MicroK8s has the second, ``HOST:PORT``.
- Hosts are asked in their order, ``server`` last: without one that is ``https://HOST``, whose refusal is then told.
- In a folder with a ``hosts.toml`` certificates are read only where it names them.
"""

from __future__ import annotations

import tomllib
from typing import Any, Final

from ...errors import ManifestError

NAME: Final = "hosts.toml"
NEEDED: Final = ("pull", "resolve")
"""What a host has to be capable of; without a list it is capable of all."""


def merged(before: str, url: str, place: str) -> str:
    """Return a file with which containerd pulls from ``url``; what others wrote stays, in its order and before ours.

    Args:
        before: the file as it is; empty where there is none.
        url: of the registry, ``http://10.0.0.5:32000``. For ``https://`` its certificate is not looked at.
        place: names the file in errors.

    Raises:
        ManifestError: it is no such file, or says of ``url`` what cannot be merged.
    """
    found = _read(before, place)
    hosts = found.get("host", {})
    if not isinstance(hosts, dict) or not all(isinstance(each, dict) for each in hosts.values()):
        raise ManifestError("`host` is no table of tables", place, remedy="correct it: containerd reads none of it")
    there = next((each for name, each in hosts.items() if name.rstrip("/") == url), None)
    if there is not None:
        _enough(there, url, place)
    own = "" if there is not None else _host(url)
    top = "" if "server" in found else f'server = "{url}"\n'
    text = "\n".join(filter(None, (top, before.rstrip("\n") + "\n" if before.strip() else "", own)))
    _read(text, place)
    return text if own or top else before


def _host(url: str) -> str:
    verify = "skip_verify = true\n" if url.startswith("https:") else ""
    return f'[host."{url}"]\ncapabilities = ["pull", "resolve"]\n{verify}'


def _read(text: str, place: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        remedy = "correct it, or write the registry into it by hand: nothing of it is overwritten"
        raise ManifestError(f"cannot be merged: {error}", place, remedy=remedy) from None


def _enough(host: dict[str, Any], url: str, place: str) -> None:
    able = host.get("capabilities", NEEDED)
    at = f'{place}: [host."{url}"]'
    if not isinstance(able, list | tuple) or not set(NEEDED) <= set(able):
        remedy = f"add {' and '.join(NEEDED)} to its `capabilities`"
        raise ManifestError("somebody wrote that it may not be pulled from", at, remedy=remedy)
    if url.startswith("https:") and host.get("skip_verify") is not True:
        remedy = "add `skip_verify = true`, or better its authority as `ca`"
        raise ManifestError("somebody wrote that its certificate is looked at", at, remedy=remedy)
