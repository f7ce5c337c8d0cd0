"""What ran is on the disk, and is read back as it was written."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from hub2ghcr.errors import EngineError, SettingsError
from hub2ghcr.fleet.history import FleetRun
from hub2ghcr.fleet.ledger import PLACE, Ledger
from hub2ghcr.fleet.remembered import history


def begin(ledger: Ledger, of: str = "") -> str:
    waves = {"canary": ["a"], "rest": ["b", "c"]}
    return ledger.run_begun("up", of, "cutover", "sha256:1", 1, waves, commit="abc", dirty=True)


def last(root: Path) -> FleetRun:
    found = history(root).last
    assert found
    return found


def test_a_run_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        run = begin(ledger)
        ledger.cluster_begun("a", "canary", "stack-a", "prepare")
        ledger.cluster_ended("a", "failed", "prepare", ["no", "nothing"])
        ledger.gate_begun("canary", ["a"])
        ledger.gate_ended("canary", {"a": ["1 of 2"]})
        ledger.cluster_begun("b", "rest", "b", "prepare")
        ledger.run_ended("halted")
    found = last(tmp_path)
    assert (found.id, found.of, found.command, found.phase, found.commit) == (run, run, "up", "cutover", "abc")
    assert (found.dirty, found.fleet, found.pid, found.budget, found.ending) == (
        True,
        "sha256:1",
        os.getpid(),
        1,
        "halted",
    )
    assert found.names == ("a", "b", "c")
    a, b = found.clusters
    assert (a.cluster, a.wave, a.stack, a.before, a.after) == ("a", "canary", "stack-a", "prepare", "prepare")
    assert (a.ending, a.problems, b.ending, b.ended) == ("failed", ("no", "nothing"), "", None)
    assert a.seconds >= 0 and a.begun.tzinfo
    assert found.gates[0].failed == {"a": ("1 of 2",)} and found.gates[0].clusters == ("a",) and found.failed == {"a"}


def test_a_ledger_of_twice_as_many_clusters_takes_twice_as_much_reading(tmp_path: Path) -> None:
    def steps(count: int) -> int:
        root = tmp_path / str(count)
        root.mkdir()
        names = [f"c-{number}" for number in range(count)]
        with Ledger(root) as ledger:
            ledger.run_begun("up", "", "cutover", "sha256:1", 0, {"all": names}, commit="", dirty=False)
            for name in names:
                ledger.cluster_begun(name, "all", name, "prepare")
            for name in names:
                ledger.cluster_ended(name, "done", "cutover", [])
        found = 0

        def trace(frame: FrameType, event: str, _: object) -> Any:
            nonlocal found
            found += event == "line"
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            read = history(root)
        finally:
            sys.settrace(before)
        assert read.last and {each.ending for each in read.last.clusters} == {"done"}
        return found

    assert steps(80) < 2.2 * steps(40)


def test_a_torn_last_line_is_left_out_and_cut_off_by_the_next_run(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        begin(ledger)
        ledger.cluster_begun("a", "canary", "a", "prepare")
    path = tmp_path / PLACE
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"record": "cluster ended", "run": ' + b"x" * 9000)
    assert last(tmp_path).clusters[0].ended is None
    Ledger(tmp_path).__exit__()
    assert path.read_bytes() == whole


def test_a_line_that_is_no_record_is_named(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        begin(ledger)
    path = tmp_path / PLACE
    for broken in (b"[]\n", b"{}\n", b"x\n", b'{"record": "cluster ended", "run": "unknown"}\n'):
        path.write_bytes(path.read_bytes().splitlines(keepends=True)[0] + broken)
        with pytest.raises(SettingsError, match=r"fleet.jsonl:2: is no record"):
            history(tmp_path)


def test_one_run_at_a_time_has_it(tmp_path: Path) -> None:
    with Ledger(tmp_path):
        with pytest.raises(EngineError, match="a run of the fleet is on"):
            Ledger(tmp_path, patience=0.3)
        assert history(tmp_path).runs == ()  # reading needs no lock
    Ledger(tmp_path).__exit__()


def test_a_process_that_works_for_the_run_holds_the_lock_on(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        kept = os.dup(ledger.fileno())
    with pytest.raises(EngineError):
        Ledger(tmp_path)
    os.close(kept)
    Ledger(tmp_path).__exit__()


def test_what_went_on_belongs_to_what_began(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        begin(ledger)
        first = begin(ledger)
        second = begin(ledger, first)
    assert [each.id for each in history(tmp_path).campaign] == [first, second]
    assert first < second


def test_no_repository_takes_it_in(tmp_path: Path) -> None:
    Ledger(tmp_path).__exit__()
    assert (tmp_path / ".hub2ghcr/.gitignore").read_text().endswith("*\n")
    assert (tmp_path / PLACE).stat().st_mode & 0o777 == 0o600


def test_problems_are_bounded(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        begin(ledger)
        ledger.cluster_begun("a", "canary", "a", "")
        ledger.cluster_ended("a", "failed", "", [str(each) for each in range(1000)])
    assert len(json.loads((tmp_path / PLACE).read_text().splitlines()[-1])["problems"]) == 50


def test_a_problem_of_any_bytes_is_kept(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        begin(ledger)
        ledger.cluster_begun("a", "canary", "a", "prepare")
        ledger.cluster_ended("a", "failed", "prepare", ["apps/caf\udce9.yaml: is no UTF-8"])  # a file's name in Latin-1
    assert last(tmp_path).clusters[0].problems == ("apps/caf\udce9.yaml: is no UTF-8",)


def test_what_looks_like_a_token_is_not_written(tmp_path: Path) -> None:
    token = "ghp_" + "a1B2" * 9
    with Ledger(tmp_path) as ledger:
        begin(ledger)
        ledger.cluster_begun("a", "canary", "a", "prepare")
        ledger.cluster_ended("a", "failed", "prepare", [f"the registry said: {token}"])
        ledger.gate_begun("canary", ["a"])
        ledger.gate_ended("canary", {"a": [f"the kubelet said: {token}"]})
    assert token not in (tmp_path / PLACE).read_text()
    assert last(tmp_path).clusters[0].problems == ("the registry said: …",)
