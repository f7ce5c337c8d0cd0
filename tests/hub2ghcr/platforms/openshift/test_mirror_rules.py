"""Which rules of a mapping mirrors can say, and why they cannot say others."""

from __future__ import annotations

import pytest

from hub2ghcr.mapping import Exclusion, Mapping, Pattern, Rule, RuleOptions
from hub2ghcr.platforms.openshift import MirrorRule
from hub2ghcr.platforms.openshift.mirror_rules import mirror_rules, unsayable

SAID = [
    ("docker.io/library/*", "ghcr.io/acme/mirror/*", "docker.io/library", "ghcr.io/acme/mirror"),
    ("docker.io/acme/*", "ghcr.io/acme/*", "docker.io/acme", "ghcr.io/acme"),
    ("docker.io/*", "ghcr.io/acme/hub/*", "docker.io", "ghcr.io/acme/hub"),
    ("*", "ghcr.io/acme/*", "docker.io", "ghcr.io/acme"),
    ("nginx", "ghcr.io/acme/web", "docker.io/library/nginx", "ghcr.io/acme/web"),
    ("quay.io/team/*", "ghcr.io/acme/quay/*", "quay.io/team", "ghcr.io/acme/quay"),
]
UNSAID = [
    ("docker.io/acme/app-*", "ghcr.io/acme/app-*", "the '*' begins within a name"),
    ("docker.io/acme/*", "ghcr.io/acme/hub-*", "the name changes within a part"),
    ("docker.io/acme/*", "ghcr.io/acme/*-mirror", "the name changes within a part"),
]


@pytest.mark.parametrize(("source", "target", "below", "mirror"), SAID)
def test_a_registry_a_part_of_one_or_a_repository_is_mirrored(
    source: str, target: str, below: str, mirror: str
) -> None:
    mapping = Mapping((Rule.parse(source, target),))
    assert mirror_rules(mapping) == (MirrorRule(below, mirror),)
    assert not list(unsayable(mapping, ("digest", "tag"), "NeverContactSource"))


def test_what_no_mirror_can_say_is_refused_each_with_its_place_and_reason() -> None:
    mapping = Mapping(tuple(Rule.parse(source, target) for source, target, _ in UNSAID))
    found = list(unsayable(mapping, ("tag",), "AllowContactingSource"))
    assert [each.path for each in found] == [f"mapping.rules[{index}]" for index in range(len(UNSAID))]
    assert all(why in each.what for each, (_, _, why) in zip(found, UNSAID, strict=True))
    assert mirror_rules(mapping) == ()


def test_a_mirror_of_one_repository_takes_along_what_is_below_it() -> None:
    one = Rule.parse("quay.io/team/app", "ghcr.io/acme/web")
    rest = Rule.parse("quay.io/team/*", "ghcr.io/acme/team/*")
    (found,) = unsayable(Mapping((one, rest)), ("tag",), "AllowContactingSource")
    assert (found.path, "would take along" in found.what) == ("mapping.rules[0]", True)
    assert not list(unsayable(Mapping((one,)), ("tag",), "AllowContactingSource"))
    hub = Mapping((Rule.parse("acme/shop", "ghcr.io/acme/web"), Rule.parse("acme/*", "ghcr.io/acme/*")))
    assert not list(unsayable(hub, ("tag",), "AllowContactingSource"))  # its names have two parts


def test_other_digests_cannot_be_asked_for_by_digest() -> None:
    options = RuleOptions(platforms=("linux/amd64",), allow_new_digest=True)
    mapping = Mapping((Rule.parse("docker.io/acme/*", "ghcr.io/acme/*", options),))
    assert not list(unsayable(mapping, ("tag",), "AllowContactingSource"))
    (found,) = unsayable(mapping, ("digest", "tag"), "AllowContactingSource")
    assert "another digest" in found.what


def test_what_stays_needs_its_source() -> None:
    exclusions = (
        Exclusion(Pattern.parse("docker.io/acme/licensed"), "a licence"),
        Exclusion(Pattern.parse("quay.io/other/*"), "elsewhere"),
    )
    mapping = Mapping((Rule.parse("docker.io/acme/*", "ghcr.io/acme/*"),), exclusions)
    assert not list(unsayable(mapping, ("tag",), "AllowContactingSource"))
    (found,) = unsayable(mapping, ("tag",), "NeverContactSource")
    assert (found.path, found.value) == ("mapping.exclude[0]", "docker.io/acme/licensed")


def test_rules_come_sorted() -> None:
    mapping = Mapping((Rule.parse("docker.io/b/*", "ghcr.io/b/*"), Rule.parse("docker.io/a/*", "ghcr.io/a/*")))
    assert [each.source for each in mirror_rules(mapping)] == ["docker.io/a", "docker.io/b"]


def test_a_registry_is_mirrored_under_all_its_names() -> None:
    rules = (Rule.parse("docker.io/acme/*", "ghcr.io/acme/*"), Rule.parse("quay.io/*", "ghcr.io/acme/quay/*"))
    mapping = Mapping(rules, aliases={"cache.acme.example:5000": "docker.io", "quay.acme.example": "quay.io"})
    assert [each.source for each in mirror_rules(mapping)] == [
        "cache.acme.example:5000/acme",
        "docker.io/acme",
        "quay.acme.example",
        "quay.io",
    ]
