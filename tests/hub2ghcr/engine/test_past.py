"""What a backend remembers of a stack's runs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from hub2ghcr.engine.past import read
from hub2ghcr.errors import EngineError

RUN: dict[str, Any] = {
    "kind": "update",
    "startTime": "2026-11-22T03:00:00.000Z",
    "endTime": "2026-11-22T03:01:00.000Z",
    "result": "succeeded",
    "config": {"hub2ghcr:phase": {"value": "cutover", "secret": False}, "hub2ghcr:token": {"secret": True}},
    "resourceChanges": {"update": 2, "create": 1},
}


def test_runs_are_told_oldest_first_with_their_phase_and_what_they_changed() -> None:
    found = read(json.dumps([{**RUN, "startTime": "2026-11-22T04:00:00.000Z", "kind": "refresh"}, RUN]))
    assert [each.kind for each in found] == ["update", "refresh"]
    assert found[0].begun == datetime(2026, 11, 22, 3, tzinfo=UTC)
    assert (found[0].phase, dict(found[0].changes)) == ("cutover", {"create": 1, "update": 2})


def test_one_that_goes_on_has_no_end_and_a_phase_may_be_unsaid() -> None:
    (found,) = read(json.dumps([{key: RUN[key] for key in ("kind", "startTime")} | {"result": "in-progress"}]))
    assert (found.ended, found.phase, dict(found.changes)) == (None, "", {})


@pytest.mark.parametrize("text", ["", "nonsense", "1", "[1]", '[{"kind": "update"}]', '[{"startTime": "x"}]'])
def test_any_other_answer_is_an_error_of_ours(text: str) -> None:
    with pytest.raises(EngineError, match="otherwise than expected"):
        read(text)
