"""Markdown in which nothing that is data means anything, and which fits where its length is bounded."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some
from markdown_it import MarkdownIt
from markdown_it.token import Token

from hub2ghcr.preview import comment, markdown
from hub2ghcr.preview.marks import code

from .samples import preview, stack

HOSTILE = (
    "@everyone",
    "#1",
    "[click](https://example.com)",
    "![x](https://example.com/x.png)",
    "<img src=x onerror=alert(1)>",
    "</code></summary></details><script>alert(1)</script>",
    "<!-- hub2ghcr preview -->",
    "a | b",
    "`code` and ``more``",
    "a\\|b",
    "**bold**",
    "# title",
    "`" * 80 + " @everyone [click](https://example.com)",
)


def read(told: str) -> tuple[list[Token], str]:
    """Return the tokens of Markdown, those within lines too, and the text that is in no code span."""
    tokens = MarkdownIt("commonmark").enable("table").parse(told)
    flat = [each for token in tokens for each in (token, *(token.children or ()))]
    return flat, "\n".join(each.content for each in flat if each.type == "text")


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_is_data_is_read_as_markdown_or_html(text: str) -> None:
    found = preview(stack(text, rows=2, text=text, why=text), replace(stack("broken"), problems=(text,)))
    tokens, plain = read(comment.comment(found))
    kinds = {each.type for each in tokens}
    assert not kinds & {"link_open", "image", "html_inline", "fence", "code_block", "blockquote_open"}
    for each in tokens:
        if each.type == "html_block":
            assert re.fullmatch(r"(?:<!-- hub2ghcr preview -->|</details>|<details>\n" + SUMMARY + ")\n*", each.content)
    assert not re.search(r"@everyone|#1|example|onerror|bold|<|title", plain)
    assert sum(each.type == "heading_open" for each in tokens) == 1
    shown = {each.content for each in tokens if each.type == "code_inline"}
    assert " ".join(text.split()).replace("\\|", "¦").replace("`" * 80, "…") in shown


SUMMARY = r"<summary><b><code>[^<>]*</code></b></summary>"


@given(some.text(alphabet="a`|\\ <", max_size=30))
def test_a_text_stays_in_its_span_and_its_cell(text: str) -> None:
    tokens, plain = read(f"| one | two |\n| --- | --- |\n| {code(text)} | end |\n")
    assert plain.split() == ["one", "two", "end"]
    spans = [each.content for each in tokens if each.type == "code_inline"]
    assert spans == ([" ".join(text.split()).replace("\\|", "¦")] if text.strip() else [])


def test_a_text_without_anything_is_an_empty_cell() -> None:
    assert code("  ") == ""


def test_stacks_with_problems_come_first_then_by_name() -> None:
    found = markdown.by_weight(preview(stack("c"), stack("a"), replace(stack("b"), problems=("broken",))))
    assert [each.stack for each in found] == ["b", "a", "c"]


def test_a_stack_in_which_nothing_changes_is_named_and_no_more() -> None:
    quiet = replace(stack("quiet", rows=0), known_warnings=("known",))
    told = markdown.whole(preview(quiet, stack("loud")))
    assert "Nothing changes in `quiet`." in told
    assert told.count("<details>") == 1


def test_a_stack_says_what_it_was_made_with_and_why_not_with_more() -> None:
    told = markdown.section(replace(stack(), why="no passphrase"))
    assert "without the engine: `no passphrase`." in told
    assert "Made with the engine, and from plan" in markdown.section(replace(stack(), mode="engine", why=""))


def test_the_comment_has_our_mark_in_front_and_once() -> None:
    told = comment.comment(preview(stack(text=comment.MARKER)))
    assert told.startswith(comment.MARKER + "\n")
    assert sum(each.content.strip() == comment.MARKER for each in read(told)[0] if each.type == "html_block") == 1


def test_a_small_comment_is_whole_and_says_nothing_of_an_elsewhere() -> None:
    found = preview(stack("a"), stack("b"))
    assert comment.comment(found).partition("\n")[2].strip() == markdown.whole(found).strip()


@pytest.mark.parametrize(
    ("stacks", "rows", "text"),
    [(1, 500, "web"), (30, 60, "web"), (300, 5, "web"), (2000, 1, "web"), (40, 30, "ü" * 300)],
)
def test_a_comment_never_exceeds_its_limit_and_says_what_is_missing(stacks: int, rows: int, text: str) -> None:
    found = preview(*(stack(f"stack-{number:04}", rows, text) for number in range(stacks)))
    told = comment.comment(found)
    assert len(told) <= comment.LIMIT
    assert told.count("<details>") == told.count("</details>") > 0
    last = told.rstrip().rpartition("\n")[2]
    assert "Of the stacks that change there are here" in last and "the job's summary" in last
    missing = re.search(r"(\d+) not at all", last)
    assert told.count("<details>") + int(missing[1] if missing else 0) == stacks


def test_a_stack_that_is_too_long_is_cut_to_some_rows_of_each_table_before_it_is_left_out() -> None:
    told = comment.comment(preview(stack("long", 2000), stack("short")))
    assert f"… and {2000 - 20} more." in told
    assert "<code>short</code>" in told
    assert "there are here 1 with the first rows of their tables: all is in" in told


def test_the_summary_is_bounded_in_bytes() -> None:
    found = preview(*(stack(f"stack-{number:04}", 50, "ü" * 200) for number in range(60)))
    told = comment.summary(found)
    assert 900_000 < len(told.encode()) <= comment.SUMMARY_LIMIT
    assert comment.MARKER not in told and "the HTML report" in told


def test_a_code_span_opens_with_fewer_backticks_than_githubs_reader_gives_up_at() -> None:
    """It takes more than 80 for plain backticks, and what follows for Markdown: other readers know no such bound."""
    assert max(map(len, re.findall("`+", code("`" * 80 + "@everyone")))) <= 10
    assert code("a`b```c") == "````a`b```c````"


@pytest.mark.parametrize("text", ["n" * 990, "|" * 990])
def test_names_of_stacks_without_changes_do_not_exceed_the_limit(text: str) -> None:
    """They may be a stranger's; changing stacks beside them, whose table takes what it may."""
    quiet = (stack(f"{number:03}{text}", rows=0) for number in range(200))
    told = comment.comment(preview(*quiet, *(stack(f"loud{number:04}") for number in range(2000))))
    assert len(told) <= comment.LIMIT
    assert code("000" + text[: comment.NAME - 4] + "…") in told and "and 100 more" in told
