"""Which image moves where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub2ghcr.errors import MappingError, Problems
from hub2ghcr.mapping import Exclusion, Left, Mapped, Mapping, Pattern, Rule
from hub2ghcr.reference import Reference

from .strategies import references

DEMO = Mapping(
    (Rule.parse("docker.io/library/*", "ghcr.io/acme/mirror/*"), Rule.parse("acme/*", "ghcr.io/Acme/*"),
     Rule.parse("docker.io/*", "ghcr.io/acme/hub/*"), Rule.parse("quay.io/acme/*", "ghcr.io/acme/quay/*")),
    (Exclusion(Pattern.parse("mynginx"), "imported on the nodes"),),
)  # fmt: skip
DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("nginx:1.27", "ghcr.io/acme/mirror/nginx:1.27"),
        ("nginx", "ghcr.io/acme/mirror/nginx"),
        (f"docker.io/library/redis@{DIGEST}", f"ghcr.io/acme/mirror/redis@{DIGEST}"),
        (f"acme/cart:2.0@{DIGEST}", f"ghcr.io/acme/cart:2.0@{DIGEST}"),
        ("index.docker.io/acme/worker", "ghcr.io/acme/worker"),
        ("docker.io/acme/a/b/c:1", "ghcr.io/acme/a/b/c:1"),
        ("other/thing:1", "ghcr.io/acme/hub/other/thing:1"),
        ("quay.io/acme/x:1", "ghcr.io/acme/quay/x:1"),
    ],
)
def test_an_image_moves_by_the_first_rule_that_matches(source: str, target: str) -> None:
    decision = DEMO.map(Reference.parse(source))
    assert isinstance(decision, Mapped)
    assert str(decision.target) == target


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("ghcr.io/acme/tools:3", "already on GHCR"),
        ("quay.io/other/metrics:2.1", "lives on quay.io, which no rule claims"),
        ("mynginx:local", "imported on the nodes"),
        ("localhost:32000/x", "a registry of this machine"),
        ("localhost/x", "a registry of this machine"),
        ("[::1]:5000/x", "a registry of this machine"),
    ],
)
def test_an_image_stays_with_a_reason(source: str, reason: str) -> None:
    assert DEMO.map(Reference.parse(source)) == Left(Reference.parse(source), reason)


def test_a_hub_image_that_nothing_names_is_an_error_and_not_forgotten() -> None:
    with pytest.raises(MappingError) as caught:
        Mapping((Rule.parse("acme/*", "ghcr.io/acme/*"),)).map(Reference.parse("nginx:1"))
    assert str(caught.value) == (
        "no mapping rule names this Docker Hub image: 'nginx:1';"
        " add a rule to mapping.rules, or an exclusion with its reason"
    )


def test_two_sources_that_share_a_target_are_named_both() -> None:
    mapping = Mapping((Rule.parse("docker.io/a/*", "ghcr.io/acme/*"), Rule.parse("docker.io/b/*", "ghcr.io/acme/*")))
    with pytest.raises(Problems) as caught:
        mapping.resolve(map(Reference.parse, ["a/x:1", "b/x:2", "a/y"]))
    assert str(caught.value) == (
        "mapping.rules: two sources would share one target: 'docker.io/a/x and docker.io/b/x -> ghcr.io/acme/x';"
        " give one of them a rule of its own"
    )


def test_two_spellings_of_one_source_share_their_target() -> None:
    found = DEMO.resolve(map(Reference.parse, ["nginx:1", "docker.io/library/nginx:2"]))
    assert len(found) == 2


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        ("docker.io/*/x", "ghcr.io/acme/*", "'*' may stand only at the end"),
        ("docker.io/a/*", "ghcr.io/acme/x", "'*' must stand once on both sides"),
        ("docker.io/a/x", "ghcr.io/acme/*", "'*' must stand once on both sides"),
        ("docker.io/a/*", "quay.io/acme/*", "a target is ghcr.io/owner/package"),
        ("docker.io/a/x", "ghcr.io/x", "a target is ghcr.io/owner/package"),
        ("docker.io/a/x:1", "ghcr.io/acme/x", "a pattern names no tag and no digest"),
        ("docker.io/a/x", "ghcr.io/acme/x:1", "a target names no tag and no digest"),
        ("docker.io/A/x", "ghcr.io/acme/x", "not an image name"),
        ("docker.io/a/*", "ghcr.io/acme_/*", "not an image name"),
        ("ghcr.io/a/*", "ghcr.io/b/*", "what is on GHCR already is not mapped"),
    ],
)
def test_a_rule_that_cannot_hold_is_refused(source: str, target: str, message: str) -> None:
    with pytest.raises(MappingError, match=message.replace("*", r"\*")):
        Rule.parse(source, target)


def test_a_rule_that_an_earlier_one_covers_is_reported() -> None:
    mapping = Mapping((Rule.parse("acme/*", "ghcr.io/acme/*"), Rule.parse("acme/shop", "ghcr.io/acme/store")))
    assert [str(each) for each in mapping.problems()] == [
        "rules[1]: never applies: the rule for docker.io/acme/* comes first: 'docker.io/acme/shop'"
    ]
    assert Mapping(mapping.rules[::-1]).problems() == ()


@given(references())
def test_mapping_is_idempotent_and_keeps_tag_and_digest(text: str) -> None:
    source = Reference.parse(text)
    decision = DEMO.map(source)
    if isinstance(decision, Mapped):
        assert (decision.target.tag, decision.target.digest) == (source.tag, source.digest)
        assert str(decision.target) == str(decision.target).lower() or source.tag
        assert Reference.parse(str(decision.target)) == decision.target
        assert isinstance(DEMO.map(decision.target), Left)
    else:
        assert decision.reason


@given(st.lists(references(), max_size=8))
def test_what_resolves_is_injective(texts: list[str]) -> None:
    sources = [Reference.parse(text) for text in texts]
    try:
        decisions = DEMO.resolve(sources)
    except Problems:
        return  # refused: nothing is mapped at all
    targets: dict[str, str] = {}
    for source, decision in decisions.items():
        if isinstance(decision, Mapped):
            assert targets.setdefault(decision.target.name, source.name) == source.name
