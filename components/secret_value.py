"""The value of a named credential, as a Pulumi secret."""

import pulumi

from hub2ghcr.plan import CredentialRef

NAMESPACE = "hub2ghcr"
"""Every key of ours in a stack's configuration starts with this, whatever the project is called."""


def secret_value(credential: CredentialRef) -> pulumi.Output[str]:
    """Return the credential's value, secret from the start; it is encrypted wherever the state keeps it.

    Raises:
        pulumi.ConfigMissingError: the stack has no such key (the settings report that first, with the remedy).
    """
    return pulumi.Config(NAMESPACE).require_secret(credential.secret_key)
