"""Every command in the documentation exists. None is run here: `tests/e2e/test_fleet_docs.py` does that."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

import pytest

from tests.docs.commands import ROOT, Line, lines, of_page, spans
from tests.docs.parsing import problems
from tests.docs.placeholders import STACKS, own

TARGETS = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
OWN = {path.name.removeprefix("Pulumi.").removesuffix(".yaml") for path in (ROOT / "stacks").glob("Pulumi.*.yaml")}


def ours(found: Iterable[Line], program: str) -> list[tuple[Line, tuple[str, ...]]]:
    found = (replace(line, text=own(line.text)) for line in found)
    return [(line, words[1:]) for line in found for words in line.programs() if words[0] == program]


def test_every_hub2ghcr_line_of_a_block_is_taken_by_the_command_that_it_names() -> None:
    wrong = [f"{line}: {each}" for line, words in ours(lines(), "hub2ghcr") for each in problems(words)]
    assert wrong == []


def test_every_hub2ghcr_command_in_a_sentence_has_its_options() -> None:
    wrong = [f"{line}: {each}" for line, words in ours(spans(), "hub2ghcr") for each in problems(words, whole=False)]
    assert wrong == []


def test_every_make_target_of_the_documentation_exists() -> None:
    called = ours([*lines(), *spans()], "make")
    wrong = [str(line) for line, words in called for word in words if "=" not in word and word not in TARGETS]
    assert called and wrong == []


def test_every_stack_of_the_documentation_exists_or_is_a_known_placeholder() -> None:
    made = {
        words[at + 1] for _, words in ours(lines(), "hub2ghcr") for at in places(words, "--stack") if "init" in words
    }
    named = [
        (line, words[at + 1])
        for program in ("hub2ghcr", "pulumi")
        for line, words in ours(lines(), program)
        for at in places(words, "-s", "--stack")
    ]
    assert [f"{line}: no stack {name}" for line, name in named if name not in OWN | STACKS | made] == []


def test_every_file_of_the_repository_that_a_command_names_exists() -> None:
    words = [(line, word) for line in lines() for program in line.programs() for word in program]
    named = [(line, word) for line, word in words if re.match(r"(stacks|lab|bench|tests|docs|components)/", word)]
    assert [f"{line}: no file {word}" for line, word in named if not (ROOT / word).exists()] == []


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("hub2ghcr pan -s demo", "no such command: 'pan'"),
        ("hub2ghcr plan --stak demo", "No such option '--stak'"),
        ("hub2ghcr plan -s demo --output xml", "'xml' is not one of"),
        ("hub2ghcr init deploy --stack prod", "lacks owner"),
        ("hub2ghcr secret mak pull -n shop", "no such command: 'mak'"),
        ("hub2ghcr plan -s demo further", "takes no further argument: 'further'"),
    ],
)
def test_a_command_that_does_not_exist_would_be_noticed(command: str, told: str) -> None:
    """Negative control of what stands above."""
    (line,) = of_page("page", f"```sh\n{command}   # as here\n```\n")
    assert told in " ".join(problems(line.programs()[0][1:]))


def test_prompts_continuations_comments_and_output_are_told_apart() -> None:
    page = "```console\n$ hub2ghcr plan \\\n    -s demo  # comment\nplan: 3 images\n```\n```yaml\nhub2ghcr: no\n```\n"
    (line,) = of_page("p", page)
    assert (line.number, line.text, line.printed) == (2, "hub2ghcr plan -s demo", ("plan: 3 images",))
    (line, _) = of_page("p", "```sh\ncat > a <<'END'\nb: # c\nEND\ncat a\n```")
    assert (line.first, line.text) == ("cat > a <<'END'", "cat > a <<'END'\nb: # c\nEND")
    (line,) = of_page("p", "```sh\nkubectl get pods | hub2ghcr scan - < 'a b' && make x\n```")
    assert line.programs() == (("kubectl", "get", "pods"), ("hub2ghcr", "scan", "-"), ("make", "x"))
    (line,) = of_page("p", "```sh\nhub2ghcr preview --post acme/shop#7\n```")
    assert line.programs() == (("hub2ghcr", "preview", "--post", "acme/shop#7"),)


def places(words: tuple[str, ...], *options: str) -> list[int]:
    return [at for at, word in enumerate(words[:-1]) if word in options]
