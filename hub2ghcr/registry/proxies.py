"""Which proxy the environment names for a host: the rules of curl and of Go's programs, so that all of them agree.

``HTTPS_PROXY`` and ``HTTP_PROXY`` by the scheme of what is asked for, ``ALL_PROXY`` where there is none, in lower case
first. ``NO_PROXY`` lists hosts: a name means also what is below it, with or without a leading dot; further an address,
a network (``10.0.0.0/8``), any of them with ``:PORT``, or ``*`` for all. The machine's own loopback is never sent
through a proxy, which has another loopback.
"""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

from ..errors import RegistryError

PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy: its ``url`` without any secret, and the value of ``Proxy-Authorization``, which never shows itself."""

    url: str
    authorization: str = field(default="", repr=False)


def proxy_for(scheme: str, host: str, port: int, environ: Mapping[str, str]) -> Proxy | None:
    """Return the proxy through which a host is reached, None for the direct way.

    Raises:
        RegistryError: the environment names a proxy that is no http or https URL.
    """
    names = (f"{scheme}_proxy", f"{scheme.upper()}_PROXY", "all_proxy", "ALL_PROXY")
    name = next((each for each in names if environ.get(each)), None)
    if name is None or _direct(host, port, environ.get("no_proxy") or environ.get("NO_PROXY") or ""):
        return None
    value = environ[name]
    try:
        parts = urlsplit(value if "://" in value else f"http://{value}")
        usual = PORTS[parts.scheme]
        where = parts.port or usual
    except (KeyError, ValueError):
        parts, where = None, 0
    if parts is None or not parts.hostname:
        # Its value may hold a password.
        raise RegistryError("the proxy is no http or https URL", name, remedy="write http://HOST:PORT")
    login = f"{unquote(parts.username)}:{unquote(parts.password or '')}" if parts.username else ""
    basic = f"Basic {base64.b64encode(login.encode()).decode()}" if login else ""
    shown = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return Proxy(f"{parts.scheme}://{shown}:{where}", basic)


def _direct(host: str, port: int, exceptions: str) -> bool:
    address = _address(host)
    if host == "localhost" or host.endswith(".localhost") or (address is not None and address.is_loopback):
        return True
    return any(_matches(host, address, port, each.strip().lower()) for each in exceptions.split(",") if each.strip())


def _matches(
    host: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address | None, port: int, exception: str
) -> bool:
    if exception == "*":
        return True
    if address is not None:
        try:
            return address in ipaddress.ip_network(exception, strict=False)
        except ValueError:
            pass  # an address with a port, or a name
    name, _, wanted = exception.rpartition(":")
    if name and wanted.isdigit():
        if int(wanted) != port:
            return False
        exception = name.strip("[]")
    if address is not None:
        return _address(exception) == address
    exception = exception.removeprefix("*").removeprefix(".")
    return host.lower() == exception or host.lower().endswith(f".{exception}")


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
