"""Credentials: a user name and a secret that never shows itself, and the places where a value is found.

A command of ours looks, in this order, at

1. the environment: ``HUB2GHCR_SECRET_`` and the credential's secret key in upper snake case
   (``ghcrPushToken`` is ``HUB2GHCR_SECRET_GHCR_PUSH_TOKEN``);
2. the files that `stored` reads: Docker's ``config.json`` and the ``auth.json`` of podman, buildah and skopeo. In each
   of them ``credHelpers`` come first, then ``credsStore``, then ``auths``, the order of Docker's own client;
3. nothing: anonymous.

The Pulumi program reads the same values from the stack's encrypted configuration instead.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from .errors import CredentialError
from .reference import HUB, HUB_HOSTS

HUB_KEY: Final = "https://index.docker.io/v1/"
"""The key of Docker Hub in every ``config.json``; Docker and the kubelet know no other."""
HELPER_SECONDS: Final = 10.0
"""Seconds that a credential helper may take."""

_PREFIX = "HUB2GHCR_SECRET_"
_HELPER = re.compile(r"[A-Za-z0-9._-]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_TOKEN_USER = "<token>"


@dataclass(frozen=True, slots=True)
class Credential:
    """A user name and its secret; ``repr`` and ``str`` show the user name alone."""

    username: str
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        if not self.username or ":" in self.username:
            raise CredentialError("a user name is not empty and holds no colon", value=self.username)
        if not self.secret or self.secret != self.secret.strip() or not self.secret.isprintable():
            raise CredentialError(
                f"the secret of {self.username} is empty or holds line breaks or spaces around it",
                remedy="set it again, without the line break that `echo` adds",
            )

    @property
    def basic(self) -> str:
        """Base64 of ``user:secret``, the value of Basic authentication and of ``auth`` in ``config.json``."""
        return base64.b64encode(f"{self.username}:{self.secret}".encode()).decode()

    def redact(self, text: str) -> str:
        """Return ``text`` without the secret, should a server have echoed it."""
        return text.replace(self.secret, "***").replace(self.basic, "***")


@dataclass(frozen=True, slots=True)
class Stored:
    """What is stored for one registry: who speaks there, and who for the repositories below a path, longest first."""

    credential: Credential | None = None
    paths: tuple[tuple[str, Credential], ...] = ()


def docker_config_json(entries: Mapping[str, Credential]) -> str:
    """Return the text of a ``.dockerconfigjson`` that opens the given registry hosts: same entries, same bytes.

    Every host of Docker Hub is written under its one key. The shape is the one that ``kubectl create secret
    docker-registry`` makes.

    Raises:
        CredentialError: no entry at all, or two credentials for one key.
    """
    if not entries:
        raise CredentialError("a pull Secret needs at least one credential", remedy="name one in `pull`")
    auths: dict[str, dict[str, str]] = {}
    for host, credential in sorted(entries.items()):
        key = HUB_KEY if host in HUB_HOSTS else host
        value = {"username": credential.username, "password": credential.secret, "auth": credential.basic}
        if auths.setdefault(key, value) != value:
            raise CredentialError("two credentials for one registry", value=key, remedy="keep one")
    return json.dumps({"auths": auths}, sort_keys=True, separators=(",", ":"))


def decode(text: str, place: str = "config.json") -> dict[str, Credential]:
    """Read the ``auths`` of a ``config.json``: key as written -> credential; entries without a value are left out.

    Raises:
        CredentialError: not JSON, not of this shape, ``auth`` not base64 of ``user:secret``. Values are never shown.
    """
    found = {}
    for key, entry in _table(_object(text, place), "auths", place).items():
        credential = _entry(entry, f"{place}: auths[{key}]")
        if credential is not None:
            found[key] = credential
    return found


def variable(secret_key: str) -> str:
    """Name the environment variable that holds the value of ``secret_key``.

    >>> variable("ghcrPushToken")
    'HUB2GHCR_SECRET_GHCR_PUSH_TOKEN'
    """
    return _PREFIX + re.sub(r"[^A-Z0-9]+", "_", _HUMP.sub("_", secret_key).upper())


def from_environment(username: str, secret_key: str, environ: Mapping[str, str]) -> Credential | None:
    """Return the credential whose secret stands in the environment, None when it does not.

    Raises:
        CredentialError: the variable is set, and empty or malformed.
    """
    name = variable(secret_key)
    if name not in environ:
        return None
    try:
        return Credential(username, environ[name])
    except CredentialError as error:
        raise error.at(name) from None


def stored(host: str, environ: Mapping[str, str], *, run: Callable[[str, str], str | None] | None = None) -> Stored:
    """Return what the first file with an entry for a registry host has for it.

    Files that the environment names come before those at their usual places:

    1. ``$DOCKER_CONFIG/config.json``, else ``$REGISTRY_AUTH_FILE``;
    2. ``~/.docker/config.json``, unless ``$DOCKER_CONFIG`` names another;
    3. unless ``$REGISTRY_AUTH_FILE`` names another, ``$XDG_RUNTIME_DIR/containers/auth.json``, where podman's login
       writes, and ``~/.config/containers/auth.json`` (``$XDG_CONFIG_HOME``).

    Keys are read as Docker's client reads them, every host of Docker Hub under all of its keys; keys with a path
    (``ghcr.io/acme``) are podman's, and open the repositories below it.

    ``run(helper, server)`` asks a credential helper and returns its JSON, None when it knows no such server.

    Raises:
        CredentialError: a file or a helper's answer is malformed, or holds an identity token for this host.
    """
    for path in _files(environ):
        try:
            text = path.read_text(encoding="utf-8")
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "not UTF-8"
            raise CredentialError(f"cannot be read: {why}", str(path)) from None
        found = _of_host(host, _object(text, str(path)), str(path), run)
        if found.credential or found.paths:
            return found
    return Stored()


def _files(environ: Mapping[str, str]) -> Iterator[Path]:
    home = Path(environ.get("HOME") or "~").expanduser()
    docker, podman = environ.get("DOCKER_CONFIG"), environ.get("REGISTRY_AUTH_FILE")
    if docker:
        yield Path(docker) / "config.json"
    if podman:
        yield Path(podman)
    if not docker:
        yield home / ".docker" / "config.json"
    if not podman:
        if runtime := environ.get("XDG_RUNTIME_DIR"):
            yield Path(runtime) / "containers" / "auth.json"
        yield Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "containers" / "auth.json"


def _of_host(host: str, config: Mapping[str, Any], place: str, run: Callable[[str, str], str | None] | None) -> Stored:
    helpers, auths = _table(config, "credHelpers", place), _table(config, "auths", place)
    keys = _keys(host)
    below: dict[str, Credential] = {}
    for key in sorted({*helpers, *auths}):
        path = _path_of(key, keys)
        if path and (found := _of_key(key, helpers, auths, place, run)):
            below[path] = found
    helper = next((key for key in keys if key in helpers), None)
    if helper is not None:
        own = _ask(str(helpers[helper]), helper, run)
    else:
        own = _ask(str(config["credsStore"]), keys[0], run) if config.get("credsStore") else None
        own = own or next((found for key in keys if (found := _of_key(key, {}, auths, place, run))), None)
    return Stored(own, tuple(sorted(below.items(), key=lambda item: (-len(item[0]), item[0]))))


def _of_key(
    key: str,
    helpers: Mapping[str, Any],
    auths: Mapping[str, Any],
    place: str,
    run: Callable[[str, str], str | None] | None,
) -> Credential | None:
    if key in helpers:
        return _ask(str(helpers[key]), key, run)
    return _entry(auths[key], f"{place}: auths[{key}]") if key in auths else None


def _path_of(key: str, keys: tuple[str, ...]) -> str:
    """Return the path below a registry that a key names, empty where it names the registry or another one."""
    host, _, path = key.partition("/")
    return path.rstrip("/") if host in keys and key not in keys else ""


def ask_helper(helper: str, server: str) -> str | None:
    """Ask ``docker-credential-HELPER get`` for a server; None when it has no credential for it.

    Protocol: the server on standard input, JSON with ``Username`` and ``Secret`` on standard output.

    Raises:
        CredentialError: no such program, it failed, or took longer than ``HELPER_SECONDS``.
    """
    program = f"docker-credential-{helper}"
    if not _HELPER.fullmatch(helper):
        raise CredentialError("a credential helper's name is malformed", value=helper)
    try:
        answer = subprocess.run(
            [program, "get"], input=server, capture_output=True, text=True, timeout=HELPER_SECONDS, check=False
        )
    except FileNotFoundError:
        raise CredentialError(f"{program} is not on PATH", remedy="install it, or `docker login` without it") from None
    except subprocess.TimeoutExpired:
        raise CredentialError(f"{program} did not answer within {HELPER_SECONDS:.0f} s", value=server) from None
    if answer.returncode == 0:
        return answer.stdout
    if "credentials not found" in answer.stdout + answer.stderr:
        return None
    # Its output is not shown: a helper may print anything.
    raise CredentialError(f"{program} ended with {answer.returncode}", value=server, remedy="try it by hand")


def _ask(helper: str, server: str, run: Callable[[str, str], str | None] | None) -> Credential | None:
    text = (run or ask_helper)(helper, server)
    if text is None:
        return None
    place = f"docker-credential-{helper} get {server}"
    answer = _object(text, place)
    username, secret = answer.get("Username"), answer.get("Secret")
    if username == _TOKEN_USER:
        raise _identity_token(place)
    return _credential(username, secret, place) if secret else None


def _entry(entry: Any, place: str) -> Credential | None:
    if not isinstance(entry, dict):
        raise CredentialError("must be an object", place)
    if entry.get("identitytoken"):
        raise _identity_token(place)
    if auth := entry.get("auth"):
        try:
            username, colon, secret = base64.b64decode(str(auth), validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise CredentialError("auth is not base64", place, remedy="`docker login` writes it anew") from None
        if not colon:
            raise CredentialError("auth is not base64 of user:secret", place, remedy="`docker login` writes it anew")
        return _credential(username, secret.rstrip("\0"), place)
    if "username" in entry or "password" in entry:
        return _credential(entry.get("username"), entry.get("password"), place)
    return None  # `docker login` with a credsStore leaves {} behind


def _credential(username: Any, secret: Any, place: str) -> Credential:
    if not isinstance(username, str) or not isinstance(secret, str):
        raise CredentialError("user name and secret must be strings", place)
    try:
        return Credential(username, secret)
    except CredentialError as error:
        raise error.at(place) from None


def _identity_token(place: str) -> CredentialError:
    return CredentialError("holds an identity token, which opens no registry here", place, remedy="use an access token")


def _keys(host: str) -> tuple[str, ...]:
    if host in HUB_HOSTS:
        return (HUB_KEY, "index.docker.io", HUB, "registry-1.docker.io")
    return (
        host,
        *(
            f"{scheme}{host}{path}"
            for scheme in ("https://", "")
            for path in ("", "/", "/v1/", "/v2/")
            if scheme or path
        ),
    )


def _object(text: str, place: str) -> dict[str, Any]:
    if not text.strip():
        raise CredentialError("is empty", place, remedy="expected JSON")
    try:
        found = json.loads(text)
    except ValueError as error:
        # The decoder's own message quotes nothing of the text, its `doc` does: so no chaining.
        where = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "text"
        raise CredentialError(f"is not JSON ({where})", place) from None
    if not isinstance(found, dict):
        raise CredentialError("must be a JSON object", place)
    return found


def _table(config: Mapping[str, Any], name: str, place: str) -> dict[str, Any]:
    table = config.get(name) or {}
    if not isinstance(table, dict):
        raise CredentialError("must be an object", f"{place}: {name}")
    return table
