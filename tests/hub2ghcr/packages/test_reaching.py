from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub2ghcr.attached import fallback_tag
from hub2ghcr.github import Version
from hub2ghcr.packages.reaching import Anchor, Policy, Reached, Stored, names, reach

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def digest(number: int) -> str:
    return f"sha256:{number:064x}"


def stored(number: int, *tags: str, children: tuple[int, ...] = (), subject: int | None = None, day: int = 1) -> Stored:
    version = Version(number, digest(number), tags, f"2026-11-{day:02}T00:00:00Z")
    return Stored(version, tuple(map(digest, children)), "" if subject is None else digest(subject))


def told(found: Reached) -> tuple[dict[int, list[str]], list[int]]:
    kept = {each.version.number: list(each.reasons) for each in found.kept}
    return kept, [each.number for each in found.unreached]


def test_a_tag_keeps_an_index_its_platforms_and_all_that_is_attached_and_the_rest_is_reached_by_nothing() -> None:
    versions = [
        stored(1, "1.2", "latest", children=(2, 3)),
        stored(2),
        stored(3),
        stored(4, f"{fallback_tag(digest(1))}.sig"),
        stored(5, subject=2),
        stored(6, subject=5),
        stored(7, fallback_tag(digest(3)), children=(8,)),
        stored(8),
        stored(10, children=(11,)),
        stored(11),
        stored(12, f"{fallback_tag(digest(11))}.att"),
        stored(13, f"{fallback_tag(digest(99))}.sbom"),
    ]
    kept, unreached = told(reach(versions, (), Policy(), NOW))
    assert kept == {
        1: ["tag 1.2, latest"],
        2: ["part of sha256:000000000000"],
        3: ["part of sha256:000000000000"],
        4: ["attached to sha256:000000000000"],
        5: ["attached to sha256:000000000000"],
        6: ["attached to sha256:000000000000"],
        7: ["attached to sha256:000000000000"],
        8: ["part of sha256:000000000000"],
    }
    assert unreached == [13, 12, 11, 10]


@pytest.mark.parametrize(
    ("anchor", "kept"),
    [
        (Anchor("locked", digest(1)), {1, 2}),
        (Anchor("runs", digest(2)), {2}),
        (Anchor("named", tag="old"), {3}),
        (Anchor("elsewhere", digest(77)), set()),
        (Anchor("elsewhere", tag="none"), set()),
    ],
)
def test_what_is_in_use_is_kept_with_its_reason(anchor: Anchor, kept: set[int]) -> None:
    versions = [stored(1, children=(2,)), stored(2), stored(3, "old")]
    found, _ = told(reach(versions, [anchor], Policy(versions=1), datetime(2027, 1, 1, tzinfo=UTC)))
    assert set(found) == kept | {3}  # the newest tag
    assert not kept or any(anchor.reason in reasons for reasons in found.values())


def test_of_tagged_versions_the_newest_are_kept_and_signatures_do_not_count_as_such() -> None:
    versions = [
        stored(1, "1", day=1),
        stored(2, "2", day=2),
        stored(3, "3", day=3),
        stored(4, f"{fallback_tag(digest(3))}.sig", day=9),
    ]
    assert told(reach(versions, (), Policy(versions=2), NOW)) == (
        {4: ["attached to sha256:000000000000"], 3: ["tag 3"], 2: ["tag 2"]},
        [1],
    )


def test_of_the_last_days_every_version_is_kept_and_one_without_a_date_always() -> None:
    undated = Stored(Version(3, digest(3), (), ""))
    local = Stored(Version(4, digest(4), (), "2026-11-20T12:00:00"))
    versions = [stored(1, day=20), stored(2, day=10), undated, local]
    kept, unreached = told(reach(versions, (), Policy(days=5), NOW))
    assert set(kept) == {1, 3, 4} and unreached == [2]
    assert kept[1] == ["of the last 5 days"]


def test_a_tag_that_only_looks_like_an_attachment_is_a_name() -> None:
    assert names(Version(1, digest(1), ("sha256-abc.sig", "v1", f"sha256-{'a' * 64}"), "")) == ("sha256-abc.sig", "v1")


NUMBERS = st.integers(0, 11)
GRAPHS = st.lists(
    st.tuples(
        st.sampled_from([(), ("t",), ("u", "v")]),
        st.lists(NUMBERS, max_size=3),
        st.one_of(st.none(), NUMBERS),
        st.one_of(st.none(), NUMBERS),
        st.integers(1, 28),
    ),
    min_size=1,
    max_size=12,
)


@given(
    GRAPHS,
    st.lists(NUMBERS, max_size=3),
    st.one_of(st.none(), st.integers(1, 3)),
    st.one_of(st.none(), st.integers(0, 30)),
)
def test_a_part_or_an_attachment_of_what_is_kept_is_never_listed(
    graph: list[tuple[tuple[str, ...], list[int], int | None, int | None, int]],
    used: list[int],
    newest: int | None,
    days: int | None,
) -> None:
    versions = []
    for number, (tags, children, subject, about, day) in enumerate(graph):
        attaching = () if about is None else (f"{fallback_tag(digest(about))}.sig",)
        versions.append(stored(number, *tags, *attaching, children=tuple(children), subject=subject, day=day))
    anchors = [Anchor("used", digest(number)) for number in used]
    found = reach(versions, anchors, Policy(newest, days), NOW)
    kept = {each.version.digest for each in found.kept}
    unreached = {each.digest for each in found.unreached}
    there = {each.version.digest for each in versions}
    assert kept | unreached == there and not kept & unreached
    for each in versions:
        signs = next((tag for tag in each.version.tags if tag.endswith(".sig")), "")
        if each.version.digest in kept:
            assert not unreached & set(each.children)
        if each.subject in kept or any(signs.startswith(fallback_tag(other)) for other in kept):
            assert each.version.digest not in unreached
    assert not unreached & {each.digest for each in anchors}
    if newest is None:
        assert not any(names(each) for each in found.unreached)
    assert all(each.reasons for each in found.kept)


def test_the_property_finds_a_report_that_forgets_the_parts_of_an_index() -> None:
    """The control: with the children left out, the same check fails."""
    versions = [stored(1, "1", children=(2,)), stored(2)]
    forgetful = [Stored(each.version, (), each.subject) for each in versions]
    assert told(reach(versions, (), Policy(), NOW))[1] == []
    assert told(reach(forgetful, (), Policy(), NOW))[1] == [2]
