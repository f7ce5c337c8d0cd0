"""The demo's images: the same bytes everywhere, and programs that run."""

from __future__ import annotations

import hashlib
import io
import json
import os
import platform
import shutil
import signal
import struct
import subprocess
import tarfile
from pathlib import Path

import httpx
import pytest

from lab import images, oci, registry_admin
from lab.elf import AARCH64, PROGRAMS, X86_64
from lab.images import DEMO_IMAGES, write_archive
from tests.lab.conftest import Registries

PINNED = {
    "acme/shop:1.4.2": "sha256:4520925b0ec498e75905e0bfc6d814721353334ca575ec69061bc468c87d53cb",
    "acme/tools:3": "sha256:f19253443b8d5ed2a276f4e185f96cb5c72ed8df5053706b5157ddee88620776",
    "library/busybox:1.36": "sha256:d2b5428ef95ff183a4ee57f464f6ef008658b1af27e312d8fa1c3888dc1e44c3",
    "library/nginx:1.27": "sha256:0ef6167418f87e5f7eab335ecb27f07d9c4cbe2fc30e650b762c16a12a731d70",
}

runs_here = pytest.mark.skipif(platform.machine() != "x86_64", reason="the programs are for x86-64")


def test_the_same_bytes_on_every_machine() -> None:
    made = {f"{demo.repository}:{demo.tag}": demo.image.digest for demo in DEMO_IMAGES}
    assert {name: made[name] for name in PINNED} == PINNED


def test_no_two_images_are_the_same_and_all_share_their_base() -> None:
    made = [demo.image for demo in DEMO_IMAGES]
    assert len({image.digest for image in made}) == len(made)
    shared = set.intersection(*({blob.digest for blob in image.blobs} for image in made))
    assert len(shared) == 2, "one base layer for each platform"


def test_every_digest_and_size_names_what_it_points_at() -> None:
    for demo in DEMO_IMAGES:
        image = demo.image
        blobs = {blob.digest: blob for blob in image.blobs}
        manifests = {manifest.digest: manifest for manifest in image.manifests}
        listed = json.loads(image.index.data)["manifests"]
        assert [entry["platform"]["architecture"] for entry in listed] == ["amd64", "arm64"]
        for entry in listed:
            manifest = json.loads(manifests[entry["digest"]].data)
            for pointer in (manifest["config"], *manifest["layers"]):
                assert len(blobs[pointer["digest"]].data) == pointer["size"]
            config = json.loads(blobs[manifest["config"]["digest"]].data)
            assert config["rootfs"]["diff_ids"] == [layer["digest"] for layer in manifest["layers"]]


def test_a_label_links_the_image_to_its_repository() -> None:
    image = next(demo.image for demo in DEMO_IMAGES if demo.repository == "acme/shop")
    config = next(json.loads(blob.data) for blob in image.blobs if blob.media_type == oci.CONFIG_TYPE)
    assert config["config"]["Labels"]["org.opencontainers.image.source"] == "https://github.com/acme/shop"


def test_an_archive_is_an_oci_layout_with_the_images_name(tmp_path: Path) -> None:
    path = tmp_path / "images" / "mynginx.tar"
    write_archive("docker.io/library/mynginx:local", path)
    with tarfile.open(path) as archive:
        files = {entry.name: archive.extractfile(entry) for entry in archive}
        read = {name: handle.read() for name, handle in files.items() if handle}
    (entry,) = json.loads(read["index.json"])["manifests"]
    assert entry["annotations"]["io.containerd.image.name"] == "docker.io/library/mynginx:local"
    assert "blobs/" + entry["digest"].replace(":", "/") in read
    for name, data in read.items():
        if name.startswith("blobs/"):
            assert hashlib.sha256(data).hexdigest() == name.rpartition("/")[2]
    assert sorted(p.name for p in path.parent.iterdir()) == ["mynginx.tar"]


def test_a_sandbox_image_waits_and_others_serve(tmp_path: Path) -> None:
    for name, entrypoint in (("pause:3.9", "/pause"), ("mynginx:local", "/serve")):
        write_archive(f"docker.io/library/{name}", tmp_path / "image.tar")
        assert f'"Entrypoint":["{entrypoint}"]'.encode() in (tmp_path / "image.tar").read_bytes()


@pytest.mark.parametrize(("architecture", "machine"), [("amd64", X86_64), ("arm64", AARCH64)])
def test_programs_are_static_executables_of_their_machine(architecture: str, machine: int) -> None:
    for program in PROGRAMS[architecture].values():
        assert program[:6] == b"\x7fELF\x02\x01"
        assert struct.unpack_from("<HH", program, 16) == (2, machine)
        (size,) = struct.unpack_from("<Q", program, 64 + 32)
        assert size == len(program)


def executable(folder: Path, name: str) -> str:
    path = folder / name
    path.write_bytes(PROGRAMS["amd64"][name])
    path.chmod(0o755)
    return str(path)


@runs_here
def test_done_ends_well_at_once(tmp_path: Path) -> None:
    assert subprocess.run([executable(tmp_path, "done")], timeout=5, check=False).returncode == 0


@runs_here
@pytest.mark.parametrize("name", ["pause", "serve"])
def test_what_waits_ends_well_when_asked(tmp_path: Path, name: str) -> None:
    command = [executable(tmp_path, name)]
    if os.geteuid() == 0 and shutil.which("unshare"):
        command = ["unshare", "--net", *command]  # so that port 8080 of this machine stays free
    process = subprocess.Popen(command)
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.3)
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
    finally:
        process.kill()
        process.wait()


SERVE = """
ip link set lo up
chroot "$1" /serve & first=$!
chroot "$1" /serve & second=$!
python3 - <<'CLIENT'
import socket, time
for _ in range(8):
    for _ in range(100):
        try:
            connection = socket.create_connection(("127.0.0.1", 8080), 2)
            break
        except OSError:
            time.sleep(0.02)
    connection.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
    text = b""
    while piece := connection.recv(4096):
        text += piece
    print(text.decode().splitlines())
CLIENT
kill $first $second
wait $first && wait $second && echo ended well
"""


@runs_here
@pytest.mark.root
@pytest.mark.skipif(not shutil.which("ip"), reason="needs iproute2")
def test_serve_answers_with_the_images_name_and_two_share_the_port(tmp_path: Path) -> None:
    executable(tmp_path, "serve")
    (tmp_path / "image").write_text("acme/shop:1.4.2\n")
    command = ["unshare", "--net", "sh", "-c", SERVE, "sh", str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    answer = "['HTTP/1.0 200 OK', 'Content-Type: text/plain', '', 'acme/shop:1.4.2']"
    assert ran.stdout.splitlines() == [answer] * 8 + ["ended well"], ran.stderr


def test_a_seed_pushes_all_images_and_moves_no_counter(pair: Registries) -> None:
    images.seed(pair.state)
    assert registry_admin.counters(pair.state, "hub") == {}
    for demo in DEMO_IMAGES:
        bearer = registry_admin.token(pair.state, demo.place, demo.repository)
        url = pair.url(demo.place, f"/v2/{demo.repository}/manifests/{demo.tag}")
        headers = {"Authorization": f"Bearer {bearer}", "Accept": oci.INDEX_TYPE}
        assert (
            httpx.head(url, headers=headers, trust_env=False, verify=False).headers["docker-content-digest"]
            == demo.image.digest
        )


def test_a_layer_holds_plain_files_of_root_without_a_time() -> None:
    with tarfile.open(fileobj=io.BytesIO(oci.layer({"b": b"2", "a": b"1"}).data)) as archive:
        assert [(e.name, e.mtime, e.uid, e.mode) for e in archive] == [("a", 0, 0, 0o755), ("b", 0, 0, 0o755)]
