"""Which mappings nodes can be told, and why not the others."""

from __future__ import annotations

import pytest

from hub2ghcr.errors import Problems
from hub2ghcr.mapping import Exclusion, Mapping, Pattern, Rule
from hub2ghcr.platforms.containerd import Layout, Route
from hub2ghcr.platforms.containerd.routing import routes
from hub2ghcr.reference import endpoint_of

HUB = "https://registry-1.docker.io"
GHCR = "https://ghcr.io"


def said(
    *rules: tuple[str, str],
    layout: Layout = "containerd",
    fallback: bool = True,
    same_names: bool = False,
    exclude: tuple[str, ...] = (),
    aliases: dict[str, str] | None = None,
) -> tuple[Route, ...]:
    parsed = tuple(Rule.parse(*each) for each in rules)
    mapping = Mapping(parsed, tuple(Exclusion(Pattern.parse(each), "stays") for each in exclude), aliases or {})
    return routes(mapping, endpoint_of, layout, fallback=fallback, same_names=same_names)


def refused(*rules: tuple[str, str], **how: object) -> tuple[str, ...]:
    with pytest.raises(Problems) as caught:
        said(*rules, **how)  # type: ignore[arg-type]
    return caught.value.lines


@pytest.mark.parametrize(
    ("source", "target", "path"),
    [
        ("docker.io/*", "ghcr.io/acme/mirror/*", "ghcr.io/acme/mirror"),
        ("docker.io/library/*", "ghcr.io/acme/mirror/library/*", "ghcr.io/acme/mirror"),
        ("docker.io/acme/shop-*", "ghcr.io/acme/hub/acme/shop-*", "ghcr.io/acme/hub"),
        ("nginx", "ghcr.io/acme/library/nginx", "ghcr.io/acme"),
    ],
)
def test_a_rule_that_puts_a_path_before_names_is_said(source: str, target: str, path: str) -> None:
    assert said((source, target)) == (Route("docker.io", path, GHCR, HUB),)


def test_registries_have_a_route_each_and_their_aliases_the_same() -> None:
    found = said(
        ("docker.io/*", "ghcr.io/acme/hub/*"),
        ("quay.io/*", "ghcr.io/acme/quay/*"),
        aliases={"quay.example.org:5000": "quay.io"},
    )
    assert [(each.registry, each.path, each.folder) for each in found] == [
        ("docker.io", "acme/hub", "docker.io"),
        ("quay.example.org:5000", "acme/quay", "quay.example.org_5000_"),
        ("quay.io", "acme/quay", "quay.io"),
    ]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("docker.io/library/*", "ghcr.io/acme/mirror/*"),
        ("docker.io/*", "ghcr.io/acme/mirror-*"),
        ("docker.io/acme/shop", "ghcr.io/acme/store"),
        ("docker.io/acme/*", "ghcr.io/acme-inc/*"),
    ],
)
def test_a_rule_that_changes_a_part_of_names_is_refused_with_the_one_that_would_do(source: str, target: str) -> None:
    (line,) = refused((source, target))
    assert line.startswith("mapping.rules[0]: nodes cannot be told: containerd puts one path before every name")
    assert line.endswith("one rule says it: from docker.io/* to ghcr.io/" + target.split("/")[1] + "/mirror/*")


def test_every_rule_that_cannot_be_said_is_named_at_once() -> None:
    lines = refused(
        ("docker.io/library/*", "ghcr.io/acme/mirror/*"),
        ("docker.io/acme/*", "ghcr.io/acme/a/acme/*"),
        ("docker.io/other/*", "ghcr.io/acme/b/other/*"),
        ("quay.io/x/*", "ghcr.io/acme/x1/*"),
    )
    assert [line.partition(":")[0] for line in lines] == [f"mapping.rules[{index}]" for index in (0, 2, 3)]
    assert "another rule has ghcr.io/acme/a" in lines[1]


def test_same_names_would_be_asked_of_strangers() -> None:
    rule = ("docker.io/acme/*", "ghcr.io/acme/*")
    (line,) = refused(rule)
    assert "every other name of docker.io would be asked of GHCR as it is, where it may be a stranger's" in line
    assert line.endswith("or set `nodeMirror.sameNames: true`")
    assert said(rule, same_names=True) == (Route("docker.io", "ghcr.io", GHCR, HUB),)


def test_what_stays_needs_a_fallback() -> None:
    rule = ("docker.io/*", "ghcr.io/acme/mirror/*")
    assert said(rule, exclude=("docker.io/library/mynginx", "quay.io/x/y"))
    (line,) = refused(rule, exclude=("docker.io/library/mynginx", "quay.io/x/y"), fallback=False)
    assert line.startswith("mapping.exclude[0].match: stays where it is, and without a fallback nodes ask GHCR alone")


def test_k3s_knows_patterns() -> None:
    (found,) = said(
        ("docker.io/library/*", "ghcr.io/acme/mirror/*"),
        ("docker.io/acme/shop", "ghcr.io/acme/store"),
        layout="k3s",
        same_names=True,
    )
    assert found.rewrites == (("^library/(.+)$", "acme/mirror/$1"), ("^acme/shop$", "acme/store"))
    assert found.target == "ghcr.io"


def test_patterns_of_k3s_have_no_order_and_leave_what_none_matches() -> None:
    narrow, wide = ("docker.io/library/*", "ghcr.io/acme/mirror/*"), ("docker.io/*", "ghcr.io/acme/hub/*")
    (line,) = refused(narrow, wide, layout="k3s")
    assert line.startswith("mapping.rules[1]: nodes cannot be told: patterns have no order")
    (line,) = refused(narrow, layout="rke2")
    assert "a stranger's" in line
    assert said(wide, layout="rke2")[0].rewrites == (("^(.+)$", "acme/hub/$1"),)


def test_patterns_that_each_change_a_part_have_no_order_either() -> None:
    """The narrower one would be a matter of chance: nginx is to become web, and the wide pattern makes it hub/nginx."""
    shop, rest = ("docker.io/library/nginx", "ghcr.io/acme/web"), ("docker.io/library/*", "ghcr.io/acme/hub/*")
    (line,) = refused(shop, rest, layout="k3s", same_names=True)
    assert line.startswith("mapping.rules[1]: nodes cannot be told: patterns have no order")


def test_a_registry_is_asked_at_one_place_whatever_it_is_called() -> None:
    """The add-on of MicroK8s speaks no TLS under its other names either."""
    mapping = Mapping(
        (Rule.parse("localhost:32000/*", "ghcr.io/acme/edge/*"),), (), {"10.0.0.5:32000": "localhost:32000"}
    )
    declared = {"localhost:32000": "http://10.0.0.5:32000"}
    found = routes(
        mapping, lambda host: declared.get(host, endpoint_of(host)), "microk8s", fallback=True, same_names=False
    )
    assert {each.registry: each.upstream for each in found} == {
        "10.0.0.5:32000": "http://10.0.0.5:32000",
        "localhost:32000": "http://10.0.0.5:32000",
    }


def test_a_rule_without_an_owner_is_told_one_that_can_be_written() -> None:
    (line,) = refused(("docker.io/*", "ghcr.io/*"))
    assert "from docker.io/* to ghcr.io/OWNER/mirror/*" in line
