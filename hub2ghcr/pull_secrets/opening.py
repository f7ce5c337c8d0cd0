"""What the entries of pull Secrets open, in words, and what speaks against one; no word of theirs is a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..credentials import HUB_KEY, keyring, registry
from ..errors import CredentialError
from ..reference import HUB, HUB_HOSTS, Reference
from ..token_shapes import kind_of, looks_like_token, refused_by
from .secret import PullSecret

_INDEX = "index.docker.io"
_NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Opening:
    """One entry: its key as written, what it opens for a kubelet, as whom, by what kind of token, and doubts."""

    key: str
    opens: str
    user: str
    kind: str
    doubt: str


def openings(secret: PullSecret) -> tuple[Opening, ...]:
    """Return what each entry of a pull Secret opens, sorted by key."""
    return tuple(_opening(key, entry, secret.entries) for key, entry in sorted(secret.entries.items()))


def doubt(name: str, user: str, token: str) -> str:
    """Say why a registry (host, or host and path) will not take a credential, or not for long; empty where it will."""
    if not user or not token:
        return "names nobody: what is pulled so is pulled anonymously"
    return refused_by(name.partition("/")[0], token)


def check(secrets: Iterable[PullSecret], asked: str) -> None:
    """Require that some Secret opens a registry, or an image, for the kubelet.

    Raises:
        CredentialError: none does, or none as somebody; with what they open instead.
        InvalidReference: ``asked`` is neither.
    """
    secrets = list(secrets)
    repository = _repository(asked)
    if any(secret.tried(repository) for secret in secrets):
        return
    there = sorted({each.opens for secret in secrets for each in openings(secret) if each.user})
    raise CredentialError(
        "no entry opens it for a kubelet", asked, remedy=f"what is opened: {', '.join(there) or _NOTHING}"
    )


def _repository(asked: str) -> str:
    try:
        host, _, below = registry(asked).partition("/")
    except CredentialError:
        host, below = "", ""  # nginx:1.27 is an image, and so is registry:5000: Docker reads a tag there
    if not below and (host.startswith(("localhost", "[")) or "." in host):
        return f"{host}/*"  # any image of it: no repository has such a name
    parsed = Reference.parse(asked)
    return f"{parsed.registry}/{parsed.repository}"


def _opening(key: str, entry: keyring.Entry, entries: Mapping[str, keyring.Entry]) -> Opening:
    opens, against = _opens(key, entries)
    host = (keyring.location(key) or "").partition("/")[0]
    # a token in the place of a user name is not printed either
    user = "…" if looks_like_token(entry.username) else entry.username
    return Opening(key, opens, user, kind_of(entry.secret), against or doubt(host, entry.username, entry.secret))


def _opens(key: str, entries: Mapping[str, keyring.Entry]) -> tuple[str, str]:
    at = keyring.location(key)
    if at is None:
        return _NOTHING, "the kubelet ignores this key: it is no host"
    host, slash, path = at.partition("/")
    below = f", what begins with {path}" if slash else ""
    if host == _INDEX and not slash:
        before = sorted(other for other in entries if (keyring.location(other) or "").partition("/")[0] == HUB)
        if any(keyring.location(other) == HUB for other in before):
            return _NOTHING, f"{before[0]} is taken before it"
        return "Docker Hub", f"for what it begins with, {before[0]} is taken before it" if before else ""
    if host == HUB:
        return f"Docker Hub{below}", ""
    if host in HUB_HOSTS:
        return _NOTHING, f"the kubelet knows Docker Hub by {HUB_KEY} alone"
    if host != host.lower():
        return _NOTHING, "the host is not written in lower case"
    return f"{host}{below}", ""
