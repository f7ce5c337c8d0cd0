"""A run says the same, whatever number of processes does it."""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub2ghcr import pieces, running
from hub2ghcr.errors import Hub2GhcrError
from hub2ghcr.lock import Lock
from hub2ghcr.mapping import Mapping, Rule
from hub2ghcr.rewriting import Rewriting
from hub2ghcr.running import Run
from hub2ghcr.walking import Input
from hub2ghcr.worker import Worker

from ..fuzz_rewrite import mutated
from ..fuzz_seeds import SEEDS

MAPPING = Mapping((Rule.parse("docker.io/*", "ghcr.io/acme/*"), Rule.parse("docker.io/bitnami/*", "ghcr.io/acme/*")))
POD = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p{n}\nspec:\n  containers:\n  - image: {image}\n"
IMAGES = ("nginx:1", "bitnami/redis:7", "acme/shop", "redis", "quay.io/a/b", "Bad Name", "&a nginx:2", "'mine'")

ODD = (
    "a: [\n",
    "b: ]\n",
    "c: 1\nc: 2\n",
    "{{ x }}\n",
    "# c\n",
    "a: b\n...\nc: d\n",
    "a: |\n ---\n",
    "d: '\n",
    "...\n%YAML 1.1\n",
)


def many(count: int, chance: random.Random) -> str:
    return "---\n".join(POD.format(n=n, image=chance.choice(IMAGES)) for n in range(count))


def outcome(folder: Path, processes: int, *, unchanged: bool, lock: Lock | None = None) -> object:
    run = Run([str(folder)], MAPPING, lock, processes=processes)
    results = [(each.input, each.data, each.changes, run.before(each)) for each in run.results(unchanged=unchanged)]
    return results, [str(each) for each in run.problems], sorted(run.notes)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deal files as if they were large."""
    monkeypatch.setattr(pieces, "SIZE", 300)
    monkeypatch.setattr(pieces, "_FILE", 10)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chance=st.randoms(use_true_random=False), unchanged=st.booleans(), pinned=st.booleans())
def test_any_files_are_rewritten_alike_by_one_process_and_by_several(
    chance: random.Random, unchanged: bool, pinned: bool, small: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("files")
    for number in range(chance.randrange(1, 8)):
        place, data = mutated(chance)
        if chance.random() < 0.5:
            documents = many(chance.randrange(1, 12), chance).split("---\n")
            for _ in range(chance.choice((0, 0, 1, 2, 3))):
                documents.insert(chance.randrange(len(documents)), chance.choice(ODD))
            data = "---\n".join(documents).encode()
            data = data if chance.random() < 0.9 else data.replace(b"acme", b"\xff")
            place = "pods.yaml"
        path = folder / f"{number}" / ("all.yaml" if place == "-" else place)
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
    lock = Lock() if pinned else None
    alone = outcome(folder, 1, unchanged=unchanged, lock=lock)
    assert outcome(folder, 2, unchanged=unchanged, lock=lock) == alone
    assert outcome(folder, 5, unchanged=unchanged, lock=lock) == alone


def test_large_files_are_divided(tmp_path: Path, small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    text = many(60, random.Random(1))
    (tmp_path / "a.yaml").write_text(text)
    alone = outcome(tmp_path, 1, unchanged=True)
    own: list[int] = []
    examine = Rewriting.examine

    def seen(self: Any, data: bytes, place: str, span: tuple[int, int] | None = None) -> Any:
        own.append(span[1] - span[0] if span else len(data))
        return examine(self, data, place, span)

    monkeypatch.setattr(Rewriting, "examine", seen)
    assert outcome(tmp_path, 2, unchanged=True) == alone
    assert len(own) > 1 and len(text) * 0.3 < sum(own) < len(text) * 0.7


def test_two_sources_with_one_target_are_seen_whoever_reads_them(tmp_path: Path, small: None) -> None:
    for number, image in enumerate(["acme/x", "redis", "bitnami/redis", "nginx"]):
        (tmp_path / f"{number}.yaml").write_text(POD.format(n=number, image=image) + "#" * 150)
    mapping = Mapping(
        (Rule.parse("docker.io/library/*", "ghcr.io/a/*"), Rule.parse("docker.io/bitnami/*", "ghcr.io/a/*"))
    )
    run = Run([str(tmp_path)], mapping, processes=4)
    assert [each.input.place[-6:] for each in run.results()] == ["3.yaml"]
    assert ["docker.io/bitnami/redis and docker.io/library/redis" in str(each) for each in run.problems] == [True]


@pytest.mark.parametrize("step", ["examine", "_moved"])
def test_what_a_process_that_was_killed_had_to_do_is_told_file_by_file(
    step: str, tmp_path: Path, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        (tmp_path / f"{number}.yaml").write_text(POD.format(n=number, image="nginx") + "#" * 150)
    parent = os.getpid()
    work = getattr(running._Here, step)

    def killed(self: Any, *rest: Any) -> Any:
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return work(self, *rest)

    monkeypatch.setattr(running._Here, step, killed)
    run = Run([str(tmp_path)], MAPPING, processes=2)
    done = {os.path.basename(each.input.place) for each in run.results()}
    told = {os.path.basename(str(each).partition(": ")[0]) for each in run.problems}
    assert done | told == {f"{number}.yaml" for number in range(6)}
    assert done and told and not done & told
    assert all("not read: the process that did ended by signal 9; run it again" in str(each) for each in run.problems)


def test_an_interrupted_run_leaves_no_process(tmp_path: Path, small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.yaml").write_text(many(60, random.Random(1)))
    started: list[int] = []
    begin = Worker.__init__

    def noted(self: Any, work: Any) -> None:
        begin(self, work)
        started.append(self._pid)

    def interrupted(self: Any) -> Any:
        if len(started):
            raise KeyboardInterrupt
        return []

    monkeypatch.setattr(Worker, "__init__", noted)
    monkeypatch.setattr(running._Here, "examine", interrupted)
    with pytest.raises(KeyboardInterrupt):
        list(Run([str(tmp_path)], MAPPING, processes=3).results())
    assert len(started) == 2
    for pid in started:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@pytest.mark.parametrize("processes", [1, 2])
def test_a_file_that_changes_meanwhile_is_told(
    processes: int, tmp_path: Path, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "_KEPT", 0)
    for number in range(4):
        (tmp_path / f"{number}.yaml").write_text(POD.format(n=number, image="nginx") + "#" * 150)

    def refusals(mapped: Any) -> Any:
        list(mapped)
        for number in range(4):
            (tmp_path / f"{number}.yaml").write_text("a: b\n")
        return (), frozenset()

    monkeypatch.setattr(running, "refusals", refusals)
    run = Run([str(tmp_path)], MAPPING, processes=processes)
    done = list(run.results())
    assert len(done) + len(run.problems) == 4
    assert len(done) <= processes  # the last file that a process has read is the one it still has
    assert all("was changed by another program meanwhile" in str(each) for each in run.problems)
    for each in done:
        with pytest.raises(Hub2GhcrError, match="changed by another program"):
            running._Files().again(Input(each.input.place, each.input.path), each.known)


def test_the_seeds_hold_what_is_divided_and_what_is_not() -> None:
    assert {place for place, _ in SEEDS} >= {"web.yaml", "kustomization.yaml", "list.json"}
