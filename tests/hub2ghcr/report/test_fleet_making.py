"""From a fleet, its ledger and its stacks' reports to one report, and its forms."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from hub2ghcr.fleet.history import History
from hub2ghcr.report import FORMS, fleet_report, written
from hub2ghcr.report.forms import Form

from . import fleet_samples, samples

FULL = fleet_report(fleet_samples.history(), samples.AT, fleet_samples.fleet(), fleet_samples.stacks())
LEDGER = fleet_report(fleet_samples.history(), samples.AT)


def test_each_cluster_stands_as_the_ledger_says_and_the_gate_counts_as_a_failure() -> None:
    stands = {each.cluster: each.stands for each in FULL.members}
    assert [stands[each] for each in ("canary-0", "eu-0", "eu-1", "eu-2", "rest-5")] == [
        "done",
        "failed",
        "failed",
        "done",
        "waiting",
    ]
    assert [each.cluster for each in FULL.members[:7]] == [*(f"canary-{n}" for n in range(6)), "eu-0"]


def test_waves_tell_what_is_done_and_what_their_gate_said() -> None:
    assert [(each.name, each.clusters, each.done, each.failed, each.gate) for each in FULL.waves] == [
        ("canary", 6, 6, 0, "passed"),
        ("eu", 6, 4, 2, "failed"),
        ("rest", 6, 0, 0, "not reached"),
    ]
    assert FULL.waves[1].problems[0][0] == "eu-0"


def test_the_ledger_alone_makes_the_page_of_a_runs_end() -> None:
    assert [(each.cluster, each.stands) for each in LEDGER.members] == [
        (each.cluster, each.stands) for each in FULL.members
    ]
    assert not LEDGER.read and LEDGER.images == ()
    assert {risk.where for risk in LEDGER.risks} == {("eu-0",), ("eu-1",)}
    assert "Still on Docker Hub" not in written(LEDGER, "html")


def test_nothing_that_ran_makes_a_report_that_says_so() -> None:
    found = fleet_report(History(), samples.AT, fleet_samples.fleet(), fleet_samples.stacks())
    assert {each.stands for each in found.members} == {None} and {each.gate for each in found.waves} == {"none"}
    assert found.not_looked[-1].what == "runs of the fleet"
    assert fleet_report(History(), samples.AT).waves == ()
    assert "No run is known" in written(fleet_report(History(), samples.AT), "html")


def test_images_of_many_stacks_are_counted_once() -> None:
    assert len(FULL.images) == 3 and FULL.registries[0].images == 3
    assert len(FULL.images[0].users) == 17  # the one that cannot be planned pulls none


def test_a_risk_of_many_clusters_stands_once_with_where_and_the_worst_first() -> None:
    assert FULL.risks[0].level == "high"
    undecided = next(each for each in FULL.risks if each.text.startswith("redis:7"))
    assert len(undecided.where) == 17
    assert "and 14 more" in written(FULL, "markdown")


def test_a_stack_that_cannot_be_planned_is_told_with_its_reason() -> None:
    (found,) = [each for each in FULL.members if each.why]
    assert found.cluster == "rest-0" and found.report is None
    assert any(each.where == ("rest-0",) and "must be prepare" in each.text for each in FULL.risks)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_names_every_cluster_wave_and_problem(form: Form) -> None:
    text = written(FULL, form)
    wanted = [each.cluster for each in FULL.members] + [each.name for each in FULL.waves]
    wanted += [line for each in FULL.members for line in each.problems] + ["halted", "aaaaaaaaaaaa, changed since"]
    assert [each for each in wanted if each not in text] == []


@pytest.mark.parametrize("form", FORMS)
def test_every_form_names_every_image_with_its_digest(form: Form) -> None:
    told = written(FULL, form)
    assert FULL.images
    for each in FULL.images:
        assert each.target in told and each.digest in told


def test_json_has_each_stacks_own_report_and_images_once() -> None:
    found = json.loads(written(FULL, "json"))
    assert found["clusters"][0]["report"]["stack"] == "prod-canary-0"
    assert "images" not in found["clusters"][0]["report"] and len(found["images"]) == 3
    assert found["waves"][1]["gateProblems"][0]["cluster"] == "eu-0"


def test_an_unfinished_turn_goes_on_in_the_timeline() -> None:
    (run,) = fleet_samples.history().runs
    going = replace(run, ended=None, ending="", clusters=(fleet_samples.outcome("canary", 0, 0, ""),), gates=())
    found = fleet_report(History((going,)), samples.AT)
    assert [(each.end, each.state) for each in found.happened] == [(None, "quiet")]
    assert "has not ended" in written(found, "html")


def test_three_hundred_clusters_stay_small() -> None:
    found = fleet_report(fleet_samples.history(100), samples.AT, fleet_samples.fleet(100), fleet_samples.stacks(100))
    assert len(written(found, "html")) < 2_000_000
