"""Which image moves where."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub2ghcr.errors import MappingError, Problems
from hub2ghcr.mapping import Exclusion, Left, Mapped, Mapping, Pattern, Rule, RuleOptions, collisions
from hub2ghcr.reasons import Kind
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


def test_an_image_that_was_imported_on_nodes_stays_unless_a_rule_names_it() -> None:
    put = {
        "docker.io/library/mynginx:local": "the nodes of demo",
        "docker.io/library/redis:latest": "the nodes of demo",
    }
    wide = Mapping((Rule.parse("docker.io/library/*", "ghcr.io/acme/mirror/*"),), imported=put)
    for text in ("mynginx:local", "redis", "docker.io/library/redis:latest"):
        found = wide.map(Reference.parse(text))
        assert isinstance(found, Left) and (found.kind, found.reason) == (
            "imported", "imported on the nodes of demo: no registry is known to hold it"
        )  # fmt: skip
    assert isinstance(wide.map(Reference.parse("mynginx:1")), Mapped)
    assert isinstance(wide.map(Reference.parse(f"mynginx:local@sha256:{'1' * 64}")), Mapped)
    asked = replace(wide, rules=(Rule.parse("mynginx", "ghcr.io/acme/mynginx"), *wide.rules))
    assert isinstance(asked.map(Reference.parse("mynginx:local")), Mapped)


HINT = "on docker.pkg.github.com, which ghcr.io replaced: write the ghcr.io name that the package's page shows"


@pytest.mark.parametrize(
    ("source", "kind", "reason"),
    [
        ("ghcr.io/acme/tools:3", "on-ghcr", "already on GHCR"),
        ("GHCR.io:443/acme/tools:3", "on-ghcr", "already on GHCR"),
        ("quay.io/other/metrics:2.1", "other-registry", "lives on quay.io, which no rule claims"),
        ("Foo/nginx", "other-registry", "lives on Foo, which no rule claims"),
        ("mynginx:local", "excluded", "imported on the nodes"),
        ("docker.pkg.github.com/acme/shop/shop:1", "github-packages", HINT),
        ("image-registry.openshift-image-registry.svc:5000/shop/web", "openshift", "in OpenShift's internal registry"),
        ("docker-registry.default.svc:5000/shop/web:1", "openshift", "in OpenShift's internal registry"),
        ("image-registry.openshift-image-registry.svc.example/x", "other-registry",
         "lives on image-registry.openshift-image-registry.svc.example, which no rule claims"),
        ("localhost:32000/x", "local", "a registry of this machine"),
        ("localhost/x", "local", "a registry of this machine"),
        ("[::1]:5000/x", "local", "a registry of this machine"),
        ("127.0.0.2:5000/x", "local", "a registry of this machine"),
        ("[2001:db8::1]:5000/x", "other-registry", "lives on [2001:db8::1]:5000, which no rule claims"),
        ("[:::]/x", "other-registry", "lives on [:::], which no rule claims"),
        ("a_b.c/x", "not-an-image", "a_b.c cannot be a registry's host: nothing serves this name"),
    ],
)  # fmt: skip
def test_an_image_stays_with_a_reason(source: str, kind: Kind, reason: str) -> None:
    assert DEMO.map(Reference.parse(source)) == Left(Reference.parse(source), reason, kind)


@pytest.mark.parametrize(
    ("text", "kind", "reason"),
    [
        ("{{ .Values.image }}:1", "templated", "templated: '{{' is filled in later"),
        ("nginx:${TAG:-1.27}", "templated", "templated: '${' is filled in later"),
        ("$(REGISTRY)/web", "templated", "templated: '$(' is filled in later"),
        ("quay.io/acme/web:<version>", "templated", "templated: '<version>' is filled in later"),
        ("acme/web:@version@", "templated", "templated: '@version@' is filled in later"),
        ("", "not-an-image", "names no image: an image reference is empty"),
        ("./web", "not-an-image", "names no image: the registry host is malformed"),
        ("nginx latest", "not-an-image", "names no image: the image reference is malformed"),
        (f"nginx@{DIGEST}0", "not-an-image", "names no image: the digest is malformed"),
    ],
)
def test_a_text_that_names_no_image_is_left_and_said_to_be_so(text: str, kind: Kind, reason: str) -> None:
    assert DEMO.decide_text(text) == Left(None, reason, kind)


def test_a_text_that_names_an_image_is_decided_as_the_image() -> None:
    assert DEMO.decide_text("nginx:1.27") == DEMO.map(Reference.parse("nginx:1.27"))


def test_a_hub_image_that_nothing_names_is_told_apart_without_an_error() -> None:
    nginx = Reference.parse("nginx:1")
    assert Mapping(()).decide(nginx) == Left(nginx, "no mapping rule names this Docker Hub image", "uncovered")


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


ALIASED = {"10.0.0.5:32000": "localhost:32000", "hub.acme.internal": "docker.io", "packages.acme.internal": "ghcr.io"}


@pytest.mark.parametrize("source", ["localhost:32000", "10.0.0.5:32000"])
@pytest.mark.parametrize("pattern", ["localhost:32000/*", "10.0.0.5:32000/*", "LOCALHOST:32000/*"])
def test_a_registry_with_two_names_is_one_source_in_rules_and_images(source: str, pattern: str) -> None:
    mapping = Mapping((Rule.parse(pattern, "ghcr.io/acme/*", aliases=ALIASED),), aliases=ALIASED)
    images = [Reference.parse(f"{host}/shop:1") for host in (source, "localhost:32000", "10.0.0.5:32000")]
    found = mapping.resolve(images)
    assert {str(each.source) for each in found.values()} == {"localhost:32000/shop:1"}
    assert {str(each.target) for each in found.values() if isinstance(each, Mapped)} == {"ghcr.io/acme/shop:1"}


def test_without_the_alias_the_two_names_are_two_sources_that_collide() -> None:
    rules = tuple(Rule.parse(f"{host}/*", "ghcr.io/acme/*") for host in ALIASED if host.endswith(":32000"))
    rules += (Rule.parse("localhost:32000/*", "ghcr.io/acme/*"),)
    with pytest.raises(Problems, match=re.escape("10.0.0.5:32000/shop and localhost:32000/shop -> ghcr.io/acme/shop")):
        Mapping(rules).resolve(map(Reference.parse, ["localhost:32000/shop", "10.0.0.5:32000/shop"]))


def test_an_alias_of_docker_hub_or_ghcr_is_claimed_or_left_as_they_are() -> None:
    mapping = Mapping((Rule.parse("nginx", "ghcr.io/acme/nginx"),), aliases=ALIASED)
    moved = mapping.decide(Reference.parse("hub.acme.internal/nginx:1"))
    assert isinstance(moved, Mapped) and str(moved.source) == "docker.io/library/nginx:1"
    there = mapping.decide(Reference.parse("packages.acme.internal/acme/shop"))
    assert isinstance(there, Left) and there.kind == "on-ghcr"


@pytest.mark.parametrize("text", ["Docker.io/nginx:1", "registry-1.docker.io:443/library/nginx:1"])
def test_hosts_are_compared_as_dns_compares_them(text: str) -> None:
    assert str(DEMO.map(Reference.parse(text)).source) == "docker.io/library/nginx:1"


def test_a_name_that_the_hub_could_not_hold_stays_on_the_registry_it_names() -> None:
    longest, longer = ("hub.acme.internal/" + "y" * length for length in (247, 248))
    mapping = Mapping((Rule.parse("docker.io/library/*", "ghcr.io/a/*"),), aliases=ALIASED)
    assert isinstance(mapping.map(Reference.parse(longest)), Mapped)
    stays = mapping.map(Reference.parse(longer))
    assert isinstance(stays, Left) and stays.kind == "other-registry"


def test_the_star_stands_for_the_whole_canonical_path() -> None:
    everything = Mapping((Rule.parse("docker.io/*", "ghcr.io/acme/*"),))
    for text, target in [("nginx:1", "library/nginx:1"), ("acme/a/b", "acme/a/b"), ("docker.io/my.org/x", "my.org/x")]:
        decision = everything.map(Reference.parse(text))
        assert isinstance(decision, Mapped) and str(decision.target) == f"ghcr.io/acme/{target}"


def test_the_options_of_the_rule_that_decides_come_with_the_target() -> None:
    options = RuleOptions(("linux/amd64",), allow_new_digest=True, public=True)
    mapping = Mapping((Rule.parse("acme/*", "ghcr.io/acme/*", options), Rule.parse("docker.io/*", "ghcr.io/hub/*")))
    moved, other = mapping.map(Reference.parse("acme/x")), mapping.map(Reference.parse("nginx"))
    assert isinstance(moved, Mapped) and moved.options == options
    assert isinstance(other, Mapped) and other.options == RuleOptions()


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
        ("acme*", "ghcr.io/acme/*", "'*' could begin an owner or a library image"),
        ("docker.io/acme*", "ghcr.io/acme/*", "write docker.io/acme/* or docker.io/library/acme*"),
        ("docker.io/A/x", "ghcr.io/acme/x", "not an image name"),
        ("docker.io/a/*", "ghcr.io/acme_/*", "not an image name"),
        ("ghcr.io/a/*", "ghcr.io/b/*", "what is on GHCR already is not mapped"),
        ("image-registry.openshift-image-registry.svc:5000/a/*", "ghcr.io/a/*", "OpenShift's internal registry"),
        ("docker-registry.default.svc:5000/a/x", "ghcr.io/a/x", "OpenShift's internal registry"),
        ("default-route-openshift-image-registry.apps.a.example/*", "ghcr.io/a/*", "OpenShift's internal registry"),
    ],
)
def test_a_rule_that_cannot_hold_is_refused(source: str, target: str, message: str) -> None:
    with pytest.raises(MappingError, match=re.escape(message)):
        Rule.parse(source, target)


def test_a_rule_that_an_earlier_one_covers_is_reported() -> None:
    mapping = Mapping((Rule.parse("acme/*", "ghcr.io/acme/*"), Rule.parse("acme/shop", "ghcr.io/acme/store")))
    assert [str(each) for each in mapping.problems()] == [
        "rules[1]: never applies: the rule for docker.io/acme/* comes first: 'docker.io/acme/shop'"
    ]
    assert Mapping(mapping.rules[::-1]).problems() == ()


_hosts = st.sampled_from(["docker.io", "quay.io", "localhost:5000", "10.0.0.5:5000"])
_names = st.sampled_from(["a", "b", "library", "a/b", "b/a"])


@st.composite
def mappings(draw: st.DrawFn) -> Mapping:
    """Draw rules of which many overlap and many share targets."""
    rules: list[Rule] = []
    for _ in range(draw(st.integers(0, 5))):
        host, name, target = draw(_hosts), draw(_names | st.none()), draw(_names | st.none())
        source = f"{host}/{name}/*" if name and draw(st.booleans()) else f"{host}/{name or '*'}"
        star = "/*" if source.endswith("*") else ""
        rules.append(Rule.parse(source, f"ghcr.io/Acme/{target}{star}" if target else f"ghcr.io/Acme{star or '/x'}"))
    excluded = draw(st.lists(_names, max_size=2))
    aliases = draw(st.sampled_from([{}, {"10.0.0.5:5000": "localhost:5000"}]))
    return Mapping(tuple(rules), tuple(Exclusion(Pattern.parse(name), "stays") for name in excluded), aliases)


_sources = st.builds("{}/{}{}".format, _hosts, _names, st.sampled_from(["", "/a", ":1", f":1@{DIGEST}"]))


@given(mappings() | st.just(DEMO), references() | _sources)
def test_mapping_is_idempotent_and_keeps_tag_and_digest(mapping: Mapping, text: str) -> None:
    source = Reference.parse(text)
    decision = mapping.decide(source)
    if isinstance(decision, Mapped):
        target = decision.target
        assert (target.tag, target.digest) == (source.tag, source.digest)
        assert target.name == target.name.lower() and target.name.startswith("ghcr.io/acme")
        assert Reference.parse(str(target)) == target
        again = mapping.decide(target)
        assert isinstance(again, Left) and again.kind == "on-ghcr"
    else:
        assert decision.reason and decision.kind


@given(mappings() | st.just(DEMO), st.lists(references() | _sources, max_size=8))
def test_what_resolves_is_injective_and_a_collision_names_its_sources(mapping: Mapping, texts: list[str]) -> None:
    decisions = [mapping.decide(Reference.parse(text)) for text in texts]
    sources: dict[str, set[str]] = {}
    for decision in decisions:
        if isinstance(decision, Mapped):
            sources.setdefault(decision.target.name, set()).add(decision.source.name)
    shared = {target: names for target, names in sources.items() if len(names) > 1}
    found = collisions(decisions)
    assert [each.value for each in found] == [
        f"{' and '.join(sorted(names))} -> {target}" for target, names in sorted(shared.items())
    ]


@given(mappings(), references() | _sources)
def test_a_rule_that_is_reported_to_never_apply_never_does(mapping: Mapping, text: str) -> None:
    dead = {problem.path for problem in mapping.problems()}
    alive = tuple(rule for index, rule in enumerate(mapping.rules) if f"rules[{index}]" not in dead)
    assert mapping.decide(Reference.parse(text)) == replace(mapping, rules=alive).decide(Reference.parse(text))


@given(st.text(max_size=30) | st.text("aB0.:/@-_{}$* \n\u212a", max_size=12), st.text("aB.:/*@ghcr.io", max_size=12))
def test_any_rule_is_read_or_refused_by_the_one_error(source: str, target: str) -> None:
    try:
        Rule.parse(source, f"ghcr.io/{target}")
    except MappingError as error:
        assert len(error.lines) == 1


@given(st.text(max_size=30) | references())
def test_any_text_is_decided(text: str) -> None:
    assert DEMO.decide_text(text) == DEMO.decide_text(text)


def test_platforms_need_the_consent_to_new_digests() -> None:
    with pytest.raises(MappingError) as caught:
        Rule.parse("docker.io/acme/*", "ghcr.io/acme/*", RuleOptions(("linux/amd64", "linux/arm64")))
    assert str(caught.value) == (
        "platforms: an image of some platforms alone has another digest than its source, so signatures do not hold for"
        " it: 'linux/amd64, linux/arm64'; set `allowNewDigest: true` in this rule, or leave `platforms` out"
    )
    assert Rule.parse("docker.io/acme/*", "ghcr.io/acme/*", RuleOptions(("linux/amd64",), allow_new_digest=True))
