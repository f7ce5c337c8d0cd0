"""Tags and labels, as docker/metadata-action computes them: each row is of its documentation."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from lab.runner.metadata import Happened, compute
from lab.runner.step import StepError

SHA = "860c1904a1ce19322e91ac35af1ab07466440c37"
REPOSITORY = {"name": "Shop", "html_url": "https://github.com/acme/Shop", "default_branch": "main", "description": None}


def _happened(ref: str) -> Happened:
    event = {"repository": REPOSITORY, "pull_request": {"base": {"ref": "main"}}}
    return Happened(ref, SHA, event, datetime(2026, 11, 21, 9, 5, 7, tzinfo=UTC))


def _tags(ref: str, tags: str, **more: str) -> list[str]:
    return compute({"tags": tags, **more}, _happened(ref), ["manifest"])["tags"].split()


@pytest.mark.parametrize(
    ("ref", "tags", "expected"),
    [
        ("refs/heads/main", "type=raw,value=latest,enable={{is_default_branch}}", ["latest"]),
        ("refs/heads/topic", "type=raw,value=latest,enable={{is_default_branch}}", []),
        ("refs/tags/v1.2.3", "type=raw,value=latest,enable={{is_default_branch}}", []),
        ("refs/tags/v1.2.3", r"type=match,pattern=v(.*),group=1", ["1.2.3", "latest"]),
        ("refs/tags/v1.2.3", r"type=match,pattern=/V(\d+)/i,group=1", ["1", "latest"]),
        ("refs/tags/x", r"type=match,pattern=v(.*),group=1", []),
        ("refs/tags/v1", r"type=match,pattern=v(.*),group=2", []),
        ("refs/heads/main", r"type=match,pattern=v(.*),group=1", []),
        ("refs/tags/v1.2.3", "type=semver,pattern={{version}}", ["1.2.3", "latest"]),
        (
            "refs/tags/v1.2.3",
            "type=semver,pattern={{version}}\ntype=semver,pattern={{major}}.{{minor}}\ntype=semver,pattern={{major}}",
            ["1.2.3", "1.2", "1", "latest"],
        ),
        ("refs/tags/v2.0.8-beta.67", "type=semver,pattern={{major}}.{{minor}}", ["2.0.8-beta.67"]),
        ("refs/tags/v2.0.8-beta.67", "type=semver,pattern={{raw}}", ["v2.0.8-beta.67"]),
        ("refs/tags/v1.2", "type=semver,pattern={{version}}", []),
        ("refs/heads/main", "type=semver,pattern={{version}},value=v1.0.0", ["1.0.0", "latest"]),
        ("refs/heads/my/branch", "type=ref,event=branch", ["my-branch"]),
        ("refs/tags/v1.2.3", "type=ref,event=tag", ["v1.2.3", "latest"]),
        ("refs/pull/2/merge", "type=ref,event=pr", ["pr-2"]),
        ("refs/pull/2/merge", "type=ref,event=pr,prefix=mr-,suffix=-x", ["mr-2-x"]),
        ("refs/pull/2/merge", "type=raw,value={{base_ref}}", ["main"]),
        ("refs/heads/main", "type=sha", ["sha-860c190"]),
        ("refs/heads/main", "type=sha,format=long,prefix=", [SHA]),
        ("refs/heads/main", "type=edge", ["edge"]),
        ("refs/heads/topic", "type=edge\ntype=edge,branch=topic", ["edge"]),
        ("refs/heads/main", "{{branch}}-{{sha}}-{{date 'YYYYMMDD-HHmmss'}}", ["main-860c190-20261121-090507"]),
        ("refs/tags/v1", "release-{{tag}}", ["release-v1"]),
        ("refs/heads/main", "", ["main"]),
        ("refs/pull/7/merge", "", ["pr-7"]),
        ("refs/heads/main", "type=sha\na\na\n# a comment\ntype=ref,event=branch", ["main", "a", "sha-860c190"]),
        ("refs/heads/main", "type=raw,value=low,priority=1\ntype=sha", ["sha-860c190", "low"]),
    ],
)  # fmt: skip
def test_a_line_gives_its_tags(ref: str, tags: str, expected: list[str]) -> None:
    assert _tags(ref, tags) == expected


@pytest.mark.parametrize(
    ("flavor", "expected"),
    [
        ("latest=false", ["1.0.0"]),
        ("latest=true", ["1.0.0", "latest"]),
        ("prefix=a-,onlatest=true\nsuffix=-z", ["a-1.0.0-z", "a-latest"]),
        ("prefix=a-\nsuffix=-z,onlatest=true", ["a-1.0.0-z", "latest-z"]),
    ],
)
def test_a_flavor_holds_for_all(flavor: str, expected: list[str]) -> None:
    assert _tags("refs/tags/v1.0.0", "type=semver,pattern={{version}}", flavor=flavor) == expected


def test_each_image_gets_each_tag_in_lower_case() -> None:
    images = "ghcr.io/Acme/Shop\nname=acme/shop,enable=true\nname=old/shop,enable=false"
    found = _tags("refs/heads/main", "type=raw,value=A\ntype=sha", images=images)
    assert found == [
        "ghcr.io/acme/shop:A",
        "ghcr.io/acme/shop:sha-860c190",
        "acme/shop:A",
        "acme/shop:sha-860c190",
    ]


def test_labels_name_the_repository_and_may_be_replaced() -> None:
    more = {"labels": "org.opencontainers.image.source=https://example.com/{{sha}}\na.b=c\nnone"}
    found = compute({"tags": "type=raw,value=1", **more}, _happened("refs/heads/main"), ["manifest", "index"])
    labels = dict(line.split("=", 1) for line in found["labels"].splitlines())
    assert labels["org.opencontainers.image.source"] == "https://example.com/860c190"
    assert labels["org.opencontainers.image.url"] == "https://github.com/acme/Shop"
    assert (labels["org.opencontainers.image.version"], labels["a.b"]) == ("1", "c")
    assert labels["org.opencontainers.image.created"] == "2026-11-21T09:05:07.000Z"
    assert "none" not in labels
    assert f"index:org.opencontainers.image.revision={SHA}" in found["annotations"].splitlines()
    assert json.loads(found["json"])["labels"] == labels and found["version"] == "1"


@pytest.mark.parametrize(
    "tags",
    [
        "type=schedule",
        "type=semver",
        "type=match",
        "type=ref",
        "type=ref,event=push",
        "type=raw",
        "type=raw,value=a,enable=yes",
        "type=raw,value={{commit}}",
    ],
)
def test_a_line_that_is_not_understood_fails(tags: str) -> None:
    with pytest.raises(StepError):
        _tags("refs/heads/main", tags)


def test_a_flavor_that_is_not_understood_fails() -> None:
    with pytest.raises(StepError, match="flavor"):
        _tags("refs/heads/main", "", flavor="colour=red")
