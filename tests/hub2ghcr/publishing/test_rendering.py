"""The publish workflow: pinned, with the least permissions, and nothing to be had from a pull request."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given

from hub2ghcr.publishing import Publish, render
from lab import toolchain

from .options import HUB, NAME, SHOP, TABLE, WORKFLOWS, published
from .reading import Workflow, of_pull_request, parsed, step, steps

EXPECTED = Path(__file__).parent / "expected"
PLAIN = Publish(SHOP)
SETTINGS = """
workflow:
  context: services/shop
  platforms: [linux/amd64, linux/arm64]
  semver: true
  hub: {image: acme/shop, username: acmehub, passwordSecret: DOCKERHUB_TOKEN}
"""


def built(workflow: Workflow, job: str) -> dict[str, Any]:
    """Return how a job builds the image: its last build, after that of the tests."""
    return dict(steps(workflow, job, "docker/build-push-action")[-1]["with"])


def offences(workflow: Workflow) -> list[str]:
    """Return what a pull request could have of a workflow, and must not."""
    found = [f"on {each}" for each in workflow["on"] if each not in ("push", "pull_request")]
    if workflow["permissions"] != {}:
        found.append("permissions of all jobs")
    for job, each in of_pull_request(workflow):
        text = json.dumps([job.get("env"), each])
        found += [f"reads {name}" for name in re.findall(r"secrets(?:\.\w+|\[)", text)]
        found += ["passes secrets on"] if "toJSON(secrets)" in text else []
        found += ["may write"] if job.get("permissions") != {"contents": "read"} else []
        with_ = each.get("with", {})
        found += ["pushes"] if with_.get("push", False) is not False or "outputs" in with_ or "run" in each else []
        found += ["writes the cache"] if "cache-to" in with_ else []
        found += ["signs in or attests"] if re.match(r"docker/login-action|actions/attest", each["uses"]) else []
    return found


@pytest.mark.parametrize("phase", ["prepare", "cutover", "seal"])
def test_one_build_goes_to_both_registries_until_the_seal_and_then_to_ghcr_alone(phase: str) -> None:
    """The settings above are before, the files in ``expected/`` after."""
    text = render(published(yaml.safe_load(SETTINGS)["workflow"], phase))
    assert text == (EXPECTED / f"{phase}.yml").read_text(encoding="utf-8")
    assert ("docker.io/acme/shop" in text, "DOCKERHUB_TOKEN" in text) == (phase != "seal", phase != "seal")


def test_every_registry_gets_the_one_build_and_so_one_digest() -> None:
    workflow = parsed(render(replace(PLAIN, hub=HUB)))
    assert step(workflow, "publish", "docker/metadata-action")["with"]["images"].split() == [
        "ghcr.io/acme/shop", "docker.io/acme/shop"
    ]  # fmt: skip
    assert built(workflow, "publish")["tags"] == "${{ steps.metadata.outputs.tags }}"
    ghcr, hub = steps(workflow, "publish", "docker/login-action")
    assert ghcr["with"]["registry"] == "ghcr.io" and "registry" not in hub["with"]
    assert (hub["with"]["username"], hub["with"]["password"]) == ("acmehub", "${{ secrets.DOCKERHUB_TOKEN }}")


@pytest.mark.parametrize("publish", TABLE, ids=str)
def test_a_pull_request_reads_no_secret_writes_nothing_and_pushes_nothing(publish: Publish) -> None:
    workflow = parsed(render(publish))
    assert offences(workflow) == []
    assert [each["uses"].partition("@")[0] for _, each in of_pull_request(workflow)][-1] == "docker/build-push-action"


@pytest.mark.parametrize(
    ("old", "new", "offence"),
    [
        ("  pull_request:\n", "  pull_request_target:\n", "on pull_request_target"),
        ("permissions: {}", "permissions: {packages: write}", "permissions of all jobs"),
        ("github.event_name == 'push' && (", "(", "reads secrets.GITHUB_TOKEN"),
        ("github.event_name == 'push' && (", "(", "signs in or attests"),
        ("github.event_name == 'push' && (", "github.event_name == 'push' || (", "pushes"),
        ("    permissions:\n      contents: read\n    steps", "    steps", "may write"),
        ("push: false", "push: ${{ github.actor != 'x' }}", "pushes"),
        ("push: false", "push: false\n          cache-to: type=gha", "writes the cache"),
        ("push: false", "push: false\n          secrets: t=${{ secrets.NPM }}", "reads secrets.NPM"),
    ],
)
def test_what_a_pull_request_must_not_have_would_be_found(old: str, new: str, offence: str) -> None:
    text = render(PLAIN)
    assert old in text
    assert offence in offences(parsed(text.replace(old, new, 1)))


@pytest.mark.parametrize("publish", TABLE, ids=str)
def test_permissions_are_those_that_its_steps_use_and_no_more(publish: Publish) -> None:
    workflow = parsed(render(publish))
    used = {"contents": "read"}
    passwords = [each["with"]["password"] for each in steps(workflow, "publish", "docker/login-action")]
    if "${{ secrets.GITHUB_TOKEN }}" in passwords:
        used["packages"] = "write"
    if steps(workflow, "publish", "actions/attest"):
        used |= {"id-token": "write", "attestations": "write"}
    assert workflow["permissions"] == {}
    assert {name: job["permissions"] for name, job in workflow["jobs"].items()} == {
        "test": {"contents": "read"},
        "publish": used,
    }


def test_it_publishes_the_default_branch_and_version_tags() -> None:
    workflow = parsed(render(PLAIN))
    assert workflow["on"] == {"push": {"branches": ["**"], "tags": ["v*"]}, "pull_request": None}
    assert workflow["jobs"]["publish"]["if"] == (
        "github.event_name == 'push' && (github.ref_type == 'tag' "
        "|| github.ref_name == github.event.repository.default_branch)"
    )
    assert all(job["timeout-minutes"] == 60 for job in workflow["jobs"].values())
    assert workflow["concurrency"]["cancel-in-progress"] == "${{ github.event_name == 'pull_request' }}"


def test_a_fork_with_actions_on_publishes_nothing_and_still_tests_its_own_pull_requests() -> None:
    jobs = parsed(render(replace(PLAIN, repository=NAME)))["jobs"]
    assert jobs["publish"]["if"].startswith("github.repository == 'Acme/Shop' && github.event_name == 'push' && (")
    assert jobs["test"]["if"] == "github.event_name == 'pull_request'"


@pytest.mark.parametrize(
    ("semver", "more"),
    [
        (False, []),
        (
            True,
            [
                "type=semver,pattern={{major}}.{{minor}}",
                "type=semver,pattern={{major}},enable=${{ !startsWith(github.ref, 'refs/tags/v0.') }}",
            ],
        ),
    ],
)
def test_tags_are_latest_of_the_default_branch_and_versions_without_v(semver: bool, more: list[str]) -> None:
    metadata = step(parsed(render(replace(PLAIN, semver=semver))), "publish", "docker/metadata-action")["with"]
    assert metadata["flavor"] == "latest=false"
    assert metadata["tags"].splitlines() == [
        "type=raw,value=latest,enable={{is_default_branch}}", "type=match,pattern=v(.*),group=1", *more
    ]  # fmt: skip


def test_flavour_token_signs_in_as_the_run_itself() -> None:
    login = step(parsed(render(PLAIN)), "publish", "docker/login-action")["with"]
    assert (login["username"], login["password"]) == ("${{ github.actor }}", "${{ secrets.GITHUB_TOKEN }}")


@pytest.mark.parametrize(("username", "expected"), [("publisher", "publisher"), ("", "${{ github.actor }}")])
def test_flavour_pat_signs_in_with_cr_pat(username: str, expected: str) -> None:
    publish = replace(PLAIN, flavour="pat", username=username)
    login = step(parsed(render(publish)), "publish", "docker/login-action")["with"]
    assert (login["username"], login["password"]) == (expected, "${{ secrets.CR_PAT }}")


@pytest.mark.parametrize(
    ("context", "expected"), [(".", "{{defaultContext}}"), ("app/it's", "{{defaultContext}}:app/it's")]
)
def test_test_and_publication_build_the_same(context: str, expected: str) -> None:
    workflow = parsed(render(replace(PLAIN, context=context, dockerfile="a'b/Dockerfile", platforms=("linux/arm64",))))
    for job in ("test", "publish"):
        build = built(workflow, job)
        assert (build["context"], build["file"], build["platforms"]) == (expected, "a'b/Dockerfile", "linux/arm64")


@pytest.mark.parametrize("job", ["test", "publish"])
def test_the_stage_of_the_tests_is_built_before_anything_is_signed_in_or_pushed(job: str) -> None:
    workflow = parsed(render(replace(PLAIN, context="app", test_stage="check", platforms=("linux/arm64",))))
    first, second = steps(workflow, job, "docker/build-push-action")
    assert first["with"] == {
        "context": "{{defaultContext}}:app",
        "file": "Dockerfile",
        "target": "check",
        "push": False,
        "cache-from": "type=gha",
    }
    assert "target" not in second["with"]
    after = workflow["jobs"][job]["steps"].index(first)
    assert all(
        workflow["jobs"][job]["steps"].index(each) > after for each in steps(workflow, job, "docker/login-action")
    )


@pytest.mark.parametrize(
    ("platforms", "emulated"),
    [
        ((), None),
        (("linux/amd64",), None),
        (("linux/arm64",), "arm64"),
        (("linux/s390x", "linux/amd64", "linux/arm/v7", "linux/arm/v6"), "arm,s390x"),
    ],
)
def test_only_what_the_runner_is_not_is_emulated(platforms: tuple[str, ...], emulated: str | None) -> None:
    workflow = parsed(render(replace(PLAIN, platforms=platforms)))
    for job in ("test", "publish"):
        found = [each["with"]["platforms"] for each in steps(workflow, job, "docker/setup-qemu-action")]
        assert found == ([emulated] if emulated else [])


@pytest.mark.parametrize("platforms", [(), ("linux/arm64",), ("linux/amd64", "linux/arm64")])
def test_labels_link_the_package_and_an_index_says_the_same(platforms: tuple[str, ...]) -> None:
    workflow = parsed(render(replace(PLAIN, platforms=platforms)))
    metadata = step(workflow, "publish", "docker/metadata-action")
    build = built(workflow, "publish")
    source = "org.opencontainers.image.source=${{ github.server_url }}/${{ github.repository }}"
    assert (metadata["with"]["labels"], build["labels"]) == (source, "${{ steps.metadata.outputs.labels }}")
    several = len(platforms) > 1
    levels = {"DOCKER_METADATA_ANNOTATIONS_LEVELS": "manifest,index"}
    assert metadata.get("env") == (levels if several else None)
    assert build.get("annotations") == ("${{ steps.metadata.outputs.annotations }}" if several else None)


@pytest.mark.parametrize(
    ("attest", "condition"), [("public", "${{ !github.event.repository.private }}"), ("always", None), ("never", None)]
)
def test_what_was_pushed_is_attested_by_its_digest(attest: Any, condition: str | None) -> None:
    found = steps(parsed(render(replace(PLAIN, attest=attest, hub=HUB))), "publish", "actions/attest")
    assert bool(found) is (attest != "never")
    for each in found:
        assert each.get("if") == condition
        assert each["with"] == {
            "subject-name": "ghcr.io/acme/shop",
            "subject-digest": "${{ steps.build.outputs.digest }}",
            "push-to-registry": True,
            "create-storage-record": False,
        }


def test_the_cache_is_read_by_all_and_written_by_what_was_merged() -> None:
    workflow = parsed(render(PLAIN))
    test, publish = (built(workflow, job) for job in ("test", "publish"))
    assert (test["cache-from"], publish["cache-from"]) == ("type=gha", "type=gha")
    assert "cache-to" not in test and publish["cache-to"] == "type=gha,mode=max,ignore-error=true"


@given(WORKFLOWS)
def test_any_legal_settings_give_a_workflow_that_parses_the_same_every_time(workflow: dict[str, Any]) -> None:
    publish = published(workflow)
    text = render(publish)
    assert text == render(published(dict(reversed(workflow.items()))))
    assert "@@" not in text
    found = parsed(text)
    assert offences(found) == []
    used = [each["uses"] for job in found["jobs"].values() for each in job["steps"]]
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", each) for each in used)
    assert len(re.findall(r"uses: \S+@[0-9a-f]{40} # v\d+\.\d+\.\d+\n", text)) == len(used)
    for job in ("test", "publish"):
        build = built(found, job)
        assert build["file"] == publish.dockerfile
        assert build["context"] in ("{{defaultContext}}", f"{{{{defaultContext}}}}:{publish.context}")
        assert (build["context"] == "{{defaultContext}}") is (publish.context == ".")


def test_actionlint_finds_nothing_in_any_and_would_find_something(tmp_path: Path) -> None:
    actionlint = toolchain.resolve(["actionlint"], quiet=True).program("actionlint")

    def lint(files: list[Path]) -> subprocess.CompletedProcess[str]:
        command = [str(actionlint), "-no-color", *map(str, files)]
        return subprocess.run(command, capture_output=True, text=True, timeout=120)

    good = [tmp_path / f"{index}.yml" for index in range(len(TABLE))]
    for file, publish in zip(good, TABLE, strict=True):
        file.write_text(render(publish), encoding="utf-8")
    done = lint(good)
    assert done.returncode == 0, done.stdout
    bad = tmp_path / "bad.yml"
    for old, new in [("runs-on", "run-on"), ("packages: write", "package: write"), ("steps.build", "steps.built")]:
        bad.write_text(render(PLAIN).replace(old, new), encoding="utf-8")
        assert lint([bad]).returncode == 1, new
