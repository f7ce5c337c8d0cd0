"""``hub2ghcr workflows``, run as a user runs it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import yaml

from hub2ghcr.credentials import Credential, variable
from hub2ghcr.github import GitHub
from lab import github, github_admin
from lab.accounts import GITHUB_ADMIN

from .running import hub2ghcr, lines

ACME = ("--map", "docker.io/acme/*=ghcr.io/acme/*")
CI = ".github/workflows/ci.yml"
WORKFLOW = b"""\
on: push
jobs:
  image:
    runs-on: ubuntu-latest
    permissions: {contents: read}
    steps:
      - uses: docker/login-action@v3
        with:
          username: ${{ secrets.DOCKERHUB_USERNAME }}
          password: ${{ secrets.DOCKERHUB_TOKEN }}
      - run: docker push acme/shop   # the image
      - run: docker pull other/base
"""
AFTER = b"""\
on: push
jobs:
  image:
    runs-on: ubuntu-latest
    permissions: {contents: read, packages: write}
    steps:
      - uses: docker/login-action@v3
        with:
          registry: ghcr.io
          username: ${{ github.actor }}
          password: ${{ secrets.GITHUB_TOKEN }}
      - run: docker push ghcr.io/acme/shop   # the image
      - run: docker pull other/base
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / CI).parent.mkdir(parents=True)
    (tmp_path / CI).write_bytes(WORKFLOW)
    (tmp_path / "compose.yaml").write_text("services: {a: {image: acme/a}}\n")
    return tmp_path


def test_each_change_is_a_line_and_nothing_is_written(folder: Path) -> None:
    done = hub2ghcr(folder, "workflows", *ACME)
    assert done.returncode == 0
    assert lines(done.stdout) == [
        f"{CI}:5:33: + permissions: packages: write",
        f"{CI}:9:11: + registry: ghcr.io",
        f"{CI}:9:21: ${{{{ secrets.DOCKERHUB_USERNAME }}}} -> ${{{{ github.actor }}}}",
        f"{CI}:10:21: ${{{{ secrets.DOCKERHUB_TOKEN }}}} -> ${{{{ secrets.GITHUB_TOKEN }}}}",
        f"{CI}:11:26: acme/shop -> ghcr.io/acme/shop",
        "would change: 5 places in 1 file",
    ]
    assert lines(done.stderr) == [
        f"note: {CI}:12:26: no mapping rule names this Docker Hub image: 'other/base'",
        f"note: {CI}:7:15: does not sign in to Docker Hub any more; its job pulls from there without:"
        " docker.io/other/base",
    ]
    assert (folder / CI).read_bytes() == WORKFLOW


def test_a_diff_is_one_that_git_applies(folder: Path) -> None:
    done = hub2ghcr(folder, "workflows", ".", *ACME, "--diff")
    subprocess.run(["git", "apply", "-"], input=done.stdout, cwd=folder, check=True, timeout=60)
    assert (folder / CI).read_bytes() == AFTER


@pytest.mark.parametrize("path", [".", CI, ".github"])
def test_files_are_replaced_in_place_once(folder: Path, path: str) -> None:
    done = hub2ghcr(folder, "workflows", path, *ACME, "--in-place")
    assert (done.returncode, lines(done.stdout)[-1]) == (0, "changed: 5 places in 1 file")
    assert (folder / CI).read_bytes() == AFTER
    again = hub2ghcr(folder, "workflows", path, *ACME, "--in-place")
    assert lines(again.stdout) == ["changed: 0 places in 0 files"]


def test_json_says_all_of_it_without_a_word_on_stderr(folder: Path) -> None:
    done = hub2ghcr(folder, "workflows", *ACME, "--output", "json")
    (found,) = json.loads(done.stdout)["repositories"]
    assert found["repository"] is None and found["undecided"] == [] and len(found["notes"]) == 2
    assert found["files"][0]["changes"][-1] == {
        "line": 11, "column": 26, "before": "acme/shop", "after": "ghcr.io/acme/shop"
    }  # fmt: skip
    assert done.stderr == b""


def test_what_is_left_for_people_is_exit_code_2_and_the_rest_is_done(folder: Path) -> None:
    (folder / CI).write_bytes(WORKFLOW.replace(b"other/base", b"${{ vars.ORG }}/base"))
    done = hub2ghcr(folder, "workflows", *ACME, "--in-place")
    assert (done.returncode, (folder / CI).read_bytes()) == (2, AFTER.replace(b"other/base", b"${{ vars.ORG }}/base"))
    assert lines(done.stderr)[-1] == (
        f"error: {CI}:12:26: variables decide its name: ${{{{ vars.ORG }}}}/base;"
        " say what it holds, --value vars.ORG=…, or change it by hand"
    )
    told = hub2ghcr(folder, "workflows", *ACME, "--value", "vars.ORG=acme", "--in-place")
    assert told.returncode == 0
    assert b"docker pull ghcr.io/${{ vars.ORG }}/base" in (folder / CI).read_bytes()


def test_a_bake_file_beside_the_workflows_is_read(folder: Path) -> None:
    (folder / CI).write_bytes(WORKFLOW.replace(b"docker push acme/shop", b"docker buildx bake --push"))
    files = [folder / "docker-bake.hcl", folder / "docker/docker-bake.prod.hcl"]
    files[1].parent.mkdir()
    for file in files:
        file.write_bytes(b'target "a" {\n  tags = ["acme/shop:1"]\n}\n')
    hub2ghcr(folder, "workflows", *ACME, "--in-place")
    assert {file.read_bytes() for file in files} == {b'target "a" {\n  tags = ["ghcr.io/acme/shop:1"]\n}\n'}


def test_a_folder_without_workflows_is_told(tmp_path: Path) -> None:
    done = hub2ghcr(tmp_path, "workflows", *ACME)
    assert (done.returncode, lines(done.stderr)) == (0, ["note: no workflow or action in ."])


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        ((), "which image moves where?"),
        ((*ACME, "--repo", "acme/shop"), "name --stack"),
        (("-s", "x", "--repo", "acme/shop", "."), "exclude each other"),
        (("-s", "x", "--org", "acme", "--in-place"), "--in-place is for files here"),
        ((*ACME, "--propose"), "--propose is for repositories"),
        ((*ACME, "--diff", "--output", "json"), "exclude each other"),
        ((*ACME, "-"), "a stream has no place"),
        ((*ACME, "--value", "x"), "write NAME=VALUE"),
        ((*ACME, "--config", "a", "-s", "b"), "exclude each other"),
    ],
)
def test_wrong_use_is_told(folder: Path, arguments: tuple[str, ...], what: str) -> None:
    done = hub2ghcr(folder, "workflows", *arguments)
    assert (done.returncode, what in done.stderr.decode()) == (2, True), done.stderr


@pytest.fixture
def stack(tmp_path: Path, github_state: Path) -> dict[str, str]:
    config = {
        "pulumi:disable-default-providers": ["kubernetes", "github"],
        "hub2ghcr:credentials": {"admin": {"username": GITHUB_ADMIN.user, "secretKey": "githubAdminToken"}},
        "hub2ghcr:githubAdminToken": {"secure": "v1:a:b"},
        "hub2ghcr:mapping": {"rules": [{"from": "docker.io/acme/*", "to": "ghcr.io/acme/*"}]},
        "hub2ghcr:github": {"owner": "acme", "credential": "admin", "endpoint": github.endpoint(github_state)},
    }
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks/Pulumi.test.yaml").write_text(yaml.safe_dump({"config": config}))
    return {variable("githubAdminToken"): GITHUB_ADMIN.token}


def test_a_repository_on_github_gets_one_pull_request(
    tmp_path: Path, github_state: Path, stack: dict[str, str]
) -> None:
    github_admin.add_repository(github_state, "acme", "flows", {CI: WORKFLOW.decode()})
    shown = hub2ghcr(tmp_path, "workflows", "-s", "test", "--repo", "acme/flows", "--diff", stdin=b"", **stack)
    assert (shown.returncode, lines(shown.stdout)[0]) == (0, f"--- a/acme/flows/{CI}"), shown.stderr
    first, again = (
        hub2ghcr(tmp_path, "workflows", "-s", "test", "--repo", "acme/flows", "--propose", stdin=b"", **stack)
        for _ in range(2)
    )
    assert lines(first.stdout)[-2].startswith("opened: ") and lines(again.stdout)[-2].startswith("unchanged: ")
    assert lines(first.stdout)[-1] == "proposed: 5 places in 1 file"


def test_all_repositories_of_an_owner_are_read_and_one_that_fails_stops_no_other(
    tmp_path: Path, github_state: Path, stack: dict[str, str]
) -> None:
    github_admin.add_organization(github_state, "many", [GITHUB_ADMIN.user])
    github_admin.add_repository(github_state, "many", "one", {CI: WORKFLOW.decode()})
    github_admin.add_repository(github_state, "many", "two", {CI: "a: ["})
    done = hub2ghcr(
        tmp_path,
        "workflows",
        "-s",
        "test",
        "--org",
        "many",
        "--repo",
        "many/none",
        "--repo",
        "x",
        "--output",
        "json",
        stdin=b"",
        **stack,
    )
    assert done.returncode == 2
    found = json.loads(done.stdout)
    said = found["repositories"]
    assert found["skipped"] == []
    assert [(each["repository"], len(each["files"])) for each in said] == [("many/one", 1), ("many/two", 0)]
    errors = lines(done.stderr)
    assert [line.partition(": ")[2].partition(": ")[0] for line in errors] == ["many/none", "many/two", "x"]


def test_a_pull_request_that_was_declined_is_told(tmp_path: Path, github_state: Path, stack: dict[str, str]) -> None:
    github_admin.add_repository(github_state, "acme", "declined", {CI: WORKFLOW.decode()})
    arguments = ("workflows", "-s", "test", "--repo", "acme/declined", "--propose")
    hub2ghcr(tmp_path, *arguments, stdin=b"", **stack)
    with GitHub(github.endpoint(github_state), Credential(GITHUB_ADMIN.user, GITHUB_ADMIN.token)) as api:
        api.send("PATCH", "repos", "acme", "declined", "pulls", "1", body={"state": "closed"})
    done = hub2ghcr(tmp_path, *arguments, stdin=b"", **stack)
    assert done.returncode == 2
    assert "was closed without being merged, and is not opened again" in done.stderr.decode()
