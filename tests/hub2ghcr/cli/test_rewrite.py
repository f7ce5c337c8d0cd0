"""``hub2ghcr rewrite``, run as a user runs it."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest

from hub2ghcr.lock import Lock

from ..conftest import DIGEST, entry
from .running import ROOT, hub2ghcr, lines

ACME = ("--map", "docker.io/library/*=ghcr.io/acme/mirror/*", "--map", "docker.io/acme/*=ghcr.io/acme/*")

WEB = b"""\
# the shop's web server
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - name: web
          image: 'nginx:1.27'   # pinned by us
        - {name: side, image: "acme/side:2"}
        - name: tools
          image: ghcr.io/acme/tools:3
"""
WEB_AFTER = WEB.replace(b"'nginx:1.27'", b"'ghcr.io/acme/mirror/nginx:1.27'").replace(
    b'"acme/side:2"', b'"ghcr.io/acme/side:2"'
)
OTHER = b"apiVersion: v1\nkind: Pod\nmetadata: {name: other}\nspec: {containers: [{name: a, image: bitnami/redis:7}]}\n"
BROKEN = b"kind: Pod\nspec: {containers: [{image: nginx\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "web.yaml").write_bytes(WEB)
    return tmp_path


def test_the_stream_is_the_file_with_other_images(folder: Path) -> None:
    for arguments, stdin in ((("web.yaml",), b""), (("-",), WEB)):
        done = hub2ghcr(folder, "rewrite", *arguments, *ACME, stdin=stdin)
        assert (done.returncode, done.stdout, done.stderr) == (0, WEB_AFTER, b"")
    assert (folder / "web.yaml").read_bytes() == WEB


def test_crlf_byte_order_mark_and_trailing_space_stay(folder: Path) -> None:
    data = b"\xef\xbb\xbf" + WEB.replace(b"\n", b"  \r\n")
    after = b"\xef\xbb\xbf" + WEB_AFTER.replace(b"\n", b"  \r\n")
    assert hub2ghcr(folder, "rewrite", "-", *ACME, stdin=data).stdout == after


def test_several_files_become_one_stream_of_documents(folder: Path) -> None:
    pod = b'{"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"image": "redis"}]}}'
    (folder / "other.json").write_bytes(pod)
    (folder / "Dockerfile").write_bytes(b"FROM nginx\n")
    (folder / "Dockerfile.other").write_bytes(b"FROM quay.io/a/b\n")
    done = hub2ghcr(folder, "rewrite", *ACME)
    assert done.returncode == 2
    assert b'"ghcr.io/acme/mirror/redis"}]}}\n---\n# the shop' in done.stdout
    assert lines(done.stderr) == [
        "error: Dockerfile: no part of a stream of YAML documents; use --diff, --check or --in-place, or name it alone"
    ]


def test_in_place_replaces_what_changes_and_keeps_modes(folder: Path) -> None:
    (folder / "web.yaml").chmod(0o755)
    (folder / "other.yaml").write_bytes(OTHER)
    before = (folder / "other.yaml").stat().st_ino
    done = hub2ghcr(folder, "rewrite", "--in-place", *ACME)
    assert (done.returncode, lines(done.stdout)) == (0, ["changed: web.yaml (2 images)"])
    note = "note: other.yaml:4:38: no mapping rule names this Docker Hub image: 'bitnami/redis:7'"
    assert lines(done.stderr) == [note]
    assert (folder / "web.yaml").read_bytes() == WEB_AFTER
    assert stat.S_IMODE((folder / "web.yaml").stat().st_mode) == 0o755
    assert (folder / "other.yaml").stat().st_ino == before
    again = hub2ghcr(folder, "rewrite", "--in-place", *ACME)
    assert (again.returncode, again.stdout) == (0, b"")


def test_in_place_writes_to_what_a_link_of_the_tree_names_and_keeps_the_link(folder: Path) -> None:
    (folder / "link.yaml").symlink_to("web.yaml")
    assert hub2ghcr(folder, "rewrite", "--in-place", "link.yaml", *ACME).returncode == 0
    assert (folder / "link.yaml").is_symlink()
    assert (folder / "web.yaml").read_bytes() == WEB_AFTER


def test_in_place_follows_no_link_out_of_the_tree(folder: Path) -> None:
    inside = folder / "inside"
    inside.mkdir()
    (inside / "link.yaml").symlink_to("../web.yaml")
    assert hub2ghcr(inside, "rewrite", "--in-place", *ACME).returncode == 0
    assert hub2ghcr(inside, "rewrite", "--in-place", "link.yaml", *ACME).returncode == 2
    assert (folder / "web.yaml").read_bytes() == WEB


def test_the_diff_is_what_git_applies(folder: Path) -> None:
    done = hub2ghcr(folder, "rewrite", "--diff", *ACME)
    assert done.returncode == 0
    assert (folder / "web.yaml").read_bytes() == WEB
    subprocess.run(["git", "apply", "-"], input=done.stdout, cwd=folder, check=True, timeout=60)
    assert (folder / "web.yaml").read_bytes() == WEB_AFTER


def test_check_names_what_would_change_and_ends_with_1(folder: Path) -> None:
    done = hub2ghcr(folder, "rewrite", "--check", *ACME)
    assert (done.returncode, lines(done.stdout)) == (1, ["would change: web.yaml (2 images)"])
    (folder / "web.yaml").write_bytes(WEB_AFTER)
    done = hub2ghcr(folder, "rewrite", "--check", *ACME)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_broken_file_does_not_stop_the_others(folder: Path) -> None:
    (folder / "a.yaml").write_bytes(BROKEN)
    (folder / "z.yaml").write_bytes(b"kind: Pod\nspec: {containers: [{image: nginx\xff}]}\n")
    done = hub2ghcr(folder, "rewrite", "--in-place", *ACME, "--check", "--in-place")
    assert done.returncode == 2
    assert (folder / "web.yaml").read_bytes() == WEB_AFTER
    assert [line.split(":")[:2] for line in lines(done.stderr)] == [["error", " a.yaml"], ["error", " z.yaml"]]


def test_pinned_images_have_tag_and_digest_and_what_is_not_locked_stays(folder: Path) -> None:
    Lock((entry("docker.io/library/nginx:1.27", "ghcr.io/acme/mirror/nginx:1.27"),)).dump(folder / "images.lock.yaml")
    done = hub2ghcr(folder, "rewrite", "--pin", "web.yaml", *ACME)
    assert done.returncode == 2
    pinned = f"'ghcr.io/acme/mirror/nginx:1.27@{DIGEST}'".encode()
    assert done.stdout == WEB.replace(b"'nginx:1.27'", pinned)
    assert lines(done.stderr) == ["error: web.yaml:11:31: not locked: 'acme/side:2'; `hub2ghcr lock` adds it"]
    again = hub2ghcr(folder, "rewrite", "--pin", "-", "--lock", "images.lock.yaml", *ACME, stdin=done.stdout)
    assert again.stdout == done.stdout


def test_two_sources_with_one_target_both_stay(folder: Path) -> None:
    both = ("--map", "docker.io/library/*=ghcr.io/acme/*", "--map", "docker.io/bitnami/*=ghcr.io/acme/*")
    (folder / "a.yaml").write_bytes(OTHER.replace(b"redis", b"nginx"))
    done = hub2ghcr(folder, "rewrite", "--in-place", *both)
    assert done.returncode == 2
    assert "docker.io/bitnami/nginx and docker.io/library/nginx -> ghcr.io/acme/nginx" in done.stderr.decode()
    assert (folder / "web.yaml").read_bytes() == WEB
    assert b"bitnami/nginx:7" in (folder / "a.yaml").read_bytes()


def test_rules_come_from_a_stack_or_from_a_file_of_its_own(folder: Path) -> None:
    mapping = "{rules: [{from: docker.io/library/*, to: ghcr.io/acme/mirror/*}, {from: acme/*, to: ghcr.io/acme/*}]}"
    (folder / "stacks").mkdir()
    (folder / "stacks/Pulumi.prod.yaml").write_text(
        f"config:\n  hub2ghcr:mapping: {mapping}\n  hub2ghcr:clusters: TODO\n  other:x: 1\n"
    )
    (folder / "rules.yaml").write_text(f"mapping: {mapping}\n")
    for option in (("-s", "prod"), ("--config", "rules.yaml"), ("--config", "stacks/Pulumi.prod.yaml")):
        done = hub2ghcr(folder, "rewrite", "web.yaml", *option)
        assert (done.stdout, done.stderr) == (WEB_AFTER, b"")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("web.yaml",), "which image moves where? Name --map, --config or --stack"),
        (("--map", "x"), "error: --map: not SOURCE=TARGET: 'x'; write 'docker.io/*=ghcr.io/OWNER/*'"),
        (("--map", "x=quay.io/a/b"), "error: --map: a target is ghcr.io/owner/package"),
        (("-s", "nowhere"), "error: stacks/Pulumi.nowhere.yaml: no such stack"),
        (("--config", "web.yaml"), "error: web.yaml: has none of the keys images, mapping, places, registries"),
        (("--config", "gone.yaml"), "error: gone.yaml: no such file"),
        (("-s", "a", "--config", "b"), "--config and --stack exclude each other"),
        ((*ACME, "--lock", "x"), "--lock is for --pin"),
        ((*ACME, "--pin"), "error: images.lock.yaml: no such lock file"),
        ((*ACME, "--in-place", "-"), "a stream has no place"),
        ((*ACME, "gone.yaml"), "error: gone.yaml: cannot be read: No such file or directory"),
    ],
)
def test_wrong_use_is_told_in_a_line_and_ends_with_2(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    done = hub2ghcr(folder, "rewrite", *arguments)
    assert done.returncode == 2
    assert said in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()
    assert (folder / "web.yaml").read_bytes() == WEB


def test_the_pre_commit_hook_checks_the_files_that_commands_read(folder: Path) -> None:
    import re

    import yaml

    from hub2ghcr.walking import can_hold_images

    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    names = ["a.yaml", "x/b.YML", "c.json", "Dockerfile", "x/Dockerfile.dev", "kustomization", "x.tpl"]
    others = ["a.md", "Dockerfile.dockerignore", "dockerfiles", "yaml", "x/a.py", "dockerfile.py"]
    for name in [*names, *others]:
        assert bool(re.search(hook["files"], name)) == can_hold_images(os.path.basename(name)) == (name in names), name
    program, *arguments = hook["entry"].split()
    assert program == "hub2ghcr"
    assert hub2ghcr(folder, *arguments, *ACME, "web.yaml").returncode == 1
