"""What kaniko does otherwise than a Dockerfile's author meant."""

from __future__ import annotations

import pytest

from hub2ghcr.platforms.kaniko.context import Seen
from hub2ghcr.platforms.kaniko.dockerfile import dockerfile_findings

SEEN = Seen(frozenset({"src/main.go", "src/go.mod", "a b.txt"}))


def told(text: str, *, base: str = "", target: str = "", rootless: bool = False, stops: bool = True) -> list[str]:
    found = dockerfile_findings(text.encode(), "Dockerfile", SEEN, base, target=target, rootless=rootless)
    return [str(each) for each in found if each.stops is stops]


@pytest.mark.parametrize("user", ["1000", "nobody", "root", "1000:1000"])
def test_a_run_behind_user_needs_an_executor_that_is_root(user: str) -> None:
    text = f"FROM scratch\nCOPY src /src\nUSER {user}\nRUN make\n"
    (found,) = told(text, rootless=True)
    assert found.startswith(f"Dockerfile:4: RUN as USER {user}: an executor that is not root cannot")
    assert told(text) == []


@pytest.mark.parametrize(
    "text", ["FROM scratch\nRUN make\nUSER 1000\n", "FROM a AS one\nUSER 1\nFROM scratch\nRUN make\n"]
)
def test_user_behind_the_last_run_or_of_another_stage_is_no_hindrance(text: str) -> None:
    assert told(text, rootless=True) == []


def test_a_stage_goes_on_as_the_user_of_the_one_it_is_built_on() -> None:
    (found,) = told("FROM scratch AS One\nUSER 1000\nFROM one\nRUN make\n", rootless=True)
    assert found.startswith("Dockerfile:4: ")


def test_owners_are_for_root_to_set() -> None:
    assert "--chown needs" in told("FROM scratch\nCOPY --chown=1:1 src /src\n", rootless=True)[0]
    assert "unpacking a base" in told("FROM a\n", rootless=True, stops=False)[0]
    assert told("FROM scratch\nCOPY --chown=1:1 src /src\n") == []


def test_the_group_of_user_is_left_out() -> None:
    (found,) = told("FROM a\nUSER 1000:2000\nRUN make\n", stops=False)
    assert "'2000' of USER is left out" in found
    assert told("FROM a\nUSER 1000:1000\nRUN make\n", stops=False) == []


def test_mounts_and_here_documents_are_not_for_the_archived_kaniko() -> None:
    assert "leaves RUN --mount out" in told("FROM a\nRUN --mount=type=cache,target=/c make\n", stops=False)[0]
    assert "runs nothing" in told("FROM a\nRUN <<EOF\nmake\nEOF\n")[0]
    assert "cannot COPY" in told("FROM a\nCOPY <<EOF /etc/a\nx\nEOF\n")[0]


@pytest.mark.parametrize(
    "line",
    [
        "COPY src/main.go src/go.mod /",
        "COPY . /",
        "COPY /src /x",
        "COPY src/*.go /",
        'COPY ["a b.txt", "/"]',
        "COPY $FILE /",
        "COPY --from=one /missing /",
        "ADD https://acme.io/missing /",
        "COPY ./src/ /",
        "COPY [broken /",
    ],
)
def test_what_is_in_the_context_can_be_copied(line: str) -> None:
    assert told(f"FROM a\n{line}\n") + told(f"FROM a\n{line}\n", stops=False) == []


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("COPY main.go /", "COPY main.go: it is not in the context"),
        ("ADD src/main.go missing.tgz /", "ADD missing.tgz: it is not in the context"),
        ("COPY ../src /", "COPY ../src leads out of the context"),
    ],
)
def test_what_is_not_in_the_context_is_told_by_its_line(line: str, what: str) -> None:
    (found,) = told(f"FROM a\n\n{line}\n")
    assert found.startswith(f"Dockerfile:3: {what}")


def test_sources_are_relative_to_the_sub_path() -> None:
    assert told("FROM a\nCOPY main.go /\n", base="src/") == []


def test_a_pattern_that_fits_nothing_copies_nothing() -> None:
    assert "copies nothing" in told("FROM a\nCOPY *.go /\n", stops=False)[0]


def test_stages_behind_the_target_are_not_built() -> None:
    text = "FROM a AS One\nFROM b AS two\nCOPY missing /\n"
    assert told(text, target="ONE") == []
    assert told(text, target="two")
    assert "its stages: one, two" in told(text, target="three")[0]


@pytest.mark.parametrize("text", ["", "# only a comment\n", "RUN make\n"])
def test_a_dockerfile_begins_with_from(text: str) -> None:
    assert "has no FROM" in told(text)[0]
