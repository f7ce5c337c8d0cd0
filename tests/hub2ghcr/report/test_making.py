"""From a plan and what was seen to a report, and its forms."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from hub2ghcr.report import FORMS, NOTHING, Seen, report, written
from hub2ghcr.report.nouns import NotLooked

from . import samples

PLAN = samples.plan(8)
FULL = report(PLAN, samples.seen(PLAN), samples.AT)
BARE = report(PLAN, NOTHING, samples.AT)


def test_a_cluster_sums_its_namespaces_and_one_that_nobody_looked_at_has_no_sum() -> None:
    first, second = FULL.clusters
    assert dict(first.phases) == {"prepare": 3, "cutover": 3, "seal": 2}
    assert (first.namespaces, first.workloads, first.on_hub, first.problems) == (8, 8, 6, 1)
    assert first.way is not None and [str(each) for each in first.way.parts] == ["8/8", "8/8", "4/8", "4/8"]
    assert second.way is None and second.on_hub == 5
    assert FULL.way == first.way


def test_a_registry_tells_what_is_left_to_copy() -> None:
    (found,) = FULL.registries
    assert (found.source, found.target, found.images, found.there) == ("docker.io", "ghcr.io", 8, 6)
    assert found.size - found.left == sum(
        each.entry.size for each in PLAN.copies if samples.seen(PLAN).there[each.target]
    )


def test_what_was_published_at_its_target_comes_from_nowhere() -> None:
    plan = samples.plan(20)
    assert [(each.source, each.images) for each in report(plan, NOTHING, samples.AT).registries] == [
        ("", 2),
        ("docker.io", 18),
    ]


def test_pulls_are_those_of_images_that_are_not_known_to_be_there() -> None:
    assert FULL.pulls is not None and BARE.pulls is not None
    assert (FULL.pulls.needed, FULL.pulls.short) == (6, True)
    assert (BARE.pulls.needed, BARE.pulls.short) == (24, False)
    elsewhere = replace(PLAN, copies=tuple(samples.copy(number, "quay.io/x") for number in range(3)))
    assert report(elsewhere, NOTHING, samples.AT).pulls is None


def test_files_alone_make_a_report_that_says_so() -> None:
    assert BARE.way is None and {each.there for each in BARE.images} == {None}
    assert [each.row for each in BARE.happened] == ["images locked"]
    assert BARE.not_looked == (NotLooked("clusters, registries and the engine", "the report was asked for offline"),)
    for form in FORMS:
        assert "asked for offline" in written(BARE, form)


def test_the_past_is_told_by_time_with_how_it_went() -> None:
    assert [(each.row, each.state, each.text) for each in FULL.happened] == [
        ("images locked", "good", "8 images locked"),
        ("up prepare", "good", "succeeded: create 9"),
        ("up cutover", "bad", "failed: nothing changed"),
        ("up cutover", "good", "succeeded: update 4"),
    ]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_names_every_namespace_image_reason_and_risk(form: str) -> None:
    text = written(FULL, form)  # type: ignore[arg-type]
    wanted = [each.name for each in FULL.namespaces]
    wanted += [each.digest for each in FULL.images] + [each.target for each in FULL.images]
    wanted += [each.reason for each in FULL.on_hub] + [each.text for each in FULL.risks]
    assert [each for each in wanted if each not in text] == []


def test_json_has_what_was_not_seen_as_null() -> None:
    found = json.loads(written(BARE, "json"))
    assert (found["version"], found["stack"], found["way"], found["images"][0]["there"]) == (1, "prod", None, None)
    assert found["pulls"] == {"needed": 24, "asked": False, "limit": None, "remaining": None, "windowSeconds": None}
    assert found["onHub"][0]["pods"] is None


def test_nothing_that_a_cluster_says_becomes_markup() -> None:
    evil = "<b>|a|</b>`[x](https://evil.example)"
    plan = replace(PLAN, warnings=(evil,))
    found = report(plan, Seen(not_looked=(NotLooked(evil, evil),)), samples.AT)
    plain = report(replace(PLAN, warnings=("x",)), Seen(not_looked=(NotLooked("x", "x"),)), samples.AT)
    assert _tags(written(found, "html")) == _tags(written(plain, "html"))
    text = written(found, "markdown")
    assert "<b>" not in text.replace("\\<", "") and "[x]" not in text.replace("\\[", "")
    rows = [line for line in text.splitlines() if line.startswith("| low")]
    assert [line.replace("\\|", "").count("|") for line in rows] == [5] * len(rows)


def test_tokens_are_in_no_form() -> None:
    token = "ghp_" + "a" * 36
    found = report(replace(PLAN, warnings=(f"the token {token}",)), NOTHING, samples.AT)
    assert [form for form in FORMS if "a" * 36 in written(found, form)] == []


@pytest.mark.parametrize("form", FORMS)
def test_the_same_input_gives_the_same_bytes(form: str) -> None:
    code = (
        "import sys; from tests.hub2ghcr.report import samples; from hub2ghcr.report import report, written;"
        f"p = samples.plan(8); sys.stdout.write(written(report(p, samples.seen(p), samples.AT), {form!r}))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1 and outputs.pop()


def test_three_hundred_namespaces_stay_small() -> None:
    plan = samples.plan(300)
    assert len(written(report(plan, samples.seen(plan), samples.AT), "html")) < 2_000_000


def _tags(text: str) -> list[str]:
    found: list[str] = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            found.append(tag)

    Parser().feed(text)
    return found
