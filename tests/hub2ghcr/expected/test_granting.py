from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from hub2ghcr.credentials import Credential
from hub2ghcr.errors import AccessRefused, CredentialError, NotFound, RegistryError, Unreachable
from hub2ghcr.expected import Grant
from hub2ghcr.expected.granting import unproven
from hub2ghcr.pull_secrets import secret as pull_secret
from hub2ghcr.pull_secrets.pulling import Image, Puller
from tests.hub2ghcr.expected.objects import deployment

IMAGE = Image("ghcr.io/acme/shop:1", "sha256:" + "a" * 64)
GRANT = Grant("shop", "ours", {"ghcr.io": "pull"}, (IMAGE,))
OLD, NEW = Credential("robot", "old-value"), Credential("robot", "new-value")
DENIED = AccessRefused("cannot be pulled as robot: refused to robot (403: DENIED)", IMAGE.target)
INVALID = AccessRefused("cannot be pulled as robot: refused to robot (401)", IMAGE.target)
ABSENT = NotFound("cannot be pulled as robot: is not there", IMAGE.target)
SILENT = Unreachable("cannot be pulled as robot: timed out", IMAGE.target)


class Answers(Puller):
    """What a registry says to each credential, and whom it was asked for."""

    def __init__(self, **refusals: RegistryError) -> None:
        self.refusals = {key.replace("_", "-"): error for key, error in refusals.items()}
        self.asked: list[str] = []

    def pull(self, image: Image, credentials: Sequence[Credential | None] = ()) -> str:
        for each in credentials:
            secret = each.secret if each else ""
            self.asked.append(secret)
            if error := self.refusals.get(secret):
                raise error
        return "robot"


def written(credential: Credential, **change: Any) -> dict[str, Any]:
    return {**pull_secret.document("ours", "shop", {"ghcr.io": credential}), **change}


def told(live: dict[str, Any], answers: Answers, grant: Grant = GRANT, *, running: str = "nginx") -> list[str]:
    workloads = [deployment(image=running)]
    return [str(each) for each in unproven("demo", grant, live, workloads, lambda _: NEW, answers)]


def test_a_secret_that_is_as_it_should_be_asks_no_registry() -> None:
    answers = Answers(new_value=INVALID)
    assert told(written(NEW), answers) == []
    assert answers.asked == []


CASES: list[tuple[dict[str, RegistryError], bool]] = [
    ({}, False),
    ({"new_value": INVALID}, True),
    ({"new_value": INVALID, "old_value": INVALID}, True),
    ({"new_value": DENIED}, True),
    ({"new_value": ABSENT}, True),
    ({"new_value": SILENT, "old_value": SILENT}, True),
    ({"new_value": DENIED, "old_value": DENIED}, False),
    ({"new_value": ABSENT, "old_value": INVALID}, False),
    ({"old_value": INVALID}, False),
]


@pytest.mark.parametrize(("refusals", "refused"), CASES)
def test_new_values_open_what_the_old_ones_do(refusals: dict[str, RegistryError], refused: bool) -> None:
    """What neither opens may not have been copied yet; a token that the registry does not know is refused anyway."""
    found = told(written(OLD), Answers(**refusals))
    assert bool(found) is refused
    for line in found:
        assert line.startswith(f"cluster demo: Secret shop/ours: stays as it is: {IMAGE.target}: cannot be pulled")
        assert "value" not in line


RUNNING = [
    (f"{IMAGE.target}@{IMAGE.digest}", True),
    (f"ghcr.io/acme/shop@{IMAGE.digest}", True),
    (IMAGE.target, False),
    (f"{IMAGE.target}@sha256:{'b' * 64}", False),
    ("no image@", False),
]


@pytest.mark.parametrize(("image", "refused"), RUNNING)
def test_an_image_that_a_workload_runs_is_there_though_the_old_token_has_expired(image: str, refused: bool) -> None:
    answers = Answers(new_value=DENIED, old_value=DENIED)
    assert bool(told(written(OLD), answers, running=image)) is refused


def test_what_is_not_switched_yet_pulls_nothing() -> None:
    answers = Answers(new_value=INVALID)
    assert told(written(OLD), answers, Grant("shop", "ours", {"ghcr.io": "pull"})) == []
    assert answers.asked == []


def test_a_secret_that_no_kubelet_reads_opens_nothing_that_could_be_lost() -> None:
    broken = written(OLD, data={".dockerconfigjson": "%"})
    assert told(broken, Answers(new_value=DENIED)) == []
    assert told(broken, Answers(new_value=INVALID)) != []


def test_a_credential_without_a_value_is_told_with_the_secret_that_it_is_for() -> None:
    def nothing(name: str) -> Credential:
        raise CredentialError("the credential has no value", name)

    (error,) = unproven("demo", GRANT, written(OLD), (), nothing, Answers())
    assert str(error) == "cluster demo: Secret shop/ours: stays as it is: pull: the credential has no value"
