"""A fleet is read strictly: all that is wrong with it is told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub2ghcr.errors import Hub2GhcrError, SettingsError
from hub2ghcr.fleet.gates import Gate
from hub2ghcr.fleet.reading import load

FLEET = """
concurrency: 2
budget: "10%"
gate: {availability: 1, pullErrors: 1, soak: 10m}
template: stacks/cluster.yaml
clusters:
  canary-1: {labels: {ring: canary, region: eu}}
  b: {labels: {region: eu}, stack: other, context: b}
  c: {labels: {region: us}}
waves:
  - {name: canary, select: {ring: canary}}
  - {name: eu, select: {region: eu}, concurrency: 8, gate: {soak: 0s}}
  - {name: rest, rest: true}
"""


def write(root: Path, text: str = FLEET, *stacks: str) -> Path:
    (root / "stacks").mkdir(exist_ok=True)
    (root / "stacks/fleet.yaml").write_text(text)
    for stack in stacks or ("canary-1", "other", "c"):
        (root / f"stacks/Pulumi.{stack}.yaml").write_text("config: {}\n")
    return root


def lines(root: Path) -> list[str]:
    with pytest.raises(Hub2GhcrError) as caught:
        load(root)
    return [line.removeprefix("stacks/fleet.yaml: ") for line in caught.value.lines]


def test_a_cluster_is_in_the_first_wave_that_selects_it(tmp_path: Path) -> None:
    fleet = load(write(tmp_path))
    assert [(wave.name, [each.name for each in wave.clusters]) for wave in fleet.waves] == [
        ("canary", ["canary-1"]),
        ("eu", ["b"]),
        ("rest", ["c"]),
    ]
    assert [wave.concurrency for wave in fleet.waves] == [2, 8, 2]
    assert [wave.gate for wave in fleet.waves] == [Gate(1.0, 1, 600.0), Gate(1.0, 1, 0.0), Gate(1.0, 1, 600.0)]
    b = fleet.waves[1].clusters[0]
    assert (b.stack, b.labels, b.values) == ("other", {"region": "eu"}, {"context": "b"})
    assert (fleet.template, fleet.digest[:7]) == ("stacks/cluster.yaml", "sha256:")


def test_the_way_back_begins_with_the_last_wave(tmp_path: Path) -> None:
    fleet = load(write(tmp_path))
    assert [wave.name for wave in fleet.backwards.waves] == ["rest", "eu", "canary"]
    assert [wave.name for wave in fleet.only(["c", "canary-1"]).waves] == ["canary", "rest"]


@pytest.mark.parametrize(("budget", "of", "may"), [("0", 9, 0), ("2", 9, 2), ('"10%"', 9, 0), ('"10%"', 20, 2)])
def test_a_budget_is_a_number_or_a_part_rounded_down(tmp_path: Path, budget: str, of: int, may: int) -> None:
    fleet = load(write(tmp_path, FLEET.replace('"10%"', budget)))
    assert fleet.budget.of(of) == may


def test_all_that_breaks_the_schema_is_told_at_once(tmp_path: Path) -> None:
    text = """
concurrency: 0
budgt: 1
budget: "500%"
gate: {availability: 2, soak: 10, x: 1}
clusters:
  a: {labels: {ring: canary, region: 5}}
  c: {stack: "x y"}
waves:
  - {name: canary, select: {ring: canary}, gte: {}}
  - {nme: rest, rest: true}
"""
    assert lines(write(tmp_path, text)) == [
        """budget: must be a number of clusters, or a part of them such as "5%": '500%'""",
        "budgt: unknown key: 'budgt'; did you mean budget?",
        "clusters.a.labels.region: must be a string: '5'",
        "clusters.c.stack: must be a stack's name: 'x y'",
        "concurrency: Input should be greater than or equal to 1: '0'",
        "gate.availability: Input should be less than or equal to 1: '2'",
        "gate.soak: must be a string: '10'",
        "gate.x: unknown key: 'x'; the keys here are availability, pullErrors, soak",
        "waves[0].gte: unknown key: 'gte'; did you mean gate?",
        "waves[1].name: is missing; add it",
        "waves[1].nme: unknown key: 'nme'; did you mean name?",
    ]


def test_unknown_names_and_empty_waves_are_told_at_once(tmp_path: Path) -> None:
    text = """
clusters:
  a: {labels: {ring: canary, region: eu}}
  b: {labels: {region: eu}, stack: one, contxt: b}
  c: {labels: {region: us}, stack: one}
  d: {}
waves:
  - {name: canary, select: {rng: canary}}
  - {name: canary, select: {ring: canry}}
  - {name: eu, select: {region: eu}}
  - {name: late, select: {region: eu}}
  - {name: both, select: {region: us}, rest: true}
  - {name: neither}
  - {name: us, select: {region: us}}
"""
    missing = "write it, or with a `template` run `hub2ghcr fleet stacks`"
    assert lines(write(tmp_path, text, "a", "one")) == [
        "clusters.b.contxt: unknown key: 'contxt'; did you mean context?",
        f"clusters.d: there is no stacks/Pulumi.d.yaml; {missing}",
        "clusters: clusters b and c have one stack: 'one'; give each a stack of its own: a stack has one phase",
        "waves: two waves have this name: 'canary'",
        "waves[0].select: no cluster has this label: 'rng'; did you mean ring?",
        "waves[1].select.ring: no cluster has this value of the label: 'canry'; did you mean canary?",
        "waves[3]: selects no cluster that no wave before it has: 'late'; remove it, or move it up",
        "waves[4]: must have either `select` or `rest: true`: 'both'",
        "waves[5]: must have either `select` or `rest: true`: 'neither'",
        "waves[6]: selects no cluster that no wave before it has: 'us'; remove it, or move it up",
    ]


def test_a_cluster_in_no_wave_is_told(tmp_path: Path) -> None:
    text = FLEET.replace("  - {name: rest, rest: true}\n", "")
    assert lines(write(tmp_path, text)) == [
        "clusters.c: is in no wave; add a wave with `rest: true`, or label it",
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "must hold one mapping; see docs/fleets.md"),
        ("[]", "must hold one mapping; see docs/fleets.md"),
        ("clusters: {}\nwaves: []", "clusters: must not be empty; name each cluster: `canary-1: {labels: {…}}`"),
        ("clusters: {a: {}, a: {}}", "the key 'a' stands twice"),
    ],
)
def test_what_is_no_fleet_is_told(tmp_path: Path, text: str, line: str) -> None:
    (found,) = lines(write(tmp_path, text))
    assert line in found


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"stacks/fleet.yaml: cannot be read: No such file"):
        load(tmp_path)
