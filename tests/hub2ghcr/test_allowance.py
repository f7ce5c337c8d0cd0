"""What registries allow, and what a run may spend."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from hub2ghcr.allowance import Allowance, Budget, told
from hub2ghcr.errors import BudgetSpent
from hub2ghcr.registry import Access, Registries
from tests.hub2ghcr.registry.serving import Reply, serving


def headers(limit: str, remaining: str, **more: str) -> dict[str, str]:
    return {"ratelimit-limit": limit, "ratelimit-remaining": remaining, **more}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (headers("100;w=21600", "76;w=21600"), Allowance(100, 76, 21600)),
        (headers("100; w=21600", " 76 "), Allowance(100, 76, 21600)),
        (headers("100", "0"), Allowance(100, 0, 0)),
        (
            {**headers("200;w=60", "9;w=60"), "docker-ratelimit-source": "192.0.2.1"},
            Allowance(200, 9, 60, "192.0.2.1"),
        ),
        ({}, None),
        (headers("", ""), None),
        (headers("many", "some"), None),
        ({"ratelimit-limit": "100;w=21600"}, None),
    ],
)
def test_the_headers_of_docker_hub_are_read_and_others_say_nothing(
    found: dict[str, str], expected: Allowance | None
) -> None:
    assert told(found) == expected


def test_a_budget_without_bounds_refuses_nothing_and_counts() -> None:
    budget = Budget()
    for _ in range(5):
        budget.take("docker.io")
    assert (budget.spent, budget.own_left) == (5, None)


def test_a_run_s_own_pulls_hold_for_all_sources_together() -> None:
    budget = Budget(2)
    budget.take("docker.io")
    budget.take("quay.io")
    with pytest.raises(BudgetSpent, match=r"^docker\.io: the 2 pulls of this run are spent; run it again$"):
        budget.take("docker.io")
    assert (budget.spent, budget.own_left) == (2, 0)


def test_a_registry_s_pulls_hold_for_it_under_all_its_names_and_for_no_other() -> None:
    budget = Budget()
    budget.observe("registry-1.docker.io", headers("100;w=21600", "1;w=21600"))
    budget.take("index.docker.io")
    with pytest.raises(BudgetSpent, match=r"the pull limit is spent \(100 in 6:00:00\)"):
        budget.take("docker.io")
    budget.take("quay.io")


def test_of_answers_that_overtake_one_another_the_lowest_count_holds() -> None:
    budget = Budget()
    for remaining in ("50", "48", "49"):
        budget.observe("docker.io", headers("100;w=60", remaining))
    assert budget.allowances["docker.io"].remaining == 48
    budget.observe("docker.io", {})
    assert budget.allowances["docker.io"].remaining == 48


def test_a_refused_pull_ends_all_others_until_the_registry_is_asked_anew() -> None:
    budget = Budget()
    budget.exhaust("docker.io")
    with pytest.raises(BudgetSpent, match=r"^docker\.io: the pull limit is spent; "):
        budget.take("docker.io")
    with (
        serving(lambda asked: Reply(404, headers=headers("100;w=60", "7;w=60"))) as hub,
        Registries([Access("docker.io", hub.url)], observe=budget.observe) as registries,
    ):
        assert budget.ask(registries.at("docker.io")) == Allowance(100, 7, 60)
    assert hub.lines == ["HEAD /v2/ratelimitpreview/test/manifests/latest"]
    budget.take("docker.io")
    assert budget.allowances["docker.io"].remaining == 6


def test_threads_never_take_more_than_there_is() -> None:
    budget = Budget(100)

    def take(_: int) -> bool:
        try:
            budget.take("docker.io")
        except BudgetSpent:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(400))) == 100
