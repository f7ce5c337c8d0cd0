"""What a node's own configuration says already."""

from __future__ import annotations

import pytest

from hub2ghcr.platforms.containerd import NodeMirror
from hub2ghcr.platforms.containerd.reading import obstacles
from tests.hub2ghcr.platforms.containerd.test_files import MIRROR

ONE = '[plugins."io.containerd.grpc.v1.cri".registry]\n'
TWO = "[plugins.'io.containerd.cri.v1.images'.registry]\n"
FOLDER = 'config_path = "/etc/containerd/certs.d"\n'
MICROK8S = NodeMirror("microk8s", 1, "/var/snap/microk8s/current/args/certs.d", "files", True, True, MIRROR.routes)

OLD_TEMPLATE = """\
version = 2
[plugins."io.containerd.grpc.v1.cri".registry]
  [plugins."io.containerd.grpc.v1.cri".registry.mirrors]
    [plugins."io.containerd.grpc.v1.cri".registry.mirrors."docker.io"]
      endpoint = ["https://registry-1.docker.io", ]
    [plugins."io.containerd.grpc.v1.cri".registry.mirrors."localhost:32000"]
      endpoint = ["http://localhost:32000"]
"""


def told(text: str, mirror: NodeMirror = MIRROR) -> list[str]:
    return [str(each) for each in obstacles(text, "config.toml", mirror)]


@pytest.mark.parametrize(
    ("text", "version"),
    [
        (f"version = 2\n{ONE}{FOLDER}", 1),
        (f"version = 3\n{TWO}{FOLDER}", 2),
        (f'version = 3\n{TWO}config_path = "/etc/docker/certs.d:/etc/containerd/certs.d/"\n', 2),
    ],
)
def test_a_node_that_reads_the_folder_is_fine(text: str, version: int) -> None:
    mirror = NodeMirror("containerd", 1 if version == 1 else 2, MIRROR.folder, "files", True, True, MIRROR.routes)
    assert told(text, mirror) == []


def test_the_folder_of_microk8s_is_that_of_its_snap() -> None:
    assert told(f'version = 2\n{ONE}config_path = "${{SNAP_DATA}}/args/certs.d"\n', MICROK8S) == []


def test_the_older_mirrors_of_microk8s_are_explained() -> None:
    hub, local, folder = told(OLD_TEMPLATE, MICROK8S)
    assert "registry.mirrors is the older way" in hub
    assert "'docker.io: https://registry-1.docker.io'" in hub
    assert "localhost:32000" in local
    assert "has no config_path" in folder
    assert 'config_path = "/var/snap/microk8s/current/args/certs.d"`, then `snap restart microk8s`' in folder


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("version = 2", "has no config_path"),
        (f'version = 2\n{ONE}config_path = "/opt/certs.d"', "set `nodeMirror.folder: /opt/certs.d`"),
        (f"version = 3\n{TWO}{FOLDER}", "is of containerd 2.x, the settings say 1; set `nodeMirror.version: 2`"),
        (f'version = 2\n{ONE}{FOLDER}[plugins."io.containerd.grpc.v1.cri".registry.configs.x.tls]\n', "configs.tls"),
        (f"version = 3\n{ONE}{FOLDER}", "which version 3 does not read"),
        ('version = 2\n[plugins.cri.registry.mirrors."x"]\nendpoint = 1', "is the older way"),
        ("{{ if }}", "is no TOML"),
        ("plugins = 3", "has no config_path"),
        ('version = 2\n[plugins."io.containerd.grpc.v1.cri".registry]\nmirrors = 3\nconfigs = 3', "has no config_path"),
        ('version = 2\n[plugins."io.containerd.grpc.v1.cri".registry.configs]\nx = 1', "has no config_path"),
    ],
)
def test_what_keeps_it_from_reading_is_told_with_the_remedy(text: str, line: str) -> None:
    assert any(line in each for each in told(text)), told(text)
