"""The registry add-on of MicroK8s: one registry, called ``localhost:32000`` on a node, ``IP:32000`` from outside.

It is a NodePort without TLS (MicroK8s, "How to use the built-in registry"): every node has it under its own name, too.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from typing import Final

from ...errors import InvalidReference
from ...mapping import Mapping, at_home
from ...reference import Reference

PORT: Final = "32000"
"""The add-on's, unless somebody changed its Service."""

ON_NODE: Final = f"localhost:{PORT}"
"""What it is called on a node."""


def is_addon(host: str) -> bool:
    """Tell whether a registry's host looks like the add-on: its port, of ``localhost`` or of an IPv4 address."""
    name, _, port = host.rpartition(":")
    if port != PORT:
        return False
    try:
        return name == "localhost" or ipaddress.ip_address(name).version == 4
    except ValueError:
        return False


def advice(images: Iterable[str], mapping: Mapping) -> Iterator[str]:
    """Yield what to declare where images come from the add-on: that it is one registry, and a rule for it.

    Args:
        images: as they are spelled; what names none is passed over.
        mapping: with the further names of registries.
    """
    found: dict[str, bool] = {}
    for text in images:
        try:
            home = at_home(Reference.parse(text), mapping.aliases)
        except InvalidReference:
            continue
        if is_addon(home.registry) and not any(
            each.pattern.match(home.name) is not None for each in mapping.exclusions
        ):
            moves = any(each.match(home.name) is not None for each in (rule.source for rule in mapping.rules))
            found[home.registry] = found.get(home.registry, False) or moves
    names = sorted(found, key=lambda each: (each != ON_NODE, each))
    if len(names) > 1 or not all(found.values()):
        yield _declared(names)


def _declared(names: list[str]) -> str:
    aliases = [name for name in names if name != ON_NODE]
    outside = next((name for name in aliases if not name.startswith("127.")), f"NODE:{PORT}")
    listed = f"aliases: [{', '.join(aliases)}], " if aliases else ""
    keys = f'"{ON_NODE}": {{{listed}endpoint: "http://{outside}"}}'
    return (
        f"{' and '.join(names)}: MicroK8s' registry add-on, it seems, one registry whatever it is called; to move its"
        f" images declare `registries: {{{keys}}}`, the endpoint as it is reached from here, and a rule from"
        f" {ON_NODE}/* (docs/platforms/microk8s.md)"
    )
