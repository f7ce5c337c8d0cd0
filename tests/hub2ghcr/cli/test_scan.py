"""``hub2ghcr scan``, run as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .running import hub2ghcr, lines

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - {name: web, image: "nginx:1.27"}
        - {name: side, image: acme/side:2}
        - {name: tools, image: ghcr.io/acme/tools:3}
---
apiVersion: v1
kind: Pod
metadata: {name: once}
spec: {containers: [{name: a, image: "nginx:1.27"}, {name: b, image: quay.io/x/y:1}]}
"""
ACME = ("--map", "docker.io/library/*=ghcr.io/acme/mirror/*")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy/web.yaml").write_text(WEB)
    (tmp_path / "Dockerfile").write_text("FROM nginx:1.27\n")
    return tmp_path


def test_every_image_is_told_with_its_places_and_its_fate(folder: Path) -> None:
    done = hub2ghcr(folder, "scan", *ACME)
    assert (done.returncode, done.stderr) == (0, b"")
    assert lines(done.stdout) == [
        "To move",
        "",
        "  nginx:1.27  3 references in 2 files  -> ghcr.io/acme/mirror/nginx:1.27",
        "      Dockerfile:1:6         Dockerfile/0    FROM",
        "      deploy/web.yaml:8:30   Deployment/web  spec.template.spec.containers[0].image",
        "      deploy/web.yaml:15:38  Pod/once        spec.containers[0].image",
        "",
        "Not covered by a rule",
        "",
        "  acme/side:2  1 reference in 1 file  no mapping rule names this Docker Hub image",
        "      deploy/web.yaml:9:31  Deployment/web  spec.template.spec.containers[1].image",
        "",
        "Stay",
        "",
        "  ghcr.io/acme/tools:3  1 reference in 1 file  already on GHCR",
        "      deploy/web.yaml:10:32  Deployment/web  spec.template.spec.containers[2].image",
        "  quay.io/x/y:1         1 reference in 1 file  lives on quay.io, which no rule claims",
        "      deploy/web.yaml:15:70  Pod/once  spec.containers[1].image",
        "",
        "4 images, 6 references in 2 files (2 files read)",
        "to move: 1 image, 3 references",
        "not covered by a rule: 1 image, 1 reference",
        "stay: 2 images, 2 references: 1 already on GHCR; 1 lives on quay.io, which no rule claims",
    ]


def test_a_stream_is_read_like_a_file(folder: Path) -> None:
    done = hub2ghcr(folder, "scan", "-", stdin=WEB.encode())
    assert (done.returncode, done.stderr) == (0, b"")
    assert "      -:8:30   Deployment/web  spec.template.spec.containers[0].image" in lines(done.stdout)


def test_json_holds_every_reference(folder: Path) -> None:
    data = json.loads(hub2ghcr(folder, "scan", "--output", "json", *ACME).stdout)
    assert data["summary"] == {
        "files": 2,
        "filesWithImages": 2,
        "images": 4,
        "problems": 0,
        "references": 6,
        "referencesByState": {"move": 3, "on-ghcr": 1, "other-registry": 1, "uncovered": 1},
    }
    nginx = next(each for each in data["images"] if each["image"] == "nginx:1.27")
    assert nginx["target"] == "ghcr.io/acme/mirror/nginx:1.27"
    assert nginx["references"][1] == {
        "file": "deploy/web.yaml",
        "line": 8,
        "column": 30,
        "kind": "Deployment",
        "name": "web",
        "field": "spec.template.spec.containers[0].image",
    }


def test_markdown_is_made_of_tables_that_no_name_can_break(folder: Path) -> None:
    (folder / "x.yaml").write_text('kind: Pod\napiVersion: v1\nspec: {containers: [{image: "a|b`\\nc"}]}\n')
    done = hub2ghcr(folder, "scan", "--output", "markdown", *ACME)
    text = done.stdout.decode()
    assert "| `nginx:1.27` | 3 | ghcr.io/acme/mirror/nginx:1.27 | Dockerfile:1:6 Dockerfile/0<br>" in text
    assert "| `a\\|b'\\nc` | 1 |" in text


@pytest.mark.parametrize("output", ["table", "json", "markdown"])
def test_the_same_files_give_the_same_bytes(folder: Path, output: str) -> None:
    one, other = (hub2ghcr(folder, "scan", "--output", output, PYTHONHASHSEED=seed).stdout for seed in "12")
    assert one == other != b""


def test_a_broken_file_does_not_stop_the_others(folder: Path) -> None:
    (folder / "a.yaml").write_text("kind: [\n")
    (folder / "b.yaml").write_bytes("kind: Pod".encode("utf-16"))
    done = hub2ghcr(folder, "scan", *ACME)
    assert done.returncode == 2
    assert [line.split(":")[:2] for line in lines(done.stderr)] == [["error", " a.yaml"], ["error", " b.yaml"]]
    assert "4 images, 6 references in 2 files (4 files read)" in lines(done.stdout)
    assert lines(done.stdout)[-1] == "problems: 2"


def test_nothing_found_is_said(tmp_path: Path) -> None:
    done = hub2ghcr(tmp_path, "scan")
    assert (done.returncode, lines(done.stdout)) == (0, ["0 images, 0 references in 0 files (0 files read)"])


@pytest.mark.parametrize("command", ["scan", "rewrite"])
def test_the_examples_of_the_help_stand_on_lines_of_their_own(tmp_path: Path, command: str) -> None:
    said = lines(hub2ghcr(tmp_path, command, "--help").stdout)
    assert any(line.startswith("    helm template") for line in said), said
    assert not any("\\b" in line for line in said)
