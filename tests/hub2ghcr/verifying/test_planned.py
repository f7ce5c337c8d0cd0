"""Who has to be able to pull what, by the plan."""

from __future__ import annotations

import pytest

from hub2ghcr.errors import CredentialError
from hub2ghcr.plan import build
from hub2ghcr.registry import Registries
from hub2ghcr.verifying import Expected, expected
from tests.hub2ghcr.conftest import Config, Project


class Opening:
    """Opens registries, and notes for whom; ``refused`` credentials have no value."""

    def __init__(self, *refused: str) -> None:
        self.refused = refused
        self.asked: list[str | None] = []

    def __call__(self, name: str | None) -> Registries:
        self.asked.append(name)
        if name in self.refused:
            raise CredentialError("no value", str(name))
        return Registries()


def wanted(project: Project, opening: Opening) -> tuple[list[Expected], list[CredentialError]]:
    return expected(build(project.settings(), project.lock, project.root), opening)


def whos(found: list[Expected]) -> dict[str, list[str]]:
    return {each.entry.target: [reader.who for reader in each.readers] for each in found}


@pytest.mark.parametrize("phase", ["prepare", "cutover"])
def test_every_namespace_pulls_its_images_with_its_credential_in_any_phase(project: Project, phase: str) -> None:
    opening = Opening()
    found, problems = wanted(project.change(lambda config: config.update(phase=phase)), opening)
    assert whos(found) == {
        "ghcr.io/acme/mirror/nginx:1.27": ["anyone", "cluster one, namespace shop as puller"],
        "ghcr.io/acme/shop:1.4.2": ["cluster one, namespace new as puller"],
    }
    assert problems == []
    assert opening.asked == [None, "pull"]  # once each, however many images and namespaces


def test_a_namespace_without_a_credential_pulls_as_anybody(project: Project) -> None:
    def change(config: Config) -> None:
        del config["clusters"][0]["pull"]

    found, _ = wanted(project.change(change), Opening())
    (reader,) = found[1].readers
    assert (reader.who, reader.remedy) == (
        "cluster one, namespace new",
        "name a `pull` credential, or make the package public",
    )


def test_a_credential_that_cannot_be_tried_is_told_once_and_the_rest_is_still_proven(project: Project) -> None:
    opening = Opening("pull")
    found, problems = wanted(project, opening)
    assert [str(each) for each in problems] == ["pull: no value"]
    assert whos(found) == {"ghcr.io/acme/mirror/nginx:1.27": ["anyone"], "ghcr.io/acme/shop:1.4.2": []}
    assert opening.asked == [None, "pull"]
