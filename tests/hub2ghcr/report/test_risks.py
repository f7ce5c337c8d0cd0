"""What may go wrong, and what to do about it."""

from __future__ import annotations

from dataclasses import replace

from hub2ghcr.allowance import Allowance
from hub2ghcr.plan import CredentialRef, GitHub, Phase, Plan, RemovedSecret, Repository
from hub2ghcr.report.nouns import Pulls, Risk
from hub2ghcr.report.risks import risks
from hub2ghcr.report.staying import on_hub

from . import samples


def found(plan: Plan, pulls: Pulls | None = None) -> tuple[Risk, ...]:
    return risks(plan, (), on_hub(plan, {}), pulls)


def quiet() -> Plan:
    return replace(samples.plan(1, 1), warnings=())


def test_a_plan_without_a_risk_has_none() -> None:
    assert found(quiet()) == ()


def test_what_is_not_as_its_phase_says_comes_first_with_its_place_once() -> None:
    plan = samples.plan()
    statuses = samples.seen(plan).statuses.values()
    first = risks(plan, statuses, (), None)[0]
    assert first == Risk("high", "c0/team-004", "Deployment web: 1 of 3 replicas are updated")


def test_an_undecided_image_matters_more_where_the_hub_is_sealed_off() -> None:
    plan = quiet()
    (cluster,) = plan.clusters
    levels: dict[Phase, str] = {"cutover": "medium", "seal": "high"}
    for phase, level in levels.items():
        namespace = replace(cluster.namespaces[0], untouched=samples.untouched(), phase=phase)
        (risk,) = found(replace(plan, clusters=(replace(cluster, namespaces=(namespace,)),)))
        assert (risk.level, risk.where) == (level, "c0/team-000")
        assert risk.text.startswith("redis:7 is undecided: ") and "exclusion" in risk.remedy


def test_too_few_pulls_are_told_with_both_numbers_and_enough_are_not() -> None:
    left = Allowance(100, 10, 21600)
    (risk,) = found(quiet(), Pulls(11, True, left))
    assert risk.text == "copying takes up to 11 pulls, and 10 of 100 are left"
    assert found(quiet(), Pulls(10, True, left)) == found(quiet(), Pulls(11, True, None)) == ()


def test_what_the_plan_gives_up_is_told() -> None:
    plan = replace(quiet(), rollback="forced")
    (cluster,) = plan.clusters
    sealed = replace(
        cluster.namespaces[0], phase="seal", pulls=(replace(cluster.namespaces[0].pulls[0], without=("a/b",)),)
    )
    plan = replace(plan, clusters=(replace(cluster, namespaces=(sealed,), guard=None, inventoried=False),))
    admin = CredentialRef("admin", "a", "k")
    gone = (RemovedSecret("DOCKER_PASSWORD", None), RemovedSecret("DOCKER_USERNAME", admin))
    repository = Repository("acme", "shop", {}, None, None, removed=gone)
    plan = replace(plan, github=GitHub("acme", "https://api.github.com", admin, (repository,), ()))
    assert [(each.level, each.where, each.text.partition(":")[0]) for each in found(plan)] == [
        ("medium", "c0", "1 sealed namespaces have no guard"),
        ("medium", "stack prod", "the way back goes on without proving that the old images can be pulled"),
        ("low", "acme/shop", "secret DOCKER_PASSWORD goes at seal, and its value is lost for good"),
        ("low", "c0", "there is no inventory of it"),
        ("low", "c0/team-000", "ghcr.io/acme/app-000"),
    ]
