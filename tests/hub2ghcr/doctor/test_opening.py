from __future__ import annotations

from typing import Any

import pytest

from hub2ghcr.doctor.finding import Finding
from hub2ghcr.doctor.opening import TRIED, opens
from hub2ghcr.errors import AccessRefused, RegistryError, Unreachable

LOGIN = AccessRefused("refused to bot (401: unauthorized)", "ghcr.io", remedy="check the token")
DENIED = AccessRefused("refused to bot (403: DENIED)", "ghcr.io/acme/web", remedy="check that")


class Registry:
    """Answers for repositories by an error, or that there is nothing under the tag."""

    def __init__(self, host: str = "ghcr.io", **errors: RegistryError) -> None:
        self.host = host
        self.errors = errors
        self.asked: list[tuple[str, bool]] = []

    def head_manifest(self, repository: str, _: str, *, push: bool) -> None:
        self.asked.append((repository, push))
        if error := self.errors.get(repository.rpartition("/")[2]):
            raise error


def test_a_token_to_push_is_asked_for_and_nothing_is_written() -> None:
    registry: Any = Registry()
    assert opens("push", registry, {"acme/web", "acme/shop"}, push=True) == [
        Finding("ok", "credential", "push", "gets a token to push to ghcr.io/acme/shop, ghcr.io/acme/web")
    ]
    assert registry.asked == [("acme/shop", True), ("acme/web", True)]


def test_a_package_that_stays_closed_is_named_with_the_page_that_opens_it() -> None:
    registry: Any = Registry(web=DENIED)
    assert opens("pull", registry, {"acme/web", "acme/shop"}) == [
        Finding("ok", "credential", "pull", "gets a token to pull from ghcr.io/acme/shop"),
        Finding(
            "failure",
            "credential",
            "pull",
            "may not pull from ghcr.io/acme/web: refused to bot (403: DENIED)",
            "give it access to the package: https://github.com/orgs/acme/packages/container/web/settings",
        ),
    ]


def test_a_login_that_fails_is_told_once() -> None:
    registry: Any = Registry(shop=LOGIN, web=LOGIN)
    (found,) = opens("pull", registry, {"acme/web", "acme/shop"})
    assert (found.state, found.remedy) == ("failure", "check the token")
    assert len(registry.asked) == 1


def test_another_registrys_remedy_is_its_own() -> None:
    registry: Any = Registry("quay.io", web=DENIED)
    assert opens("pull", registry, {"acme/web"})[0].remedy == "check that"


def test_a_registry_that_does_not_answer_is_no_fault_of_the_credential() -> None:
    registry: Any = Registry(shop=Unreachable("no answer in time", remedy="check the endpoint"))
    assert opens("pull", registry, {"acme/web", "acme/shop"}) == [
        Finding("failure", "registry", "ghcr.io", "no answer in time", "check the endpoint")
    ]


@pytest.mark.parametrize("more", [0, 3])
def test_of_many_repositories_some_are_tried_and_the_number_of_the_others_is_told(more: int) -> None:
    registry: Any = Registry()
    (found,) = opens("pull", registry, {f"acme/{number:02}" for number in range(TRIED + more)})
    assert len(registry.asked) == TRIED
    assert found.text.endswith(f", and {more} that were not tried") == bool(more)
