"""The configuration of the running stack, in the shape `Settings.from_config` takes: names, never a secret's value."""

from collections.abc import Mapping
from typing import Any

import pulumi.runtime.config as runtime

from .secret_value import NAMESPACE

SEALED: Mapping[str, str] = {"secure": ""}
"""What stands for a secret's value: that there is one."""


def of_program() -> dict[str, object]:
    """Return the configuration that the engine gave to this program; secrets are sealed."""
    values, secret = runtime.get_config_env(), set(runtime.get_config_secret_keys_env())
    return {key: SEALED if key in secret else value for key, value in values.items()}


def of_provider(values: Mapping[str, Any], secret_keys: frozenset[str]) -> dict[str, object]:
    """Return the configuration that the engine gave to a provider, which does not say what is secret: the caller does.

    ``secret_keys`` are the flat keys without their namespace that credentials name.
    """
    sealed = {f"{NAMESPACE}:{key}" for key in secret_keys}
    return {key: SEALED if key in sealed else value for key, value in values.items()}
