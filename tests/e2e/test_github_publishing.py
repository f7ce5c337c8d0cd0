"""The publish workflow as it is written, run as a runner would: what each phase and flavour pushes where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from hub2ghcr.publishing import HubImage, Publish, render
from lab import github_admin, registry_admin
from lab.accounts import HUB_PUBLISHER
from lab.runner import event
from tests.e2e.workshop import NAME, PATH, Workshop, workshop

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

NAMED = "acme/published"
IMAGE = f"ghcr.io/{NAMED}"
HUB = HubImage(NAMED, "DOCKERHUB_TOKEN", username=HUB_PUBLISHER.user)
BOTH = Publish(
    IMAGE,
    test_stage="tests",
    platforms=("linux/amd64", "linux/arm64"),
    semver=True,
    attest="always",
    hub=HUB,
    repository=NAME,
)
SEALED = Publish(IMAGE, semver=True, repository=NAME)
"""What a stack has before its seal, and then."""


@pytest.fixture
def published(lab_state: Path, lab_registries: Mapping[str, str]) -> Workshop:
    return workshop(lab_state, render(BOTH))


def test_before_the_seal_one_build_is_pushed_to_both_registries_and_after_it_to_ghcr_alone(
    published: Workshop,
) -> None:
    done = published.run(event.tag("v1.2.3", published.commit({"app": "1.2.3"})))
    assert done.conclusion == "success", done.log
    digests = {published.digest(place, tag, NAMED) for place in ("ghcr", "hub") for tag in ("1.2.3", "1.2", "1")}
    assert len(digests) == 1 and None not in digests
    assert published.digest("ghcr", "latest", NAMED) is None, "a tag moves no `latest`"
    index = published.manifest("ghcr", "1.2.3", NAMED)
    assert index["annotations"]["org.opencontainers.image.source"] == f"https://github.com/{NAME}"
    assert published.package("published")["repository"]["full_name"] == NAME

    done = published.run(event.tag("v2.0.0-rc.1", published.commit({"app": "2.0.0-rc.1"})))
    assert done.conclusion == "success", done.log
    assert published.digest("ghcr", "2.0.0-rc.1", NAMED) and published.digest("ghcr", "2", NAMED) is None
    assert {published.digest("ghcr", "1.2", NAMED)} == digests

    done = published.run(event.push("main", published.commit({PATH: render(SEALED), "app": "sealed"})))
    assert done.conclusion == "success", done.log
    assert published.digest("ghcr", "latest", NAMED) and published.digest("hub", "latest", NAMED) is None


def test_a_pull_request_signs_in_nowhere_and_its_tests_must_pass(published: Workshop) -> None:
    for place in ("ghcr", "hub"):
        registry_admin.reset_counters(published.state, place)
    commit = published.commit({"app": "suggested"})
    for fork in ("", "mallory"):
        done = published.run(event.pull_request("topic", commit, 1, fork=fork))
        assert done.jobs == {"test": "success", "publish": "skipped"}, done.log
    assert registry_admin.counters(published.state, "ghcr") == registry_admin.counters(published.state, "hub") == {}
    broken = published.commit({"app": ""})
    assert published.run(event.pull_request("topic", broken, 2)).conclusion == "failure"
    assert published.run(event.tag("v3.0.0", broken)).conclusion == "failure"
    assert published.digest("ghcr", "3.0.0", NAMED) is None, "what fails its tests is not pushed"


def test_in_a_fork_nothing_is_published_and_nothing_fails(published: Workshop) -> None:
    """To the workflow of another repository this one is a fork; the control is the test of the releases above."""
    fork = published.commit({PATH: render(replace(SEALED, repository="upstream/runner")), "app": "of a fork"})
    for pushed in (event.push("main", fork), event.tag("v7.0.0", fork)):
        done = published.run(pushed)
        assert (done.conclusion, done.jobs["publish"]) == ("skipped", "skipped"), done.log
    assert published.digest("ghcr", "7.0.0", NAMED) is None
    assert published.run(event.pull_request("topic", fork, 3)).jobs["test"] == "success"


def test_a_personal_token_pushes_what_the_workflows_own_token_may_not(published: Workshop) -> None:
    """The control is the flavour itself: a package that a person pushed first is closed to ``GITHUB_TOKEN``."""
    state = published.state
    image = "ghcr.io/acme/by-hand"
    github_admin.add_token(state, "acme-admin", "lab-cr-pat-by-hand", ["write:packages"])
    github_admin.set_secret(state, "acme", "runner", "CR_PAT", "lab-cr-pat-by-hand")
    personal = Publish(image, flavour="pat", username="acme-admin")
    done = published.run(event.tag("v1.0.0", published.commit({PATH: render(personal)})))
    assert done.conclusion == "success", done.log
    package = published.package("by-hand")
    assert package["repository"]["full_name"] == NAME, "linked by its label"
    github_admin.link_package(state, "acme", "by-hand", "")
    done = published.run(event.tag("v1.0.1", published.commit({PATH: render(Publish(image))})))
    assert done.conclusion == "failure" and "denied" in done.log
