"""``hub2ghcr nodes``, run as a user runs it."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from ..conftest import Project
from ..platforms.containerd.test_plan import mirrored
from .running import hub2ghcr, lines

HOSTS = "etc/containerd/certs.d/docker.io/hosts.toml"
CONFIG = "etc/containerd/config.toml"


@pytest.fixture
def private(project: Project) -> Project:
    """A stack whose nodes pull from a private mirror."""
    return mirrored(project, credential="pull").save()


def test_files_are_shown_with_what_needs_a_restart(private: Project) -> None:
    done = hub2ghcr(private.root, "nodes", "-s", "test")
    assert done.returncode == 0, done.stderr
    told = lines(done.stdout)
    assert f"# one: /{HOSTS} (needs no restart)" in told
    assert f"# one: /{CONFIG} (needs `systemctl restart containerd`, to be added to what is there)" in told
    assert any("opens the mirror from /etc/containerd/config.toml" in each for each in told)


def test_a_credential_is_in_the_one_file_that_is_asked_for(private: Project, tmp_path: Path) -> None:
    out = tmp_path / "nodes"
    done = hub2ghcr(
        private.root, "nodes", "-s", "test", "--out", str(out), "--credentials", HUB2GHCR_SECRET_PULL_TOKEN="the-value"
    )
    assert done.returncode == 0, done.stderr
    holding = [path for path in out.rglob("*") if path.is_file() and "the-value" in path.read_text()]
    assert holding == [out / "one" / f"{CONFIG}.part"]
    assert stat.S_IMODE(holding[0].stat().st_mode) == 0o600
    assert b"the-value" not in done.stdout + done.stderr
    assert (out / "one" / HOSTS).is_file()


def test_a_folder_that_is_copied_over_a_node_replaces_no_configuration(private: Project, tmp_path: Path) -> None:
    """What is added to a file is not written under its name: the rest of a node's config.toml would be gone."""
    out = tmp_path / "nodes"
    done = hub2ghcr(private.root, "nodes", "-s", "test", "--out", str(out))
    assert not (out / "one" / CONFIG).exists()
    what = "needs `systemctl restart containerd`, to be added to what is there"
    assert f"# written: {out}/one/{CONFIG}.part ({what})" in lines(done.stdout)


def test_json_has_the_files_but_no_value(private: Project, tmp_path: Path) -> None:
    arguments = ("nodes", "-s", "test", "--out", str(tmp_path / "n"), "--credentials", "--output", "json")
    done = hub2ghcr(private.root, *arguments, HUB2GHCR_SECRET_PULL_TOKEN="the-value")
    found = json.loads(done.stdout)
    assert {each["path"]: each["text"] is None for each in found["clusters"]["one"]} == {
        f"/{CONFIG}": True,
        f"/{HOSTS}": False,
    }


def test_what_is_missing_is_told(private: Project, tmp_path: Path) -> None:
    done = hub2ghcr(private.root, "nodes", "-s", "test", "--credentials")
    assert done.returncode == 2
    done = hub2ghcr(private.root, "nodes", "-s", "test", "--out", str(tmp_path / "n"), "--credentials")
    assert done.returncode == 1
    assert b"set HUB2GHCR_SECRET_PULL_TOKEN" in done.stderr
    done = hub2ghcr(private.root, "nodes", "-s", "test", "--cluster", "two")
    assert b"those with a nodeMirror: one" in done.stderr


def test_a_nodes_own_file_is_checked(private: Project) -> None:
    private.write("config.toml", "version = 2\n")
    done = hub2ghcr(private.root, "nodes", "-s", "test", "--check", "config.toml")
    assert done.returncode == 1
    assert b"has no config_path" in done.stderr
    section = '[plugins."io.containerd.grpc.v1.cri".registry]\nconfig_path = "/etc/containerd/certs.d"\n'
    private.write("config.toml", f"version = 2\n{section}")
    done = hub2ghcr(private.root, "nodes", "-s", "test", "--check", "config.toml")
    assert (done.returncode, lines(done.stdout)) == (0, ["config.toml: hosts.toml files of one are read"])
