"""Members of tar archives: what Python's own writer writes, and what no writer should."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub2ghcr.archives import tarball
from hub2ghcr.errors import ArchiveError

from . import shapes

FORMATS = (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)
FILES = {"a": b"1", "b/c": b"2" * 700, "b/d": b""}
_names = st.lists(st.from_regex(r"[a-z0-9]{1,30}", fullmatch=True), min_size=1, max_size=6).map("/".join)


def read(path: Path) -> dict[str, bytes]:
    return {name: b"".join(extent.pieces()) for name, extent in tarball.members(path).items()}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tar") / "image.tar"


@given(st.dictionaries(_names, st.binary(max_size=1500), min_size=1), st.sampled_from(FORMATS))
def test_every_member_is_found_with_its_bytes(path: Path, files: dict[str, bytes], shape: int) -> None:
    path.write_bytes(shapes.tar(files, shape))
    assert read(path) == files


@pytest.mark.parametrize("shape", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names_and_other_letters_are_read(path: Path, shape: int) -> None:
    files = {"b/" * 90 + "é" * 90: b"1"}
    path.write_bytes(shapes.tar(files, shape))
    assert read(path) == files


@given(st.data())
@settings(max_examples=300)
def test_a_damaged_archive_is_one_error_or_reads_within_the_file(path: Path, data: st.DataObject) -> None:
    whole = bytearray(shapes.tar(FILES, data.draw(st.sampled_from(FORMATS)))[:4096])
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole)))])
    try:
        read(path)
    except ArchiveError as error:
        assert "\n" not in str(error) and str(path) in str(error)


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> Callable[[tarfile.TarFile], None]:
    def add(archive: tarfile.TarFile) -> None:
        entry = tarfile.TarInfo(name)
        entry.type, entry.linkname = kind, target
        archive.addfile(entry)

    return add


@pytest.mark.parametrize(
    ("target", "kind"), [("../b/c", tarfile.SYMTYPE), ("b/c", tarfile.LNKTYPE), ("../x/other", tarfile.SYMTYPE)]
)
def test_links_stand_for_what_they_lead_to(path: Path, target: str, kind: bytes) -> None:
    def change(archive: tarfile.TarFile) -> None:
        link("x/layer.tar", target, kind)(archive)
        link("x/other", "../b/c")(archive)

    path.write_bytes(shapes.tar(FILES, change=change))
    assert read(path)["x/layer.tar"] == FILES["b/c"]


def test_a_link_to_nothing_is_no_member(path: Path) -> None:
    path.write_bytes(shapes.tar(FILES, change=link("x", "y")))
    assert set(read(path)) == set(FILES)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (link("x", "../../etc/passwd"), "leads out of the archive: '../../etc/passwd'"),
        (link("x", "/etc/passwd"), "leads out of the archive: '/etc/passwd'"),
        (link("x", "x"), "a link leads to itself: 'x'"),
        (link("b/c", "a"), "a name is in it twice: 'b/c'"),
    ],
)
def test_links_are_refused_that_no_image_archive_has(
    path: Path, change: Callable[[tarfile.TarFile], None], message: str
) -> None:
    path.write_bytes(shapes.tar(FILES, change=change))
    with pytest.raises(ArchiveError, match=message):
        tarball.members(path)


@pytest.mark.parametrize("name", ["../a", "/a", "a/../../b"])
def test_a_name_that_leads_out_is_refused(path: Path, name: str) -> None:
    path.write_bytes(shapes.tar({name: b""}))
    with pytest.raises(ArchiveError, match="leads out of the archive"):
        tarball.members(path)


def test_a_name_that_is_there_twice_is_refused(path: Path) -> None:
    path.write_bytes(shapes.tar(FILES, change=lambda archive: archive.addfile(tarfile.TarInfo("./a"))))
    with pytest.raises(ArchiveError, match="a name is in it twice: 'a'"):
        tarball.members(path)


@pytest.mark.parametrize("length", [100, 600, 1000, 1400])
def test_a_cut_off_archive_is_told_from_a_whole_one(path: Path, length: int) -> None:
    path.write_bytes(shapes.tar({"a": b"x" * 900})[:length])
    with pytest.raises(ArchiveError, match=r"cut off|neither a tar archive"):
        tarball.members(path)


def test_a_damaged_header_is_not_taken_for_the_end(path: Path) -> None:
    whole = bytearray(shapes.tar(FILES, tarfile.USTAR_FORMAT))
    whole[1024] ^= 1
    path.write_bytes(whole)
    with tarfile.open(path) as archive:  # the reason for a reader of our own
        assert archive.getnames() == ["a"]
    with pytest.raises(ArchiveError, match=r"a header is damaged \(byte 1024\)"):
        tarball.members(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "neither a tar archive nor a folder"),
        (b"hello" * 300, "neither a tar archive nor a folder"),
        (bytes(1024), "neither a tar archive nor a folder"),
        (gzip.compress(shapes.tar(FILES)), "compressed.*; gunzip it"),
        (b"\x28\xb5\x2f\xfd" + bytes(600), "compressed.*; unzstd it"),
    ],
)
def test_what_is_no_tar_is_refused_with_the_remedy(path: Path, content: bytes, message: str) -> None:
    path.write_bytes(content)
    with pytest.raises(ArchiveError, match=message):
        tarball.members(path)


@pytest.mark.parametrize("shape", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_a_huge_header_is_refused_unread(path: Path, shape: int) -> None:
    path.write_bytes(shapes.tar({"a" * (1 << 20): b""}, shape))
    with pytest.raises(ArchiveError, match="a header is larger than 64 KiB"):
        tarball.members(path)


@pytest.mark.parametrize("records", [b"5 a\n", b"99 path=x\n", b"x path=x\n", b"0 path=x\n", b"path=x\n", b"\xff 1"])
def test_malformed_records_are_refused(path: Path, records: bytes) -> None:
    def change(archive: tarfile.TarFile) -> None:
        entry = tarfile.TarInfo("x")
        entry.type, entry.size = tarfile.XHDTYPE, len(records)
        archive.addfile(entry, io.BytesIO(records))

    path.write_bytes(shapes.tar(FILES, tarfile.USTAR_FORMAT, change))
    with pytest.raises(ArchiveError, match="a header is damaged"):
        tarball.members(path)


@pytest.mark.parametrize("size", [b"-5", b"99999999999999", b"x"])
def test_a_size_that_cannot_be_is_refused(path: Path, size: bytes) -> None:
    record = b" size=" + size + b"\n"
    record = str(len(record) + 2).encode() + record

    def change(archive: tarfile.TarFile) -> None:
        entry = tarfile.TarInfo("x")
        entry.type, entry.size = tarfile.XHDTYPE, len(record)
        archive.addfile(entry, io.BytesIO(record))
        archive.addfile(tarfile.TarInfo("y"))

    path.write_bytes(shapes.tar(FILES, tarfile.USTAR_FORMAT, change))
    with pytest.raises(ArchiveError, match=r"a header is damaged|cut off"):
        tarball.members(path)


def test_sizes_beyond_octal_are_read(path: Path) -> None:
    whole = bytearray(shapes.tar({"a": b"12345"}, tarfile.GNU_FORMAT))
    whole[124:136] = b"\x80" + (5).to_bytes(11, "big")
    whole[148:156] = b" " * 8
    whole[148:156] = b"%06o\0 " % sum(whole[:512])
    path.write_bytes(whole)
    assert read(path) == {"a": b"12345"}


def test_a_member_with_holes_is_refused(path: Path) -> None:
    def change(archive: tarfile.TarFile) -> None:
        entry = tarfile.TarInfo("x")
        entry.type = tarfile.GNUTYPE_SPARSE
        archive.addfile(entry)

    path.write_bytes(shapes.tar(FILES, change=change))
    with pytest.raises(ArchiveError, match="a member has holes"):
        tarball.members(path)


def test_a_file_that_shrinks_while_it_is_read_is_an_error(path: Path) -> None:
    path.write_bytes(shapes.tar(FILES))
    found = tarball.members(path)
    path.write_bytes(shapes.tar({"a": b""})[:512])
    with pytest.raises(ArchiveError, match="became shorter"):
        b"".join(found["b/c"].pieces())
