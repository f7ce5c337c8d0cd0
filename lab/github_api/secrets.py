"""Actions secrets of a repository: sealed boxes, as GitHub's are, that only this stand-in's private key opens."""

from __future__ import annotations

import base64
import binascii
import re

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox

from lab.github_api import repositories
from lab.github_api.exchange import Answer, Call, Document, Refusal, need, not_found
from lab.github_api.paging import page
from lab.github_api.store import identity, now

NAME = re.compile(r"(?!GITHUB_)[A-Z_][A-Z0-9_]*")
"""Letters, digits and underscores, no digit first, not GITHUB_ (docs.github.com, naming your secrets)."""


def public_key(call: Call) -> Answer:
    """``GET …/actions/secrets/public-key``."""
    document = repositories.find(call, "admin")
    key = _key(document).public_key
    return Answer(200, {"key_id": _key_id(document), "key": base64.b64encode(bytes(key)).decode()})


def listing(call: Call) -> Answer:
    """``GET …/actions/secrets``: names and times, sorted by name."""
    document = repositories.find(call, "admin")
    return page(call, sorted(document["secrets"]), lambda name: _shape(document, name), key="secrets")


def get(call: Call) -> Answer:
    """``GET …/actions/secrets/{secret_name}``: never the value."""
    document = repositories.find(call, "admin")
    return Answer(200, _shape(document, _known(document, call.path["secret_name"])))


def put(call: Call) -> Answer:
    """``PUT …/actions/secrets/{secret_name}``: 201 for a new one, 204 for a known one. The box must open."""
    document = repositories.find(call, "admin")
    name = call.path["secret_name"].upper()
    if not NAME.fullmatch(name):
        raise Refusal(
            422, "Secret names can only contain alphanumeric characters ([a-z], [A-Z], [0-9]) or underscores (_)"
        )
    need(call, "Secret", "encrypted_value", "key_id")
    if call.body["key_id"] != _key_id(document):
        raise Refusal(422, "Bad request - key_id does not match the repository's public key")
    _open(document, call.body["encrypted_value"])
    moment = now()
    new = name not in document["secrets"]
    created = moment if new else document["secrets"][name]["created_at"]
    document["secrets"][name] = {
        "created_at": created,
        "updated_at": moment,
        "encrypted_value": call.body["encrypted_value"],
    }
    repositories.save(call.store, document)
    return Answer(201, {}) if new else Answer(204)


def remove(call: Call) -> Answer:
    """``DELETE …/actions/secrets/{secret_name}``."""
    document = repositories.find(call, "admin")
    del document["secrets"][_known(document, call.path["secret_name"])]
    repositories.save(call.store, document)
    return Answer(204)


def reveal(document: Document, name: str) -> str | None:
    """What a secret was set to, for the lab's own eyes; None if there is none."""
    kept = document["secrets"].get(name.upper())
    return _open(document, kept["encrypted_value"]).decode() if kept else None


def _open(document: Document, sealed: str) -> bytes:
    try:
        return SealedBox(_key(document)).decrypt(base64.b64decode(sealed, validate=True))
    except (binascii.Error, CryptoError, ValueError, TypeError):
        raise Refusal(422, "Could not decrypt encrypted_value: seal it with the repository's public key") from None


def _key(document: Document) -> PrivateKey:
    return PrivateKey(bytes.fromhex(document["secret_key"]))


def _key_id(document: Document) -> str:
    return str(identity("key", document["owner"], document["name"], document["secret_key"]))


def _known(document: Document, name: str) -> str:
    if name.upper() not in document["secrets"]:
        raise not_found()
    return name.upper()


def _shape(document: Document, name: str) -> Document:
    kept = document["secrets"][name]
    return {"name": name, "created_at": kept["created_at"], "updated_at": kept["updated_at"]}
