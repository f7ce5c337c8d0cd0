"""``--help`` of every command has examples, and the commands take them as they stand there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from hub2ghcr.cli import group

from .tree import COMMANDS

OPERATORS = {"|", "||", "&&", ";", "<", ">", ">>", "(", ")"}


def shown(name: str) -> str:
    """Return what ``--help`` shows, wide enough that no line is broken that is not broken by intent."""
    return COMMANDS[name].get_help(click.Context(COMMANDS[name], info_name=name, terminal_width=200))


def examples(name: str) -> list[str]:
    """Return the lines of the paragraph of examples."""
    found = re.search(r"^ +Examples?:\n(?P<lines>(?: {4,}\S.*\n?)+)", shown(name), re.MULTILINE)
    return re.sub(r"\\\n\s*", "", found["lines"]).strip().splitlines() if found else []


def calls(line: str) -> Iterator[list[str]]:
    """Yield the arguments of each ``hub2ghcr`` of a line, as a shell would pass them."""
    within = re.findall(r"\$\((hub2ghcr[^)]*)\)", line)
    words: list[str] = []
    # a comment begins where a word would; shlex takes any # for one
    lexer = shlex.shlex(re.sub(r"(^|\s)#.*", "", line), posix=True, punctuation_chars="|&;<>()")
    lexer.whitespace_split = True
    lexer.commenters = ""
    for word in [*lexer, ";"]:
        if word not in OPERATORS:
            words.append(word)
            continue
        if words[:1] == ["hub2ghcr"]:
            yield words[1:]
        words = []
    for each in within:
        yield shlex.split(each)[1:]


def parse(command: click.Command, arguments: list[str], parent: click.Context | None = None) -> str:
    """Parse arguments as a call would, and call nothing; return the words of the command that they are for.

    Raises what click raises of a flag or a value that a command does not take.
    """
    context = command.make_context(command.name, arguments, parent)
    if not isinstance(command, click.Group):
        return context.command_path
    name, found, rest = command.resolve_command(context, [*context._protected_args, *context.args])
    assert name is not None and found is not None
    return parse(found, rest, context)


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project's folder with what the examples name."""
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks/Pulumi.prod.yaml").write_text("config: {}\n")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_examples_that_call_it_and_are_taken(name: str) -> None:
    lines = examples(name)
    assert lines, f"{name}: no `Examples:` in its docstring, after a line of \\b"
    called = [parse(group, arguments) for line in lines for arguments in calls(line)]
    assert len(called) >= len(lines), f"{name}: an example without hub2ghcr"
    of_it = [each for each in called if f"hub2ghcr {each.partition(' ')[2]}".startswith(name)]
    assert of_it, f"{name}: its examples call {called}"


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_no_help_shows_what_was_meant_for_click(name: str) -> None:
    assert "\\b" not in shown(name) and "\b" not in shown(name)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("hub2ghcr plan -s prod --outputs json", "No such option"),
        ("hub2ghcr plan -s prod --output xml", "not one of"),
        ("helm template . | hub2ghcr scann -", "No such command"),
        ("hub2ghcr plan # -s prod", "Missing parameter"),
        ('eval "$(hub2ghcr completion tcsh)"', "not one of"),
    ],
)
def test_an_example_that_a_command_does_not_take_would_fail(line: str, why: str) -> None:
    with pytest.raises(click.UsageError, match=why):
        for arguments in calls(line):
            parse(group, arguments)
