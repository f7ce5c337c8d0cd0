"""Credentials: a user name and a secret that never shows itself, and the places where a value is found.

A command of ours looks, in this order, at

1. the environment: ``HUB2GHCR_SECRET_`` and the credential's secret key in upper snake case
   (``ghcrPushToken`` is ``HUB2GHCR_SECRET_GHCR_PUSH_TOKEN``);
2. the files that `stored` reads: Docker's ``config.json`` and the ``auth.json`` of podman, buildah and skopeo. In each
   of them ``credHelpers`` come first, then ``credsStore``, then ``auths``, the order of Docker's own client;
3. nothing: anonymous.

The Pulumi program reads the same values from the stack's encrypted configuration instead. What a kubelet reads of a
pull Secret is another matter: `hub2ghcr.credentials.keyring`.
"""

from .asked import asked, registry
from .credential import Credential
from .docker_config import HUB_KEY, decode, docker_config_json, key_of
from .environment import from_environment, variable
from .helper import HELPER_SECONDS, ask_helper
from .stored import Stored, files, stored, stored_in

__all__ = [
    "HELPER_SECONDS",
    "HUB_KEY",
    "Credential",
    "Stored",
    "ask_helper",
    "asked",
    "decode",
    "docker_config_json",
    "files",
    "from_environment",
    "key_of",
    "registry",
    "stored",
    "stored_in",
    "variable",
]
