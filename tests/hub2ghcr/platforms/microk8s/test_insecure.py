"""Which files of a machine say that registries have no TLS."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub2ghcr.errors import Hub2GhcrError, ManifestError, Problems
from hub2ghcr.platforms.microk8s import insecure

URLS = {"10.0.0.5:32000": "http://10.0.0.5:32000"}


def certs(tmp_path: Path, folder: str, **files: str) -> Path:
    place = tmp_path / "certs.d" / folder
    place.mkdir(parents=True)
    for name, text in files.items():
        (place / name.replace("_", ".")).write_text(text)
    return place


def changed(tmp_path: Path) -> insecure.Change:
    (found,) = insecure.changes(URLS, str(tmp_path / "certs.d"))
    return found


def test_a_file_is_made_where_microk8s_has_its_own(tmp_path: Path) -> None:
    found = changed(tmp_path)
    assert found.path == str(tmp_path / "certs.d" / "10.0.0.5:32000" / "hosts.toml")
    assert (found.before, found.changes, found.needs) == ("", True, insecure.NO_RESTART)
    assert not (tmp_path / "certs.d").exists()
    insecure.write(found)
    assert Path(found.path).read_text() == found.after
    assert not changed(tmp_path).changes


def test_the_folder_that_containerd_reads_first_is_taken(tmp_path: Path) -> None:
    certs(tmp_path, "10.0.0.5:32000")
    place = certs(tmp_path, "10.0.0.5_32000_", hosts_toml="# theirs\n")
    found = changed(tmp_path)
    assert found.path == str(place / "hosts.toml") and "# theirs" in found.after


def test_certificates_that_a_new_file_would_hide_are_told(tmp_path: Path) -> None:
    certs(tmp_path, "10.0.0.5:32000", ca_crt="…")
    with pytest.raises(Problems, match=r"its certificates are not read: 'ca\.crt'"):
        changed(tmp_path)


def test_certificates_beside_a_file_are_its_own_matter(tmp_path: Path) -> None:
    certs(tmp_path, "10.0.0.5:32000", ca_crt="…", hosts_toml="")
    assert changed(tmp_path).changes


def test_everything_that_cannot_be_merged_is_told_at_once(tmp_path: Path) -> None:
    certs(tmp_path, "10.0.0.5:32000", hosts_toml="=")
    docker = tmp_path / "daemon.json"
    docker.write_bytes(b"\xff")
    with pytest.raises(Problems) as failed:
        insecure.changes(URLS, str(tmp_path / "certs.d"), str(docker))
    assert len(failed.value.problems) == 2


def test_docker_has_to_be_told(tmp_path: Path) -> None:
    (found,) = insecure.changes(URLS, None, str(tmp_path / "daemon.json"))
    assert "10.0.0.5:32000" in found.after and found.needs == insecure.RELOAD


def test_a_folder_that_cannot_be_made_is_an_error_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "certs.d").write_text("a file")
    with pytest.raises(ManifestError, match=r"cannot be made") as failed:
        insecure.write(changed(tmp_path))
    assert isinstance(failed.value, Hub2GhcrError) and "certs.d" in str(failed.value)
