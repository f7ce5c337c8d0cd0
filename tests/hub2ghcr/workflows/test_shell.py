"""Words of scripts, as bash would read them."""

from __future__ import annotations

import pytest

from hub2ghcr.workflows.shell import Command, Word, commands


def said(script: str, word: Word) -> str:
    """Return a word without its quotes; what is no text in brackets."""
    return "".join(
        script[piece.start : piece.end] if piece.kind == "text" else f"[{piece.name or piece.kind}]"
        for piece in word.pieces
    )


def words(script: str) -> list[list[str]]:
    return [[said(script, word) for word in command.words] for command in commands(script)]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("docker push a/b:1", [["docker", "push", "a/b:1"]]),
        ("a 'b c' \"d e\" f\\ g", [["a", "b c", "d e", "f g"]]),
        ("a b\\\n  c # d\ne", [["a", "b", "c"], ["e"]]),
        ("a#b c", [["a#b", "c"]]),
        ("a && b || c; d & e | f", [["a"], ["b"], ["c"], ["d"], ["e"], ["f"]]),
        ("a $B ${C} \"$D/${E:-f}\" '$G'", [["a", "[B]", "[C]", "[D]/[E]", "$G"]]),
        ("a ${B##*/} $(c d) `e` $((1 + 2)) $1", [["c", "d"], ["e"], ["a", *["[opaque]"] * 5]]),
        ("a ${{ b.c }}/d '${{ e }}'", [["a", "[expression]/d", "[expression]"]]),
        ("if a; then b; fi; ! c; sudo d; { e; }", [["a"], ["b"], ["c"], ["d"], ["e"]]),
        ("(a; b)", [["a"], ["b"]]),
        ("a > b 2>&1 >> c < d", [["a"]]),
        ("a <<X b\nc d\nX\ne", [["a", "b"], ["e"]]),
        ("a <<-'X'\n\tb\n\tX\nc", [["a"], ["c"]]),
        ('A=b C="d" e', [["A=b", "C=d", "e"]]),
        ('a=$(b "$(c)")', [["c"], ["b", "[opaque]"], ["a=[opaque]"]]),
        ("a 'b", [["a", "b"]]),
        ("a )b", [["a"], ["b"]]),
        ("diff <(a) <(b c)", [["a"], ["b", "c"], ["diff"]]),
        ("", []),
    ],
)
def test_words(script: str, expected: list[list[str]]) -> None:
    assert words(script) == expected


def one(script: str, name: str) -> Command:
    return next(each for each in commands(script) if each.words and said(script, each.words[0]) == name)


def test_a_pipe_a_here_string_and_redirections_belong_to_their_command() -> None:
    script = 'echo x |\n  docker login -u a; docker login <<< "$P"; echo y >> $OUT'
    piped, own, out = (each for each in commands(script) if each.words[0].start != script.index("echo x"))
    assert piped.source is not None and said(script, piped.source.words[1]) == "x"
    assert own.source is None and own.stdin is not None and said(script, own.stdin) == "[P]"
    assert [said(script, each) for each in out.outputs] == ["[OUT]"]


def test_a_command_within_a_branch_or_a_loop_is_one_that_may_be_passed_over() -> None:
    script = "a\nif b; then\n c\nfi\nfor x in 1 2; do d; done\ncase $y in z) e;; esac\nf"
    assert [one(script, name).branch for name in "acdef"] == [False, True, True, True, False]


def test_a_default_stands_in_the_script() -> None:
    script = "a ${B:-c/d}"
    (piece,) = commands(script)[0].words[1].pieces
    assert piece.default is not None and script[slice(*piece.default)] == "c/d"
