"""The image of kaniko's executor, as its project makes the one with a shell (``deploy/Dockerfile``, stage debug).

The executor is the real one, the shell Debian's busybox. It trusts one authority, which is not the world's.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from lab import images, oci, registry_admin, toolchain
from lab.toolchain.debian import ensure
from lab.toolchain.program import architecture

REPOSITORY, TAG = "acme/tools/kaniko", "v1.24.0-debug"
IMAGE = f"ghcr.io/{REPOSITORY}:{TAG}"

_CONFIG = {
    "Env": [
        "HOME=/root",
        "USER=root",
        "PATH=/usr/local/bin:/kaniko:/busybox",
        "SSL_CERT_DIR=/kaniko/ssl/certs",
        "DOCKER_CONFIG=/kaniko/.docker/",
    ],
    "WorkingDir": "/workspace",
    # a volume is no part of what the executor takes a picture of
    "Volumes": {"/busybox": {}},
}


def image(authority: bytes, executor: bytes | None = None) -> oci.Image:
    """The image for this machine's processor; builds the executor and installs busybox where they are missing.

    ``executor`` is a program in place of the real one.
    """
    if executor is None:
        executor = toolchain.resolve(["executor"], quiet=True).program("executor").read_bytes()
    ensure(["busybox-static"])
    busybox = Path("/bin/busybox")
    told = subprocess.run([busybox, "--list"], capture_output=True, text=True, timeout=10, check=True).stdout
    files = {
        "busybox/busybox": busybox.read_bytes(),
        "etc/nsswitch.conf": b"hosts: files dns\n",
        "kaniko/executor": executor,
        "kaniko/ssl/certs/ca-certificates.crt": authority,
    }
    links = {f"busybox/{name}": "/busybox/busybox" for name in told.split() if name != "busybox"}
    links["bin/sh"] = "/busybox/sh"
    layers = {architecture(): (oci.layer(files, links),)}
    return oci.image(oci.Content(("/kaniko/executor",), layers, config=_CONFIG))


def seed(state: Path, authority: bytes, tag: str = TAG, executor: bytes | None = None) -> None:
    """Push it to the stand-in for GHCR, where anyone may pull it."""
    with images.behind(state, "ghcr", REPOSITORY, timeout=60) as client:
        images.push(client, REPOSITORY, tag, image(authority, executor))
    registry_admin.set_visibility(state, "ghcr", REPOSITORY, "public")
