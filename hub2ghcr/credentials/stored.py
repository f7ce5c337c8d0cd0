"""What ``docker login`` and ``podman login`` have stored on this machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import CredentialError
from ..reference import HUB, HUB_HOSTS
from .credential import Credential
from .docker_config import HUB_KEY, credential_of, json_object, table
from .helper import Run, ask


@dataclass(frozen=True, slots=True)
class Stored:
    """What is stored for one registry: who speaks there, and who for the repositories below a path, longest first."""

    credential: Credential | None = None
    paths: tuple[tuple[str, Credential], ...] = ()

    def at(self, path: str) -> Credential | None:
        """Return who speaks for a repository, or for all below it; empty is the whole registry."""
        below = (found for prefix, found in self.paths if f"{path}/".startswith(f"{prefix}/"))
        return next(below, self.credential)


def stored(host: str, environ: Mapping[str, str], *, run: Run | None = None) -> Stored:
    """Return what the first file with an entry for a registry host has for it.

    Files that the environment names come before those at their usual places:

    1. ``$DOCKER_CONFIG/config.json``, else ``$REGISTRY_AUTH_FILE``;
    2. ``~/.docker/config.json``, unless ``$DOCKER_CONFIG`` names another;
    3. unless ``$REGISTRY_AUTH_FILE`` names another, ``$XDG_RUNTIME_DIR/containers/auth.json``, where podman's login
       writes, and ``~/.config/containers/auth.json`` (``$XDG_CONFIG_HOME``).

    Keys are read as Docker's client reads them, every host of Docker Hub under all of its keys; keys with a path
    (``ghcr.io/acme``) are podman's, and open the repositories below it.

    ``run`` asks a credential helper (default: its program).

    Raises:
        CredentialError: a file or a helper's answer is malformed, or holds an identity token for this host.
    """
    for path in files(environ):
        found = stored_in(path, host, run=run)
        if found is not None and (found.credential or found.paths):
            return found
    return Stored()


def stored_in(path: Path, host: str, *, run: Run | None = None) -> Stored | None:
    """Return what one file has for a registry host, None when there is no such file; see `stored`.

    Raises:
        CredentialError: as for `stored`, or the file cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not UTF-8"
        raise CredentialError(f"cannot be read: {why}", str(path)) from None
    return _of_host(host, json_object(text, str(path)), str(path), run)


def files(environ: Mapping[str, str]) -> Iterator[Path]:
    """Yield the files that `stored` looks into, in its order, whether they are there or not."""
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


def _of_host(host: str, config: Mapping[str, Any], place: str, run: Run | None) -> Stored:
    helpers, auths = table(config, "credHelpers", place), table(config, "auths", place)
    keys = _keys(host)
    below: dict[str, Credential] = {}
    for key in sorted({*helpers, *auths}):
        path = _path_of(key, keys)
        if path and (found := _of_key(key, helpers, auths, place, run)):
            below[path] = found
    helper = next((key for key in keys if key in helpers), None)
    if helper is not None:
        own = ask(str(helpers[helper]), helper, run)
    else:
        own = ask(str(config["credsStore"]), keys[0], run) if config.get("credsStore") else None
        own = own or next((found for key in keys if (found := _of_key(key, {}, auths, place, run))), None)
    return Stored(own, tuple(sorted(below.items(), key=lambda item: (-len(item[0]), item[0]))))


def _of_key(
    key: str, helpers: Mapping[str, Any], auths: Mapping[str, Any], place: str, run: Run | None
) -> Credential | None:
    if key in helpers:
        return ask(str(helpers[key]), key, run)
    return credential_of(auths[key], f"{place}: auths[{key}]") if key in auths else None


def _path_of(key: str, keys: tuple[str, ...]) -> str:
    """Return the path below a registry that a key names, empty where it names the registry or another one."""
    host, _, path = key.partition("/")
    return path.rstrip("/") if host in keys and key not in keys else ""


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
