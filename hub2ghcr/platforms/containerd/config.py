"""The part of containerd's own configuration that mirrors need: where ``hosts.toml`` is read, what opens a private one.

Its credential is not for ``hosts.toml``: a Basic header there goes to ``/v2``, where GHCR wants the token that its
token endpoint gives for it, and the file is everybody's to read. What a Pod lists in ``imagePullSecrets`` is not for
mirrors either: the kubelet finds it by the name of the image, and names no server, so that containerd shows it to
whichever host it asks, before anything that stands here.
"""

from __future__ import annotations

import json
from typing import Final, Literal

from ...credentials import Credential

SECTIONS: Final = {
    1: 'plugins."io.containerd.grpc.v1.cri".registry',
    2: 'plugins."io.containerd.cri.v1.images".registry',
}
"""Where registries are, by containerd's major version: of files with ``version = 2`` and ``version = 3``."""


def config_toml(version: Literal[1, 2], folder: str = "", host: str = "", credential: Credential | None = None) -> str:
    """Return the part of ``config.toml``.

    ``registry.configs`` is deprecated since containerd 1.5, and its removal was put off release by release, to 2.4 by
    now (its RELEASES.md, "Deprecated config properties"): nothing else there opens a mirror.

    Args:
        version: containerd's major one.
        folder: where ``hosts.toml`` files are; empty: it is set already.
        host: that of the mirror, with its port if it needs one.
        credential: what opens it; None: nothing has to.
    """
    section = SECTIONS[version]
    parts = []
    if folder:
        parts.append(f"[{section}]\n  config_path = {json.dumps(folder)}\n")
    if credential is not None:
        user, secret = (json.dumps(each) for each in (credential.username, credential.secret))
        parts.append(f'[{section}.configs."{host}".auth]\n  username = {user}\n  password = {secret}\n')
    return "\n".join(parts)
