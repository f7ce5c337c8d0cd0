"""Which images the pulls that are left suffice for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hub2ghcr.copying.affording import Cost, afford


def hub(*pulls: int) -> list[Cost]:
    return [Cost("docker.io", each) for each in pulls]


def test_without_bounds_all_are_copied() -> None:
    assert afford(hub(3, 50, 0), None, {}) == [True, True, True]
    assert afford(hub(3, 50, 0), None, {"docker.io": None}) == [True, True, True]


def test_each_that_still_fits_is_taken_in_order_also_behind_one_that_does_not() -> None:
    assert afford(hub(3, 5, 2, 1), None, {"docker.io": 6}) == [True, False, True, True]
    assert afford(hub(3, 5, 2, 1), 6, {}) == [True, False, True, True]


def test_what_costs_nothing_is_copied_when_nothing_is_left() -> None:
    assert afford(hub(1, 0, 2), None, {"docker.io": 0}, begin=True) == [False, True, False]


def test_the_run_s_own_pulls_hold_for_all_hosts_and_a_registry_s_for_its_own() -> None:
    costs = [Cost("docker.io", 3), Cost("quay.io", 3), Cost("docker.io", 3)]
    assert afford(costs, None, {"docker.io": 3}) == [True, True, False]
    assert afford(costs, 5, {"docker.io": 100}) == [True, False, False]


def test_an_image_larger_than_all_that_is_left_is_begun_only_where_that_is_wanted() -> None:
    assert afford(hub(9, 8), None, {"docker.io": 4}) == [False, False]
    assert afford(hub(9, 8), None, {"docker.io": 4}, begin=True) == [True, False]
    assert afford(hub(9, 1), None, {"docker.io": 4}, begin=True) == [False, True]  # another fits
    assert afford([Cost("docker.io", 9), Cost("quay.io", 9)], None, {"docker.io": 0, "quay.io": 2}, begin=True) == [
        False,
        True,
    ]


@given(
    st.lists(st.builds(Cost, st.sampled_from(["docker.io", "quay.io"]), st.integers(0, 9))),
    st.none() | st.integers(0, 30),
    st.dictionaries(st.sampled_from(["docker.io", "quay.io"]), st.none() | st.integers(0, 30)),
)
def test_no_bound_is_ever_overdrawn_and_what_was_left_would_overdraw_one(
    costs: list[Cost], own: int | None, allowed: dict[str, int | None]
) -> None:
    taken = afford(costs, own, allowed)
    spent = {
        host: sum(each.pulls for each, fits in zip(costs, taken, strict=True) if fits and each.host == host)
        for host in ("docker.io", "quay.io")
    }

    def over(more: Cost | None = None) -> bool:
        whole = {host: count + (more.pulls if more and more.host == host else 0) for host, count in spent.items()}
        hosts = any(bound is not None and whole[host] > bound for host, bound in allowed.items())
        return hosts or (own is not None and sum(whole.values()) > own)

    assert not over()
    assert all(fits or over(each) for each, fits in zip(costs, taken, strict=True))
