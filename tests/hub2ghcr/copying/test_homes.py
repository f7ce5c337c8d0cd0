"""Where blobs can be mounted from, and what of it outlives a run."""

from __future__ import annotations

from pathlib import Path

from hub2ghcr.copying.homes import EACH, LARGEST, Homes
from hub2ghcr.copying.target import Target
from hub2ghcr.registry import Access, Registry

GHCR = Registry(Access("ghcr.io", "http://127.0.0.1:9"))
ONE, OTHER, THIRD = (Target(GHCR, f"acme/{name}") for name in ("one", "other", "third"))
BLOB, SECOND = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def test_a_blob_is_mounted_from_where_it_is_and_never_from_the_target_itself() -> None:
    homes = Homes()
    assert homes.of(ONE, BLOB) is None
    homes.settle(ONE, BLOB)
    assert homes.of(ONE, BLOB) is None
    assert homes.of(OTHER, BLOB) == "acme/one"
    assert homes.of(Target(Registry(Access("ghcr.example.com", "http://127.0.0.1:9")), "acme/x"), BLOB) is None


def test_a_target_mounts_from_as_few_repositories_as_can_be() -> None:
    homes = Homes()
    homes.settle(ONE, BLOB)
    homes.settle(OTHER, SECOND)
    homes.settle(ONE, SECOND)
    assert (homes.of(THIRD, BLOB), homes.of(THIRD, SECOND)) == ("acme/one", "acme/one")


def test_a_repository_that_did_not_give_a_blob_is_not_asked_again() -> None:
    homes = Homes()
    homes.settle(ONE, BLOB)
    homes.forget(OTHER, BLOB, "acme/one")
    homes.forget(OTHER, BLOB, "acme/one")
    assert homes.of(OTHER, BLOB) is None


def test_what_was_meant_to_be_sent_is_known_to_the_next_run_even_if_this_one_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "cache" / "homes"
    killed = Homes(path)
    killed.intend(ONE, BLOB)
    assert killed.of(OTHER, BLOB) is None  # it is not there yet
    following = Homes(path)
    assert following.of(OTHER, BLOB) is None  # nor now, perhaps: whoever asks has to look
    assert following.hints(OTHER, BLOB) == ["acme/one"]
    assert following.hints(OTHER, BLOB) == []  # one look is enough
    assert path.stat().st_mode & 0o077 == 0


def test_what_is_known_needs_no_hint(tmp_path: Path) -> None:
    path = tmp_path / "homes"
    Homes(path).intend(ONE, BLOB)
    homes = Homes(path)
    homes.settle(OTHER, BLOB)
    assert homes.hints(THIRD, BLOB) == []


def test_lines_that_are_not_ours_are_passed_over_and_the_newest_come_first(tmp_path: Path) -> None:
    path = tmp_path / "homes"
    path.write_bytes(f"ghcr.io acme/one {BLOB}\n\nx\nghcr.io a\n\xff\nghcr.io acme/other {BLOB}\nghcr.io ac".encode())
    assert Homes(path).hints(THIRD, BLOB) == ["acme/other", "acme/one"]


def test_the_file_and_the_memory_are_bounded(tmp_path: Path) -> None:
    path = tmp_path / "homes"
    line = f"ghcr.io acme/old {BLOB}\n".encode()
    path.write_bytes(line * (LARGEST // len(line) + 1) + f"ghcr.io acme/one {SECOND}\n".encode())
    homes = Homes(path)
    assert path.stat().st_size <= LARGEST // 2
    assert homes.hints(OTHER, SECOND) == ["acme/one"]
    for number in range(3 * EACH):
        homes.settle(Target(GHCR, f"acme/{number}"), SECOND)
    assert len(homes._known["ghcr.io", SECOND]) == EACH


def test_a_file_that_cannot_be_written_is_no_problem(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    homes = Homes(tmp_path / "file" / "homes")
    homes.intend(ONE, BLOB)
    homes.settle(ONE, BLOB)
    assert homes.of(OTHER, BLOB) == "acme/one"
    homes.close()
    homes.close()
