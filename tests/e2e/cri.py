"""A containerd by itself, asked as a kubelet asks it: over the Container Runtime Interface, to pull images and no more.

The messages are those of ``runtime.v1.ImageService`` (kubernetes/cri-api, api.proto), two fields of each.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc  # type: ignore[import-untyped]

CONFIG = """version = 2
root = "{folder}/root"
state = "{folder}/state"
disabled_plugins = ["io.containerd.internal.v1.tracing", "io.containerd.tracing.processor.v1.otlp"]

[grpc]
  address = "{folder}/sock"

[plugins."io.containerd.grpc.v1.cri".containerd]
  snapshotter = "native"

[plugins."io.containerd.internal.v1.opt"]
  path = "{folder}/opt"

"""


@dataclass(frozen=True)
class Runtime:
    """A containerd that runs, and its folder."""

    folder: Path

    def pull(self, image: str, user: str = "", password: str = "") -> str:
        """Pull an image, with what a kubelet found for its name if anything; return what went wrong, or nothing."""
        auth = _field(2, _field(1, user.encode()) + _field(2, password.encode())) if user else b""
        with grpc.insecure_channel(f"unix://{self.folder}/sock") as channel:
            call = channel.unary_unary("/runtime.v1.ImageService/PullImage")
            try:
                call(_field(1, _field(1, image.encode())) + auth, timeout=60)
            except grpc.RpcError as error:
                return str(error.details())
        return ""


@contextmanager
def containerd(registries: str, path: str) -> Iterator[Runtime]:
    """Run one with these parts of its configuration; it ends with the block."""
    # a Unix socket's path has at most 107 bytes
    with tempfile.TemporaryDirectory(prefix="h2g-", dir="/run") as name:
        folder = Path(name)
        (folder / "config.toml").write_text(CONFIG.format(folder=folder) + registries)
        with (folder / "log").open("w") as log:
            program = subprocess.Popen(
                ["containerd", "--config", f"{folder}/config.toml"], stdout=log, stderr=log, env={"PATH": path}
            )
            try:
                _await(folder, program)
                yield Runtime(folder)
            finally:
                program.terminate()
                program.wait(20)


def _await(folder: Path, program: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end and program.poll() is None:
        if (folder / "sock").exists():
            with grpc.insecure_channel(f"unix://{folder}/sock") as channel:
                try:
                    channel.unary_unary("/runtime.v1.ImageService/ListImages")(b"", timeout=2)
                    return
                except grpc.RpcError:
                    pass
        time.sleep(0.1)
    raise AssertionError("\n".join((folder / "log").read_text().splitlines()[-12:]))


def _field(number: int, data: bytes) -> bytes:
    """A field with a length (protobuf's encoding)."""
    length, size = len(data), b""
    while length > 127:
        size += bytes([length & 127 | 128])
        length >>= 7
    return bytes([number << 3 | 2]) + size + bytes([length]) + data
