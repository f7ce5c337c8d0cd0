"""``hub2ghcr init``, run as a user runs it."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

from .running import hub2ghcr, lines

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    spec:
      containers:
        - {name: web, image: "nginx:1.27"}
        - {name: shop, image: acme/shop:2}
        - {name: redis, image: bitnami/redis:7}
        - {name: side, image: quay.io/x/y:1}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy/web.yaml").write_text(WEB)
    return tmp_path


def test_a_repository_is_begun_that_plans_at_once(folder: Path) -> None:
    done = hub2ghcr(folder, "init", "--owner", "Acme", "--stack", "prod")
    assert (done.returncode, done.stderr) == (0, b"")
    assert lines(done.stdout)[:4] == [
        "written: Pulumi.yaml",
        "written: __main__.py",
        "written: requirements.txt",
        "written: stacks/Pulumi.prod.yaml",
    ]
    assert (folder / "requirements.txt").read_text() == f"hub2ghcr=={version('hub2ghcr')}\n"
    assert len((folder / "__main__.py").read_text().splitlines()) <= 20
    config = yaml.safe_load((folder / "stacks/Pulumi.prod.yaml").read_text())["config"]
    assert config["hub2ghcr:phase"] == "prepare"
    assert config["hub2ghcr:mapping"]["rules"] == [
        {"from": "docker.io/acme/*", "to": "ghcr.io/acme/*"},
        {"from": "docker.io/bitnami/*", "to": "ghcr.io/acme/mirror/bitnami/*"},
        {"from": "docker.io/library/*", "to": "ghcr.io/acme/mirror/*"},
    ]
    text = (folder / "stacks/Pulumi.prod.yaml").read_text()
    assert "# TODO: 1 on quay.io stay, unless a rule claims them: from: quay.io/*" in text
    assert "#           - deploy/web.yaml" in text
    planned = hub2ghcr(folder, "plan", "-s", "prod")
    assert (planned.returncode, planned.stderr) == (0, b"")
    scanned = hub2ghcr(folder, "scan", "deploy", "-s", "prod")
    assert "ghcr.io/acme/mirror/bitnami/redis:7" in scanned.stdout.decode()
    assert "to move: 3 images, 3 references" in lines(scanned.stdout)


def test_the_todos_of_the_stack_file_are_what_the_settings_take(folder: Path) -> None:
    hub2ghcr(folder, "init", "--owner", "acme", "--stack", "prod")
    path = folder / "stacks/Pulumi.prod.yaml"
    written = path.read_text().splitlines()
    first = next(number for number, line in enumerate(written) if line.startswith("  # hub2ghcr:registries"))
    open_ = [line.replace("  # ", "  ", 1) if number >= first else line for number, line in enumerate(written)]
    text = "\n".join(line for line in open_ if not line.startswith("  TODO:"))
    text = text.replace("   TODO:", "   shop:").replace("context: TODO", "context: prod")
    path.write_text(text + "\n  hub2ghcr:ghcrPushToken: {secure: v1:a:b}\n  hub2ghcr:ghcrPullToken: {secure: v1:a:b}\n")
    done = hub2ghcr(folder, "plan", "-s", "prod")
    assert done.returncode == 1
    assert all("lock" in line for line in lines(done.stderr)), done.stderr.decode()


def test_what_is_there_is_left_as_it_is(folder: Path) -> None:
    (folder / "Pulumi.yaml").write_text("name: mine\n")
    done = hub2ghcr(folder, "init", "deploy", "--owner", "acme", "--stack", "prod")
    assert (done.returncode, lines(done.stdout)[0]) == (0, "written: __main__.py")
    assert "kept: Pulumi.yaml (it was there)" in lines(done.stdout)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    again = hub2ghcr(folder, "init", "deploy", "--owner", "other", "--stack", "prod")
    assert (again.returncode, [line for line in lines(again.stdout) if line.startswith("written")]) == (0, [])
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_folder_elsewhere_is_made(folder: Path) -> None:
    done = hub2ghcr(folder, "init", "deploy", "--dir", "new/repo", "--owner", "acme", "--stack", "prod")
    assert done.returncode == 0
    assert (folder / "new/repo/Pulumi.yaml").read_text().startswith("name: repo\n")
    assert not (folder / "Pulumi.yaml").exists()


def test_without_images_the_stack_file_is_still_one(tmp_path: Path) -> None:
    assert hub2ghcr(tmp_path, "init", "--owner", "acme", "--stack", "prod").returncode == 0
    assert hub2ghcr(tmp_path, "plan", "-s", "prod").returncode == 0


def test_a_broken_file_is_told_and_the_rest_is_begun(folder: Path) -> None:
    (folder / "a.yaml").write_text("kind: [\n")
    done = hub2ghcr(folder, "init", "--owner", "acme", "--stack", "prod")
    assert (done.returncode, lines(done.stderr)[0][:15]) == (2, "error: a.yaml:2")
    assert (folder / "stacks/Pulumi.prod.yaml").exists()


@pytest.mark.parametrize(
    ("owner", "stack", "said"),
    [("a/b", "prod", "--owner: not a GitHub owner's name: 'a/b'"), ("acme", "../x", "--stack: not a stack's name")],
)
def test_names_that_cannot_be_are_refused(folder: Path, owner: str, stack: str, said: str) -> None:
    done = hub2ghcr(folder, "init", "--owner", owner, "--stack", stack)
    assert done.returncode == 2
    assert said in done.stderr.decode()
    assert not (folder / "Pulumi.yaml").exists()


def test_what_cannot_be_written_is_told(folder: Path) -> None:
    (folder / "stacks").write_text("a file")
    done = hub2ghcr(folder, "init", "deploy", "--owner", "acme", "--stack", "prod")
    assert done.returncode == 2
    assert lines(done.stderr) == ["error: stacks/Pulumi.prod.yaml: cannot be written: File exists"]
