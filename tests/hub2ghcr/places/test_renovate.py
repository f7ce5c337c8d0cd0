"""What Renovate's configuration says of images of Docker Hub."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hub2ghcr import places
from hub2ghcr.mapping import Mapping, Rule
from hub2ghcr.places import renovate
from hub2ghcr.rewriting import rewrite
from hub2ghcr.walking import can_hold_images

BEFORE = Path(__file__).parent / "before" / "updaters"
MAPPING = Mapping((Rule.parse("docker.io/*", "ghcr.io/acme/*"),))


def found(config: Any) -> list[tuple[str, str]]:
    return [(each.text, each.note) for each in places.find(json.dumps(config).encode(), ".github/renovate.json")]


def test_what_is_left_is_reported() -> None:
    done = rewrite((BEFORE / "renovate.json5").read_bytes(), "renovate.json5", MAPPING)
    assert done.notes == (
        f"renovate.json5:7:77: {renovate.PATTERN}: 'acme/*'",
        f"renovate.json5:14:28: {renovate.ALIAS}: 'docker.io/acme'",
    )
    assert done.problems == ()


def test_comments_are_blanked_and_texts_stay() -> None:
    data = b"{'a': 'x // y', /* \"b\n */ \"c\": \"/*\"} // 'd'\n"
    blank = renovate.without_comments(data)
    assert len(blank) == len(data)
    assert blank.split() == [b"{'a':", b"'x", b"//", b"y',", b'"c":', b'"/*"}']


@pytest.mark.parametrize(
    ("rule", "names"),
    [
        ({"matchDatasources": ["docker"], "matchPackageNames": ["nginx"]}, ["nginx"]),
        ({"matchManagers": ["kubernetes"], "matchDepNames": ["acme/shop"]}, ["acme/shop"]),
        ({"matchDatasources": ["npm"], "matchManagers": ["kubernetes"], "matchPackageNames": ["acme/shop"]}, []),
        ({"matchPackageNames": ["acme/shop"]}, []),
        ({"matchPackageNames": ["docker.io/acme/shop"]}, ["docker.io/acme/shop"]),
        ({"matchPackageNames": ["acme/shop"], "registryUrls": ["https://docker.io/v2/"]}, ["acme/shop"]),
        ({"matchPackageNames": [None, ["a"]], "matchDatasources": "docker"}, []),
    ],
)
def test_a_name_is_an_image_where_its_rule_says_so(rule: Any, names: list[str]) -> None:
    assert found({"packageRules": [rule]}) == [(each, "") for each in names]


@pytest.mark.parametrize(
    ("pattern", "docker", "told"),
    [
        ("acme/**", True, True),
        ("/^acme\\/", True, True),
        ("!acme/shop", True, True),
        ("**", True, False),
        ("/.*/", True, False),
        ("quay.io/**", True, False),
        ("acme/**", False, False),
        ("docker.io/acme/**", False, True),
        ("/^docker\\.io\\/acme/", False, True),
    ],
)
def test_a_pattern_is_reported_where_it_can_mean_images_of_docker_hub(pattern: str, docker: bool, told: bool) -> None:
    rule = {"matchPackageNames": [pattern], **({"matchDatasources": ["docker"]} if docker else {})}
    assert found({"packageRules": [rule]}) == ([(pattern, renovate.PATTERN)] if told else [])


def test_old_patterns_are_reported_too() -> None:
    rule = {"matchDatasources": ["docker"], "matchPackagePrefixes": ["acme/", "ghcr.io/"]}
    assert found({"packageRules": [rule]}) == [("acme/", renovate.PATTERN)]


def test_a_rule_that_leads_lookups_to_docker_hub_is_reported() -> None:
    rule = {"matchDatasources": ["docker"], "registryUrls": ["https://index.docker.io"]}
    assert found({"packageRules": [rule]}) == [("https://index.docker.io", renovate.ALONE)]


@pytest.mark.parametrize(
    ("rule", "moves"),
    [
        ({"matchDatasources": ["docker"], "matchPackageNames": ["ghcr.io/acme/shop"]}, True),
        ({"matchPackageNames": ["acme/shop"]}, False),
    ],
)
def test_what_renovate_writes_in_place_of_a_match_moves_as_images_do(rule: Any, moves: bool) -> None:
    config = {"packageRules": [{**rule, "replacementName": "acme/new", "replacementVersion": "2"}]}
    done = rewrite(json.dumps(config).encode(), "renovate.json", MAPPING)
    (after,) = json.loads(done.data)["packageRules"]
    assert after["replacementName"] == ("ghcr.io/acme/acme/new" if moves else "acme/new")


def test_rules_of_one_manager_count_as_those_of_all() -> None:
    config = {
        "dockerfile": {"registryUrls": ["https://index.docker.io"], "packageRules": [{"matchDepNames": ["acme/shop"]}]},
        "npm": {"packageRules": [{"matchDepNames": ["acme/shop"]}]},
    }
    assert sorted(found(config)) == [("acme/shop", ""), ("https://index.docker.io", renovate.ALONE)]


@pytest.mark.parametrize(
    ("manager", "told"),
    [
        ({"datasourceTemplate": "docker", "depNameTemplate": "acme/shop"}, ["acme/shop"]),
        ({"datasourceTemplate": "docker", "depNameTemplate": "a", "packageNameTemplate": "ghcr.io/a/b"}, []),
        ({"datasourceTemplate": "docker", "depNameTemplate": "{{{depName}}}"}, []),
        ({"datasourceTemplate": "npm", "depNameTemplate": "acme/shop", "packageNameTemplate": None}, []),
        ({"registryUrlTemplate": "https://index.docker.io"}, ["https://index.docker.io"]),
        ({"registryUrlTemplate": "https://ghcr.io"}, []),
    ],
)
def test_a_manager_of_ones_own_that_reads_docker_hub_is_reported(manager: Any, told: list[str]) -> None:
    assert found({"customManagers": [manager]}) == [(each, renovate.TEMPLATE) for each in told]


def test_a_url_follows_the_images_beside_it() -> None:
    rule = {"matchPackageNames": ["acme/shop", "ghcr.io/a/b"], "registryUrls": ["https://registry-1.docker.io/"]}
    done = rewrite(json.dumps({"packageRules": [rule]}).encode(), "renovate.json", MAPPING)
    assert json.loads(done.data)["packageRules"] == [
        {"matchPackageNames": ["ghcr.io/acme/acme/shop", "ghcr.io/a/b"], "registryUrls": ["https://ghcr.io"]}
    ]
    assert rewrite(done.data, "renovate.json", MAPPING).data == done.data


def test_a_url_that_serves_images_of_two_fates_is_a_problem_and_stays() -> None:
    two = Mapping((Rule.parse("docker.io/acme/a", "ghcr.io/acme/a"),))
    rule = {"matchPackageNames": ["acme/a", "acme/b"], "registryUrls": ["https://index.docker.io"]}
    data = json.dumps({"packageRules": [rule]}).encode()
    done = rewrite(data, "renovate.json", two)
    assert (done.data, len(done.problems)) == (data, 1)


def test_a_login_is_told_and_never_moved() -> None:
    login = {"matchHost": "https://index.docker.io/v1/", "username": "acme"}
    assert found({"hostRules": [login]}) == [("", renovate.LOGIN)]
    assert found({"hostRules": [login, {"matchHost": "ghcr.io"}]}) == []
    assert found({"hostRules": [{"username": "a"}], "packageRules": 1}) == []
    assert found([1]) == []


def test_its_files_are_found_and_those_of_others_are_not() -> None:
    names = [".renovaterc", ".renovaterc.json5", "renovate.json5", "renovate.jsonc", "renovate.json"]
    assert all(map(can_hold_images, names))
    assert not can_hold_images("tsconfig.json5")
