"""What goes wrong while images are copied, on purpose, at the real registries: nothing is lost, nothing is corrupt.

What was moved a second time is counted and printed as a table when the run ends.
"""

from __future__ import annotations

import random
import shutil
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from hub2ghcr.copying import present
from hub2ghcr.errors import DigestMismatch, RegistryError
from lab import registry_admin, registry_config
from lab.registry_admin import ODD_RETRY_AFTER, Fault
from lab.registry_config import PLACES, Place
from tests.e2e import samples
from tests.e2e.sample_copies import SampleCopies, finish, start
from tests.e2e.samples import Repeats

HALF = samples.SHARED // 2
MOMENTS = 10
pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def test_without_a_fault_all_is_copied_and_nothing_moves_twice(copies: SampleCopies) -> None:
    assert copies.copy() == []
    assert copies.wrong() == []
    assert copies.report("none", "0", 1) == Repeats(0, 0, 0, 0)


def test_what_is_missing_or_changed_at_a_target_is_seen(copies: SampleCopies) -> None:
    """Negative control of all that follows: the comparison and the counts notice what they are there for."""
    assert copies.copy() == []
    item = next(each for each in samples.samples() if each.name == "nested")
    registry_admin.delete_manifest(copies.state, "ghcr", f"{copies.folder}/nested", item.image.manifests[0].digest)
    assert [line.partition(": ")[0] for line in copies.wrong()] == [
        f"nested manifests/{item.image.manifests[0].digest}"
    ]
    other = replace(copies, folder=copies.folder + "-other", cache=copies.cache / "other")
    assert other.copy() == []
    again = Repeats.seen(copies.state)
    assert again.read_blobs and again.read_manifests, "a second copy to elsewhere reads all again"


def _dated(seconds: float, ahead: float = 0) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds + ahead), usegmt=True)


def _busy(headers: Mapping[str, str], path: str = "^/v2/", count: int = 3) -> Fault:
    return Fault("status", path, status=429, headers=headers, count=count)


WAITS: dict[str, Callable[[], Mapping[str, str]]] = {
    "seconds": lambda: {"Retry-After": "1"},
    "a date": lambda: {"Retry-After": _dated(2)},
    "GHCR's odd form": lambda: {"Retry-After": ODD_RETRY_AFTER},
    "nothing": dict,
}
"""What comes with a 429."""

UPLOADS, BLOBS, MANIFESTS = "/blobs/uploads/", "/blobs/sha256", "/manifests/"
LAYERS = f"/blobs/{samples.large()}"
"""Those that are large enough to be spoiled in their middle."""

EVERYWHERE: list[tuple[Place, str]] = [
    ("hub", MANIFESTS),
    ("hub", BLOBS),
    ("ghcr", UPLOADS),
    ("ghcr", BLOBS),
    ("ghcr", MANIFESTS),
]

PASSING: dict[str, list[tuple[Place, Fault]]] = {
    **{
        f"{status} at both": [(place, Fault("status", path, status=status, count=2)) for place, path in EVERYWHERE]
        for status in (500, 502, 503)
    },
    "503 from the token services": [("hub", Fault("status", "^/token", count=2)), ("ghcr", Fault("status", "^/token"))],
    "download cut in the middle": [("hub", Fault("cut", LAYERS, "GET", bytes=HALF, count=3))],
    "manifest cut in the middle": [("hub", Fault("cut", MANIFESTS, "GET", bytes=10, count=2))],
    "upload dropped in the middle": [("ghcr", Fault("drop", UPLOADS, "PUT", bytes=HALF, count=3))],
    "download ends early, as if whole": [("hub", Fault("short", LAYERS, "GET", bytes=HALF, count=2))],
    "token expired at an upload's begin": [("ghcr", Fault("expired", UPLOADS, "POST"))],
    "token expired in mid-upload": [("ghcr", Fault("expired", UPLOADS, "PUT", bytes=HALF, count=3))],
    "token expired at the source": [("hub", Fault("expired", LAYERS, "GET"))],
    "source gives a byte a second": [("hub", Fault("trickle", LAYERS, "GET", bytes=1, seconds=1, count=2))],
}
"""Faults that end by themselves: one run suffices."""


@pytest.mark.parametrize("name", PASSING)
def test_what_passes_is_waited_for(copies: SampleCopies, name: str) -> None:
    for place, fault in PASSING[name]:
        copies.inject(place, fault)
    _one_run_suffices(copies, name)


@pytest.mark.parametrize("name", WAITS)
def test_a_429_is_waited_for_whatever_it_says(copies: SampleCopies, name: str) -> None:
    for place, path in EVERYWHERE:
        copies.inject(place, _busy(WAITS[name](), path, count=1))
    _one_run_suffices(copies, f"429 with {name}")


@pytest.mark.parametrize("name", WAITS)
def test_a_429_of_a_list_is_waited_for(copies: SampleCopies, name: str) -> None:
    copies.inject("hub", _busy(WAITS[name](), "/tags/list", 2), _busy(WAITS[name](), "/referrers/", 2))
    item = samples.samples()[0]
    with copies.open() as registries:
        source = registries.at("docker.io")
        tags = set(source.tags(item.source))
        listed = source.referrers(item.source, item.image.digest)
    assert {samples.TAG, item.attached[0][0]} <= tags
    assert [each.digest for each in listed or ()] == [item.attached[1][0]]
    assert copies.happened() == 4
    copies.report(f"429 with {name}, of tags and referrers", "4", 1)


@pytest.mark.parametrize("hours", [-2, 2])
def test_the_clocks_of_registries_do_not_matter(copies: SampleCopies, hours: int) -> None:
    ahead = hours * 3600
    for place in PLACES:
        registry_admin.set_rules(copies.state, place, clock=ahead)
        copies.inject(place, Fault("status", status=429, headers={"Retry-After": _dated(2, ahead)}))
    begun = time.monotonic()
    _one_run_suffices(copies, f"clocks {hours:+} hours, 429 with a date")
    assert time.monotonic() - begun >= 1, "the pause was taken, by the clock of the registry"


def test_tokens_that_live_shorter_than_an_upload(copies: SampleCopies) -> None:
    for place in PLACES:
        registry_admin.set_rules(copies.state, place, token_seconds=1)
    copies.inject("hub", *(Fault("trickle", LAYERS, "GET", bytes=20_000, seconds=0.03) for _ in range(2)))
    _one_run_suffices(copies, "tokens live a second, uploads two", limit=99)


def _one_run_suffices(copies: SampleCopies, name: str, limit: int | None = None) -> None:
    """Copy under the faults that wait; at most ``limit`` things move twice, by default as many as faults happened."""
    failed = copies.copy()
    assert failed == [], [str(each.error) for each in failed]
    happened = copies.happened()
    assert happened, "negative control: nothing was injected"
    assert copies.wrong() == []
    again = copies.report(name, str(happened), 1)
    assert again.put_blobs == 0
    assert max(again.read_blobs, again.read_manifests, again.put_manifests) <= (happened if limit is None else limit)


TOLD: dict[str, Fault] = {
    "one manifest ends early, as if whole": Fault("short", MANIFESTS, "GET", bytes=100),
    "one byte of a manifest changed": Fault("corrupt", MANIFESTS, "GET", bytes=50),
    "one byte of a layer changed": Fault("corrupt", LAYERS, "GET", bytes=HALF),
}


@pytest.mark.parametrize("name", TOLD)
def test_other_bytes_than_the_digest_says_are_refused_and_the_next_run_asks_for_the_right_ones(
    copies: SampleCopies, name: str
) -> None:
    """One run need not ask twice: a manifest costs a pull, and other bytes are seldom a passing fault."""
    copies.inject("hub", TOLD[name])
    failed = copies.copy()
    assert all(isinstance(each.error, DigestMismatch) for each in failed), failed
    assert copies.happened() == 1
    assert not [line for line in copies.wrong() if "other bytes" in line]
    assert copies.copy() == []
    assert copies.wrong() == []
    again = copies.report(name, "1", 2 if failed else 1)
    assert again.read_blobs + again.read_manifests == 1
    assert again.put_manifests == 0


LASTING: dict[str, tuple[list[tuple[Place, Fault]], type[RegistryError]]] = {
    "every layer has a byte changed": (
        [("hub", Fault("corrupt", LAYERS, "GET", bytes=HALF, count=-1))],
        DigestMismatch,
    ),
    "every manifest has a byte changed": (
        [("hub", Fault("corrupt", MANIFESTS, "GET", bytes=50, count=-1))],
        RegistryError,
    ),
    "every download is cut": ([("hub", Fault("cut", LAYERS, "GET", bytes=HALF, count=-1))], RegistryError),
    "every download ends early": ([("hub", Fault("short", LAYERS, "GET", bytes=HALF, count=-1))], RegistryError),
    "every upload is dropped": ([("ghcr", Fault("drop", UPLOADS, "PUT", bytes=HALF, count=-1))], RegistryError),
    "the target fails for good": ([("ghcr", Fault("status", UPLOADS, status=500, count=-1))], RegistryError),
}
"""Faults that do not end: a run says so, and the next one, when they are over, does the rest."""


@pytest.mark.parametrize("name", LASTING)
def test_what_lasts_is_told_and_nothing_wrong_arrives(copies: SampleCopies, name: str) -> None:
    faults, kind = LASTING[name]
    for place, fault in faults:
        copies.inject(place, fault)
    failed = copies.copy()
    happened = copies.happened()
    assert failed
    for each in failed:
        assert isinstance(each.error, kind), repr(each.error)
        assert "\n" not in str(each.error)
        with copies.open() as registries:
            assert not present(each.job.target, each.job.digest, registries=registries)
    assert not [line for line in copies.wrong() if "other bytes" in line]
    for place in PLACES:
        registry_admin.clear_faults(copies.state, place)
    before = _committed(copies)
    assert copies.copy() == []
    assert copies.wrong() == []
    copies.report(name, str(happened), 2)
    assert not _put_again(before, _committed(copies))


def test_a_target_deleted_after_its_copy_is_noticed_and_mended(copies: SampleCopies) -> None:
    assert copies.copy() == []
    job = samples.samples()[0].job(copies.folder)
    repository, _, tag = job.target.removeprefix("ghcr.io/").rpartition(":")
    for reference in (tag, job.digest):
        registry_admin.delete_manifest(copies.state, "ghcr", repository, reference)
    with copies.open() as registries:
        assert not present(job.target, job.digest, registries=registries)
    assert copies.wrong()
    before = _committed(copies)
    assert copies.copy() == []
    assert copies.wrong() == []
    copies.report("target deleted after its copy", "1", 2)
    again = _put_again(before, _committed(copies))
    assert {kind for kind, _, _ in again} <= {"manifest_put"}, "no blob is uploaded again"


def test_verify_names_a_target_that_was_deleted_since_and_a_copy_mends_it(
    copies: SampleCopies, copies_project: Path
) -> None:
    verify = ("verify", "-s", "t")
    finish(start(copies_project))
    finish(start(copies_project, *verify))
    item = next(each for each in samples.samples() if each.name == "docker")
    for reference in (samples.TAG, item.image.digest):
        registry_admin.delete_manifest(copies.state, "ghcr", f"{copies.folder}/docker", reference)
    process = start(copies_project, *verify)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 1
    errors = [line for line in told.splitlines() if line.startswith("error:")]
    assert errors and all(f"{copies.folder}/docker" in line for line in errors), told
    finish(start(copies_project))
    finish(start(copies_project, *verify))


Moved = dict[tuple[str, str, str], int]


def _committed(copies: SampleCopies) -> Moved:
    kinds = ("upload", "manifest_put")  # a mount moves nothing
    return {key: times for key, times in registry_admin.transfers(copies.state, "ghcr").items() if key[0] in kinds}


def _put_again(before: Moved, after: Moved) -> list[tuple[str, str, str]]:
    """What was at the target before and was put there once more."""
    return sorted(key for key, times in before.items() if after.get(key, 0) > times)


def _requests(copies: SampleCopies) -> int:
    return sum(registry_admin.counters(copies.state, "ghcr").values())


def _repositories(copies: SampleCopies) -> Path:
    storage = registry_config.folder(copies.state, "ghcr") / "storage"
    return storage / "docker" / "registry" / "v2" / "repositories" / copies.folder


def _forget(copies: SampleCopies) -> None:
    """Empty the targets, for another copy to the same place; blobs are forgotten with their repository."""
    shutil.rmtree(_repositories(copies))
    for place in PLACES:
        registry_admin.reset_counters(copies.state, place)


@pytest.mark.slow
def test_a_run_killed_at_any_moment_is_finished_by_the_next_and_nothing_committed_is_repeated(
    copies: SampleCopies, copies_project: Path
) -> None:
    """A moment is a number of requests, so that all parts of a copy are hit, on fast and on slow machines."""
    slow = Fault("slow", seconds=0.02, count=-1)
    copies.inject("ghcr", slow)
    copies.inject("hub", slow)
    finish(start(copies_project))
    whole = _requests(copies)
    moments = sorted(random.Random(5).sample(range(1, whole), MOMENTS))
    for moment in moments:
        _forget(copies)
        process = start(copies_project)
        while _requests(copies) < moment and process.poll() is None:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=10)
        time.sleep(0.1)  # what was under way when it died still arrives
        before = _committed(copies)
        finish(start(copies_project))
        again = _put_again(before, _committed(copies))
        repeats = copies.report(f"kill -9 at request {moment} of {whole}", "1", 2)
        assert copies.wrong() == []
        assert again == [], f"killed at request {moment}"
        assert repeats.put_blobs == 0, f"killed at request {moment}: a layer went to two repositories"
    assert len(moments) == MOMENTS


def test_a_run_that_begins_anew_repeats_what_was_committed(copies: SampleCopies, copies_project: Path) -> None:
    """Negative control of the kills: without what a killed run left behind, the next one puts all of it again."""
    finish(start(copies_project))
    moved = _committed(copies)
    shutil.rmtree(_repositories(copies))
    finish(start(copies_project))
    again = Repeats.seen(copies.state)
    assert again.put_blobs == len([kind for kind, _, _ in moved if kind == "upload"])
    assert again.put_manifests == len([kind for kind, _, _ in moved if kind == "manifest_put"])


def test_two_runs_at_once_do_no_harm(copies: SampleCopies, copies_project: Path) -> None:
    for place in PLACES:
        copies.inject(place, Fault("slow", seconds=0.02, count=-1))
    for process in [start(copies_project), start(copies_project)]:
        finish(process)
    assert copies.wrong() == []
    copies.report("two runs at once", "1", 2)
    before = _committed(copies)
    finish(start(copies_project))
    assert _committed(copies) == before, "a third run finds all done"
