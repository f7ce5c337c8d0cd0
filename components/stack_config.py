"""The configuration of the running stack: as the settings read it a secret is there, its value is not.

A program gets it from its language host by the environment, a component of a program in another language by the call
that makes it.
"""

from typing import Any

from pulumi.runtime.config import CONFIG, get_config_env, get_config_secret_keys_env, is_config_secret


def given() -> dict[str, Any]:
    """Return the configuration by full key (``hub2ghcr:credentials``), secrets in plain."""
    return {**get_config_env(), **CONFIG.get()}


def sealed() -> dict[str, object]:
    """Return the same, each secret as ``{secure: ''}``."""
    secret = set(get_config_secret_keys_env())
    return {key: {"secure": ""} if key in secret or is_config_secret(key) else value for key, value in given().items()}
