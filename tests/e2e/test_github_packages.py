"""Packages against the lab: what is not as wanted is told by a preview and by a run, once; what nothing reaches."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
import yaml

from lab import artifacts, environment, github, github_admin, images, registry_admin
from lab.accounts import GITHUB_ADMIN
from lab.github_api import faults
from lab.oci import Image
from lab.registry_admin import Fault
from lab.toolchain import Toolchain
from tests.e2e.conftest import Lab

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).resolve().parents[2]
PAGE = "https://github.com/orgs/acme/packages/container/e2e-packages%2F{}/settings"
FOLDER = "acme/e2e-packages"


@dataclass
class Project:
    """A stack of GitHub's side alone: its packages are those of a test."""

    lab: Lab
    folder: Path

    def packages(self, **wanted: Mapping[str, Any]) -> None:
        """Want packages, below the folder of these tests."""
        file = self.folder / "stacks" / "Pulumi.t.yaml"
        data = yaml.safe_load(file.read_text())
        packages = {f"e2e-packages/{name}": dict(each) for name, each in wanted.items()}
        data["config"]["hub2ghcr:github"]["packages"] = packages
        file.write_text(yaml.safe_dump(data, sort_keys=False))

    def pulumi(self, *command: str) -> CompletedProcess[str]:
        argv = ("pulumi", *command, "--stack", "t", "--non-interactive", "--color", "never")
        return self.lab.run(*argv, cwd=self.folder, timeout=180.0)

    def preview(self) -> CompletedProcess[str]:
        return self.pulumi("preview", "--suppress-progress")

    def up(self) -> CompletedProcess[str]:
        return self.pulumi("up", "--yes", "--skip-preview", "--suppress-progress")

    def retention(self) -> dict[str, Any]:
        argv = ("hub2ghcr", "retention", "--output", "json")
        value = GITHUB_ADMIN.token
        done = self.lab.run(*argv, cwd=self.folder, timeout=60.0, HUB2GHCR_SECRET_GITHUB_ADMIN_TOKEN=value)
        assert done.returncode == 0, done.stderr
        (found,) = json.loads(done.stdout)["packages"]
        return dict(found)


@pytest.fixture(scope="module")
def project(
    lab_state: Path, lab_registries: Mapping[str, str], lab_tools: Toolchain, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Project]:
    github.up(lab_state)
    folder = tmp_path_factory.mktemp("packages")
    for name in ("Pulumi.yaml", "__main__.py", "components", "hub2ghcr", "requirements.txt", ".venv"):
        (folder / name).symlink_to(ROOT / name)
    demo = yaml.safe_load((ROOT / "stacks" / "Pulumi.demo.yaml").read_text())
    config = demo["config"]
    del config["hub2ghcr:clusters"]
    config["hub2ghcr:github"] = {"owner": "acme", "endpoint": "${LAB_GITHUB_URL}", "credential": "github-admin"}
    (folder / "stacks").mkdir()
    (folder / "stacks" / "Pulumi.t.yaml").write_text(yaml.safe_dump(demo, sort_keys=False))
    made = Project(Lab(lab_state, lab_tools, environment.environment(lab_state, lab_tools)), folder)
    assert made.pulumi("stack", "init").returncode == 0
    yield made
    made.pulumi("destroy", "--yes", "--skip-preview")
    made.pulumi("stack", "rm", "--yes", "--force")


@pytest.fixture(autouse=True)
def calm(project: Project) -> Iterator[None]:
    yield
    github_admin.clear_faults(project.lab.state)
    registry_admin.clear_faults(project.lab.state, "ghcr")


def push(project: Project, name: str, reference: str, image: Image) -> None:
    repository = f"{FOLDER}/{name}"
    with images.behind(project.lab.state, "ghcr", repository) as client:
        images.push(client, repository, reference, image)


def make_public(project: Project, name: str) -> None:
    registry_admin.set_visibility(project.lab.state, "ghcr", f"{FOLDER}/{name}", "public")


def told(done: CompletedProcess[str], kind: str = "") -> list[str]:
    """What a run says of packages, each time that it does; the engine repeats all of it below ``Diagnostics``."""
    lines = [line.strip() for line in done.stdout.partition("Diagnostics:")[2].splitlines()]
    return [line.partition("package acme/")[2] for line in lines if f"{kind}package acme/" in line]


def test_a_private_package_that_should_be_public_is_told_by_preview_and_run_once_with_its_page(
    project: Project,
) -> None:
    push(project, "shop", "1.0", images.make("packages-shop"))
    project.packages(shop={"visibility": "public"})
    line = (
        f"e2e-packages/shop is private, wanted public: no API sets it, open {PAGE.format('shop')}; "
        "public cannot be undone"
    )
    preview = project.preview()
    assert (preview.returncode, told(preview, "warning: ")) == (0, [line])
    run = project.up()
    assert (run.returncode, told(run, "warning: ")) == (0, [line])
    assert told(project.preview()) == [line], "of what the state knows already, too, and once"


def test_what_a_person_set_meanwhile_is_seen_and_nothing_is_told_any_more(project: Project) -> None:
    """The control: the same package, public."""
    make_public(project, "shop")
    assert told(project.preview()) == []
    run = project.up()
    assert (run.returncode, told(run)) == (0, [])
    github_admin.reset_calls(project.lab.state)
    assert project.up().returncode == 0
    asked = [each["template"] for each in github_admin.calls(project.lab.state)]
    assert asked.count("/orgs/{org}/packages/{package_type}/{package_name}") == 1, asked
    assert len(asked) <= 4, "one for each package, and three for the stack"


@pytest.mark.slow
def test_public_means_that_anyone_can_pull_whatever_the_api_says(project: Project) -> None:
    refused = Fault("status", path=f"^/v2/{FOLDER}/shop/tags/list", count=-1, status=403)
    registry_admin.inject(project.lab.state, "ghcr", refused)
    (line,) = told(project.up(), "warning: ")
    assert line.startswith(
        "e2e-packages/shop is public, GitHub says, but an anonymous pull is refused (refused to anon"
    )


@pytest.mark.slow
def test_enforced_it_ends_the_preview_and_the_run_until_a_person_has_set_it(project: Project) -> None:
    push(project, "strict", "1.0", images.make("packages-strict"))
    project.packages(strict={"visibility": "public", "enforce": "fail"})
    for done in (project.preview(), project.up()):
        assert done.returncode != 0
        assert any(line.startswith("e2e-packages/strict is private, wanted public") for line in told(done)), done.stdout
    make_public(project, "strict")
    done = project.up()
    assert (done.returncode, told(done)) == (0, [])


@pytest.mark.slow
def test_a_package_is_linked_by_its_label_and_one_without_is_told(project: Project) -> None:
    source = "https://github.com/acme/shop"
    push(project, "labelled", "1.0", images.make("packages-labelled", source=source))
    push(project, "bare", "1.0", images.make("packages-bare"))
    project.packages(labelled={"repository": "shop"}, bare={"repository": "shop"})
    assert told(project.up(), "warning: ") == [
        f"e2e-packages/bare is linked to no repository, wanted acme/shop: no API links it, open {PAGE.format('bare')}, "
        f"or push an image with the label org.opencontainers.image.source={source}"
    ]


@pytest.mark.slow
def test_a_package_that_is_not_there_yet_is_no_warning_of_a_preview(project: Project) -> None:
    project.packages(none={"visibility": "public", "access": {"deployers": "read"}})
    done = project.preview()
    assert done.returncode == 0 and told(done, "warning: ") == []
    access, missing = sorted(told(done), reverse=True)
    assert "who has access no API shows; look whether it is deployers: read" in access + missing
    assert "does not exist yet" in access + missing


@pytest.mark.slow
def test_a_limit_of_github_is_waited_for_and_a_refusal_says_what_the_token_lacks(project: Project) -> None:
    project.packages(shop={"visibility": "public"})
    github_admin.inject(project.lab.state, faults.SECONDARY_LIMIT, path="/packages/", count=2)
    github_admin.inject(project.lab.state, faults.UNAVAILABLE, path="/packages/", count=1)
    done = project.up()
    assert (done.returncode, told(done)) == (0, []), done.stdout + done.stderr
    github_admin.inject(project.lab.state, faults.NO_SSO, path="/packages/", count=-1)
    done = project.up()
    assert done.returncode != 0
    assert "authorise the token for the organisation's single sign-on: https://github.com/orgs/acme/sso" in done.stdout
    assert GITHUB_ADMIN.token not in done.stdout + done.stderr


def test_of_a_package_with_everything_that_may_hang_on_an_image_only_what_nothing_reaches_is_listed(
    project: Project,
) -> None:
    old, kept = images.make("packages-old"), artifacts.attested(images.make("packages-kept"))
    signature, sbom = artifacts.cosign(kept.digest), artifacts.referrer(kept.index)
    push(project, "history", "1.0", old)
    push(project, "history", "1.0", kept)
    push(project, "history", artifacts.cosign_tag(kept.digest), signature)
    push(project, "history", sbom.digest, sbom)
    push(project, "history", artifacts.cosign_tag(old.digest), artifacts.cosign(old.digest))
    project.packages(history={})
    found = project.retention()
    unreached = {each["digest"] for each in found["unreached"]}
    gone = {old.digest, *(each.digest for each in old.manifests), artifacts.cosign(old.digest).digest}
    assert unreached == gone
    digests = {each["digest"] for each in found["kept"]}
    assert {kept.digest, signature.digest, sbom.digest, *(each.digest for each in kept.manifests)} <= digests
    assert found["versions"] == len(digests) + len(gone)
    deleted = [each for each in github_admin.calls(project.lab.state) if each["method"] != "GET"]
    assert not [each for each in deleted if "packages" in each["template"]]


def test_a_tag_on_the_old_image_keeps_it_with_all_that_hangs_on_it(project: Project) -> None:
    """The control: with a tag, the report of the test before is empty."""
    push(project, "history", "0.9", images.make("packages-old"))
    assert project.retention()["unreached"] == []
