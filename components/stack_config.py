"""The configuration of the running stack as the settings read it: a secret is there, its value is not."""

from pulumi.runtime.config import get_config_env, get_config_secret_keys_env


def sealed() -> dict[str, object]:
    """Return the configuration that the engine gave to this program, each secret as ``{secure: ''}``."""
    secret = set(get_config_secret_keys_env())
    return {key: {"secure": ""} if key in secret else value for key, value in get_config_env().items()}
