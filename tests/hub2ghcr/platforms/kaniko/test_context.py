"""The forms of a build's context, as the executor reads them."""

from __future__ import annotations

import pytest

from hub2ghcr.platforms.kaniko.checking import check
from hub2ghcr.platforms.kaniko.context import Seen, dockerfile_names

HERE = Seen(
    frozenset({"Dockerfile", "app/Dockerfile", "app/go.mod"}),
    {"Dockerfile": b"FROM a\n", "app/Dockerfile": b"FROM b\n"},
)


def stopping(context: str, sub_path: str = "", seen: Seen | None = None) -> list[str]:
    return [str(each) for each in check(context, sub_path, seen=seen) if each.stops]


@pytest.mark.parametrize(
    "context",
    [
        "",
        "/workspace/",
        "dir:///workspace",
        "tar://stdin",
        "tar:///in/context.tar.gz",
        "gs://bucket/context.tar.gz",
        "s3://bucket/context.tar.gz",
        "https://account.blob.core.windows.net/a/context.tar.gz",
        "https://github.com/acme/shop/archive/main.tar.gz",
        "https://files.acme.io/download?id=7",
        "git://github.com/acme/shop.git#refs/heads/main",
        "git://github.com/acme/shop#refs/heads/main#" + "a" * 40,
        "git://git.acme.io:8443/acme/shop#" + "a" * 40,
    ],
)
def test_a_context_that_the_executor_can_fetch_is_not_stopped(context: str) -> None:
    assert stopping(context) == []


@pytest.mark.parametrize(
    ("context", "what", "remedy"),
    [
        ("ssh://git@github.com/acme/shop", "kaniko does not know ssh://", "git://HOST/PATH#refs/heads/BRANCH"),
        ("git@github.com:acme/shop.git", "kaniko does not know an SSH address", "git://HOST/PATH"),
        ("http://files.acme.io/context.tar.gz", "kaniko does not know http://", "cloned over https"),
        ("file:///workspace", "kaniko does not know file://", "dir://"),
        ("git://https://github.com/acme/shop", "a second :// in a git:// context", "write git://github.com/acme/shop"),
        ("git://github.com:9418/acme/shop", "9418 is the port of Git's own protocol", "write git://github.com/"),
        (
            "https://github.com/acme/shop",
            "kaniko reads https:// as a compressed tar",
            "write git://github.com/acme/shop",
        ),
        ("https://git.acme.io/shop.git", "this is a Git repository", "write git://git.acme.io/shop.git"),
    ],
)
def test_a_context_that_the_executor_cannot_fetch_is_told_with_what_to_write(
    context: str, what: str, remedy: str
) -> None:
    (told,) = stopping(context)
    assert what in told
    assert remedy in told


@pytest.mark.parametrize(
    "context",
    [
        "git://ghp_secret@github.com/acme/shop",
        "https://bot:ghp_secret@files.acme.io/context.tar.gz",
        "git://https://ghp_secret@github.com/acme/shop",
        "https://ghp_secret@github.com/acme/shop",
    ],
)
def test_a_credential_in_the_address_is_refused_and_never_shown(context: str) -> None:
    told = stopping(context)
    assert told
    assert "ghp_secret" not in "".join(told)


def test_git_is_said_to_be_https_and_a_moving_branch_to_move() -> None:
    told = [str(each) for each in check("git://github.com/acme/shop") if not each.stops]
    assert any("clones over https" in each for each in told)
    assert any("the default branch" in each for each in told)


def test_a_short_reference_is_one_of_newer_executors_alone() -> None:
    assert any("refs/heads/main" in str(each) for each in check("git://github.com/acme/shop#main"))


def test_a_sub_path_without_a_scheme_has_no_effect() -> None:
    (told,) = stopping("/workspace", "app", HERE)
    assert "leaves it out" in told
    assert "write dir:///workspace" in told


@pytest.mark.parametrize(
    ("sub_path", "what"), [("ap", "is not in the context"), ("../x", "leads out"), ("Dockerfile", "is a file")]
)
def test_a_sub_path_is_a_folder_of_the_context(sub_path: str, what: str) -> None:
    assert any(what in each for each in stopping("dir:///workspace", sub_path, HERE))


def test_a_sub_path_is_where_the_dockerfile_is_looked_for() -> None:
    fetched = "git://github.com/acme/shop#refs/heads/main"
    assert dockerfile_names(fetched, "app") == ("app/Dockerfile",)
    assert dockerfile_names("dir:///src", "app", "build/Dockerfile") == ("app/build/Dockerfile",)
    assert dockerfile_names("dir:///src", "", "/src/app/Dockerfile") == ("app/Dockerfile", "src/app/Dockerfile")
    assert dockerfile_names("dir:///src", "", "https://acme.io/Dockerfile") == ()


def test_a_dockerfile_of_the_working_directory_is_taken_before_that_of_the_sub_path() -> None:
    (told,) = (each for each in check("dir:///workspace", "app", seen=HERE) if each.place == "dockerfile")
    assert str(told).startswith("dockerfile: there are two: Dockerfile is taken, not app/Dockerfile")
    assert told.remedy == "write --dockerfile=app/Dockerfile if you mean that one"
    assert not told.stops


@pytest.mark.parametrize(("dockerfile", "what"), [("Containerfile", "is not in the context"), ("app", "is no file")])
def test_a_missing_dockerfile_is_told_with_where_it_is_looked_for(dockerfile: str, what: str) -> None:
    (told,) = check("dir:///src", dockerfile=dockerfile, seen=HERE)
    assert what in str(told)
    assert str(told.error("builds.shop").at("clusters[0]")).startswith("clusters[0]: builds.shop: dockerfile: ")
