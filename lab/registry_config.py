"""The files that one stand-in registry is started with: the key of its tokens, the registry's and its front's settings.

The registry's settings are distribution v3's (docs: distribution.github.io/distribution, "Configuring a registry"); the
front's are explained in ``lab/front/config.go``. Both are JSON, which YAML readers accept.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from lab.accounts import Place as AccountPlace
from lab.accounts import known_at
from lab.ports import port

Place = Literal["hub", "ghcr"]

PLACES: tuple[Place, ...] = ("ghcr", "hub")
"""The registries of a lab."""

ISSUER = "hub2ghcr-lab"
KEY_ID = "lab"
BLOB_HOST = "127.0.0.2"
"""Where blob downloads are sent: another host name, so that clients have to drop their token on the way."""

_RULES = Path(__file__).parent / "registry_rules"
_ACCOUNTS: dict[Place, tuple[AccountPlace, ...]] = {"ghcr": ("ghcr",), "hub": ("hub", "quay")}


@dataclass(frozen=True)
class Files:
    """The settings files of one stand-in."""

    registry: Path
    front: Path


def folder(state: Path, place: Place) -> Path:
    """Where a stand-in keeps all it has."""
    return (state / "registries" / place).absolute()


def write(state: Path, place: Place) -> Files:
    """Write the settings of a stand-in; its key is made once and kept."""
    home = folder(state, place)
    (home / "storage").mkdir(parents=True, exist_ok=True)
    files = Files(home / "registry.json", home / "front.json")
    _keys(home)
    _replace(files.registry, _registry(state, place, str(rules(place)["service"])))
    _replace(files.front, _front(state, place, rules(place)))
    return files


def rules(place: Place) -> dict[str, object]:
    """The habits of the registry that is played, as ``lab/front/config.go`` explains them."""
    found: dict[str, object] = json.loads((_RULES / f"{place}.json").read_text())
    return found


def _registry(state: Path, place: Place, service: str) -> dict[str, object]:
    home = folder(state, place)
    settings: dict[str, object] = {
        "version": "0.1",
        "log": {"level": "error", "accesslog": {"disabled": True}},
        "storage": {
            "filesystem": {"rootdirectory": str(home / "storage")},
            "delete": {"enabled": True},
            "maintenance": {"uploadpurging": {"enabled": False}},
        },
        # Windows images name layers that no registry holds; by default none may be pushed.
        "validation": {"manifests": {"urls": {"allow": ["^https?://"]}}},
        "http": {
            "addr": f"127.0.0.1:{port(state, f'{place}-registry')}",
            "secret": (home / "secret").read_text(),
            "relativeurls": place == "ghcr",
        },
        "auth": {
            "token": {
                "realm": f"http://127.0.0.1:{port(state, place)}/token",
                "service": service,
                "issuer": ISSUER,
                "jwks": str(home / "keys.json"),
                "signingalgorithms": ["ES256"],
            }
        },
    }
    if place == "ghcr":
        events = {
            "name": "github",
            "url": f"http://127.0.0.1:{port(state, 'github')}/_lab/registry-events",
            "timeout": "2s",
            "threshold": 3,
            "backoff": "500ms",
            "ignore": {"mediatypes": ["application/octet-stream"], "actions": ["pull"]},
        }
        settings["notifications"] = {"endpoints": [events]}
    return settings


def _front(state: Path, place: Place, habits: dict[str, object]) -> dict[str, object]:
    home = folder(state, place)
    return {
        "listen": f"127.0.0.1:{port(state, place)}",
        "blob_listen": f"{BLOB_HOST}:{port(state, f'{place}-blobs')}",
        "upstream": f"http://127.0.0.1:{port(state, f'{place}-registry')}",
        "storage": str(home / "storage"),
        "key": str(home / "token.key"),
        "key_id": KEY_ID,
        "issuer": ISSUER,
        "visibility": str(home / "visibility.json"),
        "authority": f"http://127.0.0.1:{port(state, 'github')}/_lab/registry-access" if place == "ghcr" else "",
        "rules": habits,
        "accounts": [
            {
                "user": account.user,
                "token": account.token,
                "grants": [{"repositories": name, "actions": sorted(allowed)} for name, allowed in account.grants],
            }
            for account in known_at(*_ACCOUNTS[place])
        ],
    }


def _keys(home: Path) -> None:
    """Make the key that signs tokens (PEM), its public half (a key set of RFC 7517), and the registry's own secret."""
    if (home / "keys.json").exists():
        return
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    _secret(home / "token.key", pem)
    _secret(home / "secret", secrets.token_hex(32).encode())
    point = key.public_key().public_numbers()
    public = {"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": KEY_ID}
    _replace(home / "keys.json", {"keys": [{**public, "x": _base64(point.x), "y": _base64(point.y)}]})


def _base64(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()


def _secret(path: Path, data: bytes) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)


def _replace(path: Path, value: object) -> None:
    draft = path.with_name(path.name + ".tmp")
    _secret(draft, json.dumps(value, indent=2, sort_keys=True).encode())
    os.replace(draft, path)
