"""From a stack file, or from the engine's configuration, to settings: every problem of a run at once."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from .. import documents
from ..errors import Hub2GhcrError, ManifestError, NoSuchStack, SettingsError, raise_all
from . import checks, secrets
from .read import read
from .schema import Settings

NAMESPACE = "hub2ghcr"
FOLDER = "stacks"


def stacks(root: Path) -> tuple[str, ...]:
    """Return the names of the stacks that have a file in ``stacks/``."""
    return tuple(sorted(file.name[len("Pulumi.") : -len(".yaml")] for file in root.glob(f"{FOLDER}/Pulumi.*.yaml")))


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
    config = _document(root / place, place).get("config")
    if not isinstance(config, dict):
        raise SettingsError("a stack file has the key `config`", place, remedy="see stacks/Pulumi.demo.yaml")
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


def partial(path: Path, place: str, sections: Collection[str]) -> Settings:
    """Read some sections of a stack file, or of a file that has nothing but sections (``mapping: …``).

    What else stands there is not looked at: scanning and rewriting need neither clusters nor credentials.

    Raises:
        SettingsError, Problems: everything that is wrong with these sections.
    """
    document = _document(path, place)
    config = document.get("config")
    if isinstance(config, dict):
        prefix = f"{NAMESPACE}:"
        own = {key[len(prefix) :]: value for key, value in config.items() if str(key).startswith(prefix)}
    else:
        own = {str(key): value for key, value in document.items()}
    own = {key: value for key, value in own.items() if key in sections}
    if not own:
        raise SettingsError("has none of the keys " + ", ".join(sorted(sections)), place, remedy="see `mapping`")
    settings, broken, problems = read("", own, frozenset(), {})
    raise_all(problem.at(place) for problem in [*problems, *checks.rules(settings)])
    assert not broken
    return settings


def _document(path: Path, place: str) -> dict[Any, Any]:
    try:
        found = documents.read(path, place)
    except ManifestError as error:
        raise SettingsError(error.what, error.path, error.value, error.remedy) from None
    if len(found) != 1 or not isinstance(found[0], dict):
        raise SettingsError("must hold one mapping", place, remedy="see stacks/Pulumi.demo.yaml")
    return found[0]


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
        root: the project's folder.
        environ: what ``${NAME}`` in endpoints and kubeconfig paths is read from. An unset one stays as it is written:
            whoever connects refuses it.

    Raises:
        Problems: everything that is wrong, each with its path, the offending value (never a secret's) and a remedy.
    """
    del root  # settings name files; whoever reads them reports what is missing
    place = f"{FOLDER}/Pulumi.{stack}.yaml"
    values = {key: value for key, value in config.items() if isinstance(key, str)}
    secret = frozenset(key for key, value in values.items() if secrets.is_secure(value))
    problems: list[Hub2GhcrError] = [*secrets.plain_tokens(values, secret), *checks.default_providers(values)]
    own = {key.partition(":")[2]: value for key, value in values.items() if key.startswith(f"{NAMESPACE}:")}
    own_secret = frozenset(key.partition(":")[2] for key in secret if key.startswith(f"{NAMESPACE}:"))
    settings, broken, found = read(stack, own, own_secret, environ)
    problems += found
    problems += checks.credentials(settings, broken, own, own_secret)
    problems += checks.unknown_keys(settings, broken, own)
    problems += checks.names(settings, broken)
    raise_all(problem.at(place) for problem in problems)
    return settings
