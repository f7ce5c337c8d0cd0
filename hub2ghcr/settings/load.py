"""From a stack file, or from the engine's configuration, to settings: every problem of a run at once."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from ..errors import Hub2GhcrError, NoSuchStack, Problems, SettingsError, raise_all
from ..stack_files import FOLDER
from ..stack_files import stacks as stacks
from . import checks, secrets
from .bases import NAMESPACE, config_of, document, layers
from .read import read
from .schema import Settings


def load(stack: str, root: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """Read ``stacks/Pulumi.<stack>.yaml``.

    Args:
        stack: its name.
        root: the project's folder.
        environ: what ``${NAME}`` is read from (default: the process's environment).

    Raises:
        NoSuchStack: with the stacks there are.
        SettingsError, Problems: everything that is wrong with the file.
    """
    place = file_of(stack, root)
    config = config_of(document(root / place, place), place)
    return from_config(stack, config, root, os.environ if environ is None else environ)


def file_of(stack: str, root: Path) -> str:
    """Return a stack's file, as seen from the project's folder.

    Raises:
        NoSuchStack: with the stacks there are.
    """
    place = f"{FOLDER}/Pulumi.{stack}.yaml"
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", stack) or not (root / place).is_file():
        there = ", ".join(stacks(root)) or f"none: is {root} the project's folder?"
        raise NoSuchStack("no such stack", place, stack, f"the stacks there are: {there}")
    return place


def files(stack: str, root: Path) -> tuple[str, ...]:
    """Return the files that a stack's settings stand in: its base files, and its own last.

    Raises:
        NoSuchStack: with the stacks there are.
        SettingsError, Problems: a file that cannot be read.
    """
    place = file_of(stack, root)
    layered, problems = layers(_own(config_of(document(root / place, place), place)), place, root)
    if layered is None:
        raise Problems(problems)
    return tuple(each.place for each in layered.layers)


def partial(place: str, root: Path, sections: Collection[str]) -> Settings:
    """Read some sections of a stack file and its bases, or of a file that has nothing but sections (``mapping: …``).

    What else stands there is not looked at: scanning and rewriting need neither clusters nor credentials.

    Args:
        place: the file, and how errors name it.
        root: the folder that its path is relative to, and those of base files.
        sections: the keys that are read, without their namespace.

    Raises:
        SettingsError, Problems: everything that is wrong with these sections.
    """
    found = document(root / place, place)
    config = found.get("config")
    own = _own(config) if isinstance(config, dict) else {str(key): value for key, value in found.items()}
    layered, problems = layers(own, place, root)
    if layered is None:
        raise Problems(problems)
    given = {key: value for key, value in layered.values.items() if key in sections}
    if not given and not problems:
        raise SettingsError("has none of the keys " + ", ".join(sorted(sections)), place, remedy="see `mapping`")
    settings, _, wrong = read("", given, frozenset(), {})
    raise_all([*problems, *layered.placed([*wrong, *checks.rules(settings)])])
    return settings


def merged(stack: str, root: Path) -> Mapping[str, Any]:
    """Return what a stack file says over its bases, by key without namespace: as it is written, nothing checked.

    Raises:
        NoSuchStack: with the stacks there are.
        SettingsError, Problems: a file that cannot be read, or what no base file may hold.
    """
    place = file_of(stack, root)
    return over_bases(config_of(document(root / place, place), place), place, root)


def over_bases(config: Mapping[Any, Any], place: str, root: Path) -> Mapping[str, Any]:
    """Return a configuration, as `from_config` takes one, over its base files: as it is written, by key.

    What is encrypted, or was, is as it came. ``place`` is how errors name the configuration, ``root`` the project's
    folder.

    Raises:
        Problems: a base file that cannot be read, or what none may hold.
    """
    layered, problems = layers(_own(config), place, root)
    if layered is None or problems:
        raise Problems(problems)
    return layered.values


def _own(config: Mapping[Any, Any]) -> dict[str, Any]:
    prefix = f"{NAMESPACE}:"
    return {str(key)[len(prefix) :]: value for key, value in config.items() if str(key).startswith(prefix)}


def from_config(
    stack: str,
    config: Mapping[str, Any],
    root: Path,
    environ: Mapping[str, str],
) -> Settings:
    """Return the settings that a configuration holds; a stack file and the engine give equal ones.

    Args:
        stack: the stack's name.
        config: full keys (``hub2ghcr:phase``) with values as YAML gives them, or as the engine does (structured values
            as JSON text). In both a secret is ``{secure: …}``: the caller seals what the engine decrypted.
        root: the project's folder, where base files are.
        environ: what ``${NAME}`` in endpoints and kubeconfig paths is read from. An unset one stays as it is written:
            whoever connects refuses it.

    Raises:
        Problems: everything that is wrong, each with its path, the offending value (never a secret's) and a remedy.
    """
    place = f"{FOLDER}/Pulumi.{stack}.yaml"
    values = {key: value for key, value in config.items() if isinstance(key, str)}
    secret = frozenset(key for key, value in values.items() if secrets.is_secure(value))
    checked = [*secrets.plain_tokens(values, secret), *checks.default_providers(values)]
    layered, problems = layers(_own(values), place, root)
    problems += [problem.at(place) for problem in checked]
    if layered is None:
        raise Problems(problems)
    own = layered.values
    own_secret = frozenset(_own(dict.fromkeys(secret)))
    settings, broken, found = read(stack, own, own_secret, environ)
    wrong: list[Hub2GhcrError] = [*found, *checks.credentials(settings, broken, own, own_secret)]
    wrong += [*checks.unknown_keys(settings, broken, own), *checks.names(settings, broken)]
    raise_all([*problems, *layered.placed(wrong)])
    return settings
