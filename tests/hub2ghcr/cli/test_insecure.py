"""``hub2ghcr insecure`` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.hub2ghcr.cli.running import hub2ghcr, lines

HOST = "10.0.0.5:32000"


def test_without_a_mode_the_changes_are_shown_and_nothing_is_written(tmp_path: Path) -> None:
    done = hub2ghcr(tmp_path, "insecure", HOST, "--certs-d", "certs.d", "--docker", "daemon.json")
    assert done.returncode == 0 and list(tmp_path.iterdir()) == []
    assert f'+[host."http://{HOST}"]' in lines(done.stdout) and '+  "insecure-registries": [' in lines(done.stdout)
    assert lines(done.stderr)[0] == f"certs.d/{HOST}/hosts.toml: no restart: containerd reads it at each pull"


def test_in_place_writes_once_and_says_what_is_needed(tmp_path: Path) -> None:
    command = ("insecure", HOST, "--certs-d", "certs.d", "--docker", "daemon.json")
    before = hub2ghcr(tmp_path, *command, "--check")
    assert before.returncode == 1 and "would write: daemon.json" in lines(before.stdout)
    done = hub2ghcr(tmp_path, *command, "--in-place")
    assert done.returncode == 0 and f"written: certs.d/{HOST}/hosts.toml" in lines(done.stdout)
    assert any("systemctl reload docker" in line for line in lines(done.stdout))
    again = hub2ghcr(tmp_path, *command, "--check")
    assert again.returncode == 0
    assert lines(again.stdout) == [f"unchanged: certs.d/{HOST}/hosts.toml", "unchanged: daemon.json"]


def test_json_has_the_files_and_what_they_need(tmp_path: Path) -> None:
    done = hub2ghcr(tmp_path, "insecure", f"{HOST}=https://{HOST}", "--certs-d", "c", "--output", "json")
    found = json.loads(done.stdout)
    assert (found["version"], found["written"]) == (1, False)
    (file,) = found["files"]
    assert file["path"] == f"c/{HOST}/hosts.toml" and "skip_verify = true" in file["text"] and file["changes"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((HOST,), "/var/snap/microk8s/current/args/certs.d for MicroK8s"),
        (("Not A Host", "--certs-d", "c"), "write a registry's host"),
        ((f"{HOST}=ftp://x", "--certs-d", "c"), "write HOST=URL"),
        (("--certs-d", "c"), "Missing argument"),
    ],
)
def test_wrong_use_is_told(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    done = hub2ghcr(tmp_path, "insecure", *arguments)
    assert done.returncode == 2 and told in done.stderr.decode()


def test_what_cannot_be_merged_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "daemon.json").write_text("[]")
    done = hub2ghcr(tmp_path, "insecure", HOST, "--docker", "daemon.json", "--in-place")
    assert done.returncode == 1 and lines(done.stderr)[0].startswith("error: daemon.json: cannot be merged")
    assert (tmp_path / "daemon.json").read_text() == "[]"
