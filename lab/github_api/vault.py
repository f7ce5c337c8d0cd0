"""Where a secret is kept: a repository's for Actions or for Dependabot, one of its environments', an organisation's.

Each has a key of its own, so that what was sealed for one of them opens nowhere else.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox

from lab.github_api import people, repositories
from lab.github_api.exchange import Call, Document, Refusal, not_found
from lab.github_api.store import Store, identity, now


@dataclass(frozen=True)
class Vault:
    """``box`` holds ``secrets`` (name to what is kept) and ``secret_key``; ``place`` tells vaults apart."""

    box: Document
    place: tuple[str, ...]
    save: Callable[[], None]

    @property
    def secrets(self) -> Document:
        """What is kept, by name in upper case."""
        found: Document = self.box["secrets"]
        return found

    @property
    def organization(self) -> bool:
        """Whether it is an organisation's, whose secrets have a visibility."""
        return len(self.place) == 2

    @property
    def key_id(self) -> str:
        """The number of the key that secrets must be sealed with."""
        return str(identity("key", *self.place, self.box["secret_key"]))

    @property
    def key(self) -> PrivateKey:
        """The key that opens them."""
        return PrivateKey(bytes.fromhex(self.box["secret_key"]))

    def open(self, sealed: str) -> bytes:
        """What was sealed. Refuses (422) what the key does not open."""
        try:
            return SealedBox(self.key).decrypt(base64.b64decode(sealed, validate=True))
        except (binascii.Error, CryptoError, ValueError, TypeError):
            raise Refusal(422, "Could not decrypt encrypted_value: seal it with the repository's public key") from None

    def put(self, name: str, sealed: str, **more: object) -> bool:
        """Keep a secret, and say whether it is a new one."""
        moment = now()
        new = name not in self.secrets
        created = moment if new else self.secrets[name]["created_at"]
        self.secrets[name] = {"created_at": created, "updated_at": moment, "encrypted_value": sealed, **more}
        self.save()
        return new

    def reveal(self, name: str) -> str | None:
        """What a secret was set to, for the lab's own eyes; None if there is none."""
        kept = self.secrets.get(name.upper())
        return self.open(kept["encrypted_value"]).decode() if kept else None


def asked(call: Call) -> Vault:
    """The vault that a call is about, if the caller administers it."""
    kind = "dependabot" if "/dependabot/" in call.route else "actions"
    if "org" in call.path:
        return _organization(call.store, people.administered(call)["login"], kind)
    document = repositories.find(call, "admin")
    return of(call.store, document, kind, call.path.get("environment_name", ""))


def of(store: Store, document: Document, kind: str = "actions", environment: str = "") -> Vault:
    """The vault of a repository, or of one of its environments; 404 if it has no such."""
    place = (kind, document["owner"], document["name"], environment)
    box = document if kind == "actions" else document.setdefault(kind, new())
    if environment:
        box = document.get("environments", {}).get(environment.lower())
        if box is None:
            raise not_found()
    return Vault(box, place, lambda: repositories.save(store, document))


def organization(store: Store, login: str, kind: str = "actions") -> Vault:
    """The vault of an organisation. Refuses one that there is not."""
    if store.read("organizations", login) is None:
        raise not_found()
    return _organization(store, login, kind)


def new() -> Document:
    """An empty box with a key of its own."""
    return {"secrets": {}, "secret_key": bytes(PrivateKey.generate()).hex()}


def _organization(store: Store, login: str, kind: str) -> Vault:
    document = store.read("vaults", login) or {}
    if kind not in document:
        document[kind] = new()
        store.write(document, "vaults", login)
    return Vault(document[kind], (kind, login.lower()), lambda: store.write(document, "vaults", login))
