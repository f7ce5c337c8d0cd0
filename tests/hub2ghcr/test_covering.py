from __future__ import annotations

import pytest

from hub2ghcr.covering import lost, remedy, runs

AMD, ARM, ARM8, S390 = "linux/amd64", "linux/arm64", "linux/arm64/v8", "linux/s390x"


@pytest.mark.parametrize(
    ("platform", "nodes", "does"),
    [
        (AMD, [AMD], True),
        (ARM8, [AMD, ARM], True),
        (AMD, [ARM], False),
        (AMD, [], False),
        (ARM, [ARM8], False),
        ("linux/arm64x", [ARM], False),
    ],
)
def test_an_image_runs_on_nodes_of_its_platform_which_tell_no_variant(
    platform: str, nodes: list[str], does: bool
) -> None:
    assert runs(platform, nodes) is does


@pytest.mark.parametrize(
    ("had", "has", "nodes", "loses"),
    [
        ([AMD, ARM8], [AMD], [AMD, ARM], (ARM,)),
        ([AMD, ARM8], [AMD], [AMD], ()),
        ([AMD], [AMD], [AMD, ARM], ()),
        ([S390], [S390], [ARM, AMD], (AMD, ARM)),
        ([AMD, ARM8], [AMD, ARM8], [AMD, ARM], ()),
        ([S390], [S390], [], ()),
    ],
)
def test_a_platform_that_an_image_never_had_is_no_loss_unless_it_has_none_of_the_nodes(
    had: list[str], has: list[str], nodes: list[str], loses: tuple[str, ...]
) -> None:
    assert lost(had, has, nodes) == loses


@pytest.mark.parametrize(("had", "told"), [([AMD, ARM8], "hub2ghcr lock -s dev"), ([S390], "leave it out")])
def test_the_remedy_is_a_wider_mapping_where_an_image_ran_and_another_image_where_it_did_not(
    had: list[str], told: str
) -> None:
    assert told in remedy(had, [AMD, ARM], "hub2ghcr lock -s dev")
