"""Looking for a report: what does not answer is told, and ends nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from hub2ghcr import plan as planning
from hub2ghcr.engine import past as engine_past
from hub2ghcr.errors import AccessRefused, EngineError, Unreachable
from hub2ghcr.registry import Descriptor, Registries
from hub2ghcr.report import Seen
from hub2ghcr.report.looking import look
from hub2ghcr.report.targets import there
from tests.hub2ghcr.conftest import Project

from . import samples


class Shelf:
    """Registries that have what ends in an even digit, and refuse or stay dumb otherwise as they are told."""

    def __init__(self, errors: Mapping[str, Exception]) -> None:
        self.errors = errors
        self.asked: list[str] = []

    def at(self, host: str) -> Shelf:
        return self

    def head_manifest(self, repository: str, digest: str) -> Descriptor | None:
        self.asked.append(repository)
        for name, error in self.errors.items():
            if name in repository:
                raise error
        return Descriptor("", digest, 1) if int(digest[-1], 16) % 2 == 0 else None


def looked(shelf: Shelf, count: int = 6) -> tuple[dict[str, bool], list[Any]]:
    return there(samples.plan(count).copies, cast(Registries, shelf), lambda *_: None)


def test_each_image_is_there_or_not() -> None:
    found, dumb = looked(Shelf({}))
    assert list(found.values()) == [True, False] * 3 and dumb == []


def test_what_one_image_is_refused_is_told_and_the_others_are_known() -> None:
    found, (dumb,) = looked(Shelf({"app-001": AccessRefused("refused (403)", "p", remedy="check the token")}))
    assert len(found) == 5 and "ghcr.io/acme/app-001:1.1" not in found
    assert (dumb.what, dumb.why) == ("1 of the images on ghcr.io", "refused (403); check the token")


def test_a_registry_that_does_not_answer_is_asked_no_more_than_by_each_thread_once() -> None:
    shelf = Shelf({"app": Unreachable("does not answer", "p")})
    found, (dumb,) = looked(shelf, 100)
    assert found == {} and (dumb.what, dumb.why) == ("100 of the images on ghcr.io", "does not answer")
    assert len(shelf.asked) <= 8


def seen(project: Project, monkeypatch: pytest.MonkeyPatch, **environ: str) -> Seen:
    def past(*_: object) -> tuple[engine_past.PastRun, ...]:
        raise EngineError("no stack named 'test' found", "stack test", remedy="run `pulumi stack init test`")

    monkeypatch.setattr(engine_past, "past", past)
    root: Path = project.save().root
    return look(planning.of_stack("test", root), root, environ)


def test_nothing_that_answers_makes_a_report_all_the_same(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = "http://127.0.0.1:9"
    project.change(lambda config: config["registries"]["docker.io"].update(endpoint=closed))
    project.change(lambda config: config["registries"]["ghcr.io"].update(endpoint=closed))
    found = seen(project, monkeypatch)
    assert (found.statuses, found.there, found.hub_asked, found.runs) == ({}, {}, False, ())
    assert {each.what for each in found.not_looked} == {
        "2 of the images on ghcr.io",
        "Docker Hub's pull allowance",
        "cluster one",
        "the engine's past runs",
    }
