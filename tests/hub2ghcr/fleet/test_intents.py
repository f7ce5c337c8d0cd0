"""What is left of a run, and the way back of it, follow from the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from hub2ghcr.errors import Hub2GhcrError, SettingsError
from hub2ghcr.fleet.gates import Gate
from hub2ghcr.fleet.history import Command, Ending, History, RunEnding
from hub2ghcr.fleet.intents import Intent, Narrow, begun, resumed, taken_back
from hub2ghcr.fleet.ledger import Ledger
from hub2ghcr.fleet.nouns import Budget, Fleet, FleetCluster, Wave
from hub2ghcr.fleet.remembered import history
from hub2ghcr.fleet.standing import standings

ALL = {"one": ("a", "b"), "two": ("c", "d")}
NONE = Narrow()


def fleet(**waves: tuple[str, ...]) -> Fleet:
    def wave(name: str, clusters: tuple[str, ...]) -> Wave:
        return Wave(name, tuple(FleetCluster(each, f"stack-{each}") for each in clusters), 2, Gate(soak=0))

    return Fleet(
        "stacks/fleet.yaml", "sha256:1", tuple(wave(*each) for each in (waves or ALL).items()), Budget(50, True)
    )


Turn = tuple[str, Ending] | str
"""A cluster and how its turn ended; a cluster alone: it never did."""


def ran(
    root: Path,
    *turns: Turn,
    command: Command = "up",
    ending: RunEnding = "",
    gates: Mapping[str, Mapping[str, tuple[str, ...]] | None] | None = None,
    before: str = "prepare",
    of: str = "",
    waves: Mapping[str, tuple[str, ...]] = ALL,
    looked: tuple[str, ...] = (),
) -> str:
    """Write a run into the ledger."""
    with Ledger(root) as ledger:
        run = ledger.run_begun(command, of, "cutover", "sha256:1", 0, waves, commit="", dirty=False)
        places = {name: wave for wave, names in ALL.items() for name in names}
        for turn in turns:
            name, ended = (turn, None) if isinstance(turn, str) else turn
            ledger.cluster_begun(name, places[name], f"stack-{name}", before)
            if ended is not None:
                ledger.cluster_ended(name, ended, "", ())
        for wave, failed in (gates or {}).items():
            ledger.gate_begun(wave, looked or ALL[wave])
            if failed is not None:
                ledger.gate_ended(wave, failed)
        if ending:
            ledger.run_ended(ending)
        return run


def turns(intent: Intent) -> list[tuple[str, dict[str, str]]]:
    """Each leg's wave, with the phase of each cluster's turn; ``+`` where it is recovered first."""
    return [
        (leg.wave, {name: (turn.phase or "") + "+" * turn.recover for name, turn in leg.turns.items()})
        for leg in intent.legs
    ]


def gates(intent: Intent) -> list[str]:
    return [leg.wave for leg in intent.legs if leg.gate]


def test_a_new_run_is_about_all_that_is_meant(tmp_path: Path) -> None:
    intent = begun(fleet(), tmp_path, NONE, "cutover")
    assert turns(intent) == [("one", {"a": "cutover", "b": "cutover"}), ("two", {"c": "cutover", "d": "cutover"})]
    assert (intent.budget, intent.turns, gates(intent)) == (2, 4, ["one", "two"])
    assert intent.legs[0].turns["a"].stack == "stack-a"
    assert turns(begun(fleet(), tmp_path, Narrow(("two",), ("*d",)), None)) == [("two", {"d": ""})]


@pytest.mark.parametrize(
    ("narrow", "line"),
    [
        (Narrow(("three",)), "--wave: no such wave: 'three'; the waves are one, two"),
        (Narrow((), ("x*",)), "stacks/fleet.yaml: no cluster has such a name: 'x*'"),
        (Narrow(("one",), ("c",)), "stacks/fleet.yaml: no cluster is in these waves and has such a name: 'c'"),
    ],
)
def test_what_nobody_is_meant_by_is_refused(tmp_path: Path, narrow: Narrow, line: str) -> None:
    with pytest.raises(Hub2GhcrError) as caught:
        begun(fleet(), tmp_path, narrow, None)
    assert str(caught.value).startswith(line)


def test_a_killed_run_goes_on_with_whoever_is_not_done(tmp_path: Path) -> None:
    first = ran(tmp_path, ("a", "done"), "b")
    intent = resumed(fleet(), tmp_path, NONE, history(tmp_path))
    assert turns(intent) == [("one", {"b": "cutover+"}), ("two", {"c": "cutover", "d": "cutover"})]
    assert (intent.of, intent.command, intent.phase) == (first, "up", "cutover")
    assert intent.legs[0].stacks == {"a": "stack-a", "b": "stack-b"}  # the gate looks at both


def test_a_cluster_whose_process_was_killed_is_recovered_and_one_that_failed_is_not(tmp_path: Path) -> None:
    ran(tmp_path, ("a", "killed"), ("b", "failed"), ending="halted")
    assert turns(resumed(fleet(), tmp_path, NONE, history(tmp_path)))[0] == ("one", {"a": "cutover+", "b": "cutover"})


def test_a_gate_that_nobody_passed_is_asked_again(tmp_path: Path) -> None:
    ran(tmp_path, ("a", "done"), ("b", "done"), gates={"one": None})
    intent = resumed(fleet(), tmp_path, NONE, history(tmp_path))
    assert (turns(intent)[0], gates(intent)) == (("one", {}), ["one", "two"])
    assert intent.waves["one"] == ("a", "b")


def test_a_gate_that_let_all_through_is_not_asked_again(tmp_path: Path) -> None:
    ran(tmp_path, ("a", "done"), ("b", "done"), ("c", "failed"), gates={"one": {}}, ending="halted")
    intent = resumed(fleet(), tmp_path, NONE, history(tmp_path))
    assert (turns(intent), gates(intent)) == ([("two", {"c": "cutover", "d": "cutover"})], ["two"])


def test_what_a_gate_did_not_let_through_is_tried_again(tmp_path: Path) -> None:
    ran(tmp_path, ("a", "done"), ("b", "done"), gates={"one": {"a": ("no",)}}, ending="halted")
    found = standings(history(tmp_path).campaign)["a"]
    assert (found.state, found.problems) == ("failed", ("no",))
    assert turns(resumed(fleet(), tmp_path, NONE, history(tmp_path)))[0] == ("one", {"a": "cutover"})


def test_nothing_is_left_of_a_run_that_is_done(tmp_path: Path) -> None:
    everybody: list[Turn] = [(each, "done") for each in "abcd"]
    ran(tmp_path, *everybody, gates={"one": {}, "two": {}}, ending="done")
    assert resumed(fleet(), tmp_path, NONE, history(tmp_path)).legs == ()


def test_a_way_back_begins_with_the_last_wave_and_takes_each_where_it_came_from(tmp_path: Path) -> None:
    first = ran(tmp_path, ("a", "done"), ("b", "failed"), ("c", "killed"), ending="halted")
    intent = taken_back(fleet(), tmp_path, NONE, history(tmp_path))
    assert turns(intent) == [("two", {"c": "prepare+"}), ("one", {"a": "prepare", "b": "prepare"})]
    assert (intent.command, intent.of, intent.budget, gates(intent)) == ("rollback", first, None, [])
    assert turns(taken_back(fleet(), tmp_path, Narrow((), ("a",)), history(tmp_path))) == [("one", {"a": "prepare"})]
    assert turns(taken_back(fleet(), tmp_path, Narrow(("two",)), history(tmp_path))) == [("two", {"c": "prepare+"})]


def test_whoever_tried_again_goes_back_to_where_the_first_turn_began(tmp_path: Path) -> None:
    first = ran(tmp_path, ("a", "killed"))
    ran(tmp_path, ("a", "done"), of=first, before="cutover", ending="done")
    assert turns(taken_back(fleet(), tmp_path, NONE, history(tmp_path))) == [("one", {"a": "prepare"})]


def test_a_way_back_is_gone_once(tmp_path: Path) -> None:
    first = ran(tmp_path, ("a", "done"), ("b", "done"), ending="halted")
    ran(tmp_path, ("a", "done"), command="rollback", of=first, before="cutover", waves={"one": ("a",)}, ending="done")
    assert turns(taken_back(fleet(), tmp_path, NONE, history(tmp_path))) == [("one", {"b": "prepare"})]


def test_after_a_way_back_the_run_is_done_anew(tmp_path: Path) -> None:
    first = ran(tmp_path, ("a", "done"), ("b", "failed"), ending="halted")
    ran(tmp_path, ("a", "done"), ("b", "done"), command="rollback", of=first, before="cutover", ending="done")
    intent = resumed(fleet(), tmp_path, NONE, history(tmp_path))
    assert turns(intent)[0] == ("one", {"a": "cutover", "b": "cutover"})


def test_a_way_back_that_was_killed_goes_on(tmp_path: Path) -> None:
    first = ran(tmp_path, ("a", "done"), ("b", "done"), ("c", "done"), ending="halted")
    ran(tmp_path, ("c", "done"), "b", command="rollback", of=first, before="cutover")
    intent = resumed(fleet(), tmp_path, NONE, history(tmp_path))
    assert (intent.command, turns(intent)) == ("rollback", [("one", {"a": "prepare", "b": "prepare+"})])


def test_the_way_back_of_one_cluster_that_failed_goes_on_with_that_one(tmp_path: Path) -> None:
    first = ran(tmp_path, ("a", "done"), ("b", "done"), ending="halted")
    ran(tmp_path, ("a", "failed"), command="rollback", of=first, waves={"one": ("a",)}, ending="incomplete")
    assert turns(resumed(fleet(), tmp_path, NONE, history(tmp_path))) == [("one", {"a": "prepare"})]


def test_a_way_back_that_was_gone_in_parts_goes_on_until_all_are_back(tmp_path: Path) -> None:
    first = ran(tmp_path, ("a", "done"), ("b", "done"), ending="halted")
    ran(tmp_path, ("a", "failed"), ("b", "failed"), command="rollback", of=first, waves={"one": ("a", "b")})
    ran(tmp_path, ("a", "done"), command="rollback", of=first, waves={"one": ("a",)}, ending="done")
    intent = resumed(fleet(), tmp_path, NONE, history(tmp_path))
    assert (intent.command, turns(intent)) == ("rollback", [("one", {"b": "prepare"})])
    assert resumed(fleet(), tmp_path, Narrow((), ("a",)), history(tmp_path)).legs == ()


def test_a_gate_that_looked_at_some_of_a_wave_alone_is_asked_about_all_of_it(tmp_path: Path) -> None:
    first = ran(tmp_path, ("a", "done"), ("b", "done"), gates={"one": None})
    ran(tmp_path, of=first, waves={"one": ("a",)}, gates={"one": {}}, looked=("a",), ending="done")
    assert gates(resumed(fleet(), tmp_path, NONE, history(tmp_path))) == ["one", "two"]


def test_a_cluster_that_has_another_stack_since_is_told(tmp_path: Path) -> None:
    ran(tmp_path, ("a", "done"), "b")
    changed = replace(fleet().waves[0], clusters=(FleetCluster("a", "stack-a"), FleetCluster("b", "other")))
    found = replace(fleet(), waves=(changed, fleet().waves[1]))
    for intent in (resumed, taken_back):
        with pytest.raises(Hub2GhcrError, match=r"b: had another stack when a run began it: 'stack-b'"):
            intent(found, tmp_path, NONE, history(tmp_path))


def test_a_cluster_that_left_the_fleet_is_told(tmp_path: Path) -> None:
    ran(tmp_path, ("a", "done"), "b")
    with pytest.raises(SettingsError, match=r"not there any more: 'b, d'"):
        resumed(fleet(one=("a", "c")), tmp_path, NONE, history(tmp_path))


def test_before_the_first_run_nothing_goes_on(tmp_path: Path) -> None:
    for intent in (resumed, taken_back):
        with pytest.raises(SettingsError, match="nothing has run here"):
            intent(fleet(), tmp_path, NONE, History())
