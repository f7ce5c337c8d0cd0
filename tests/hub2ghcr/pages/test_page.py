"""A page shows what it is given, as text, and loads nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from html.parser import HTMLParser
from typing import Any

import jinja2
import pytest

from hub2ghcr.pages import Span, link, page, utc

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
SPANS = (Span("canary", NOW - timedelta(minutes=9), NOW, "good", "done"), Span("eu", NOW, None, "quiet", "begun"))


def sample(**values: Any) -> str:
    return page(__package__, "sample.html", **{"title": "T", "text": "plain", "spans": SPANS, "now": NOW, **values})


@pytest.mark.parametrize("where", ["title", "text"])
@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '" onload="alert(1)', "</title><img src=x>", "{{ 7 * 7 }}"]
)
def test_no_value_becomes_markup(where: str, text: str) -> None:
    found = sample(**{where: text})
    plain = sample(**{where: "x"})
    assert _tags(found) == _tags(plain)
    assert "49" not in found


def test_a_value_that_is_not_given_is_an_error_and_no_empty_place() -> None:
    with pytest.raises(jinja2.UndefinedError, match="'now' is undefined"):
        page(__package__, "sample.html", title="T", text="t", spans=SPANS)


def test_tokens_and_what_is_no_character_for_people_are_not_shown() -> None:
    found = sample(text="ghp_" + "a" * 36 + " \u202egnp\x00\ud800")
    assert "ghp_" not in found and "\u202e" not in found and "\x00" not in found
    assert "… \ufffdgnp\ufffd\ufffd" in found
    found.encode()


def test_the_policy_comes_before_everything_that_it_could_forbid_and_lets_nothing_be_loaded() -> None:
    found = sample()
    policy = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)"', found)
    assert policy is not None and policy[1].split("; ")[:2] == ["default-src 'none'", "style-src 'unsafe-inline'"]
    assert found.index("Content-Security-Policy") < found.index("<style>") < found.index("<body>")
    assert not re.search(r"<script|<link|<img|<iframe|<object|@import|url\(|src=", found)


def test_every_table_has_a_caption_and_every_column_a_head() -> None:
    found = sample()
    tables = re.findall(r"<table>.*?</table>", found, re.DOTALL)
    assert tables
    for each in tables:
        assert each.count("<caption>") == 1
        assert each.count('scope="col"') == len(
            re.findall(r"<t[dh]", each.partition("<tbody>")[2].partition("</tr>")[0])
        )
    assert '<html lang="en">' in found


def test_a_picture_has_its_words_beside_it() -> None:
    found = sample()
    assert '<svg viewBox="0 0 1000 76" role="img" aria-labelledby="runs-title runs-text">' in found
    words = found.partition("Runs, in words")[2]
    assert '<th scope="row">canary</th><td>2026-11-22 02:51:00</td><td>9 min</td>' in words
    assert "<td>goes on</td>" in words


def test_only_links_of_the_web_can_be_followed() -> None:
    bad = ("javascript:alert(1)", "http://github.com", "data:text/html,x", "//github.com", "https://", "https://[", "")
    assert [link(each) for each in bad] == [""] * len(bad)
    assert link("https://github.com/orgs/acme") == "https://github.com/orgs/acme"


def test_a_moment_is_told_in_utc() -> None:
    assert utc(datetime(2026, 11, 22, 3, 4, 5, tzinfo=timezone(timedelta(hours=2)))) == "2026-11-22 01:04:05"


def _tags(text: str) -> list[tuple[str, list[str]]]:
    """The tags of a page and the names of their attributes."""
    found: list[tuple[str, list[str]]] = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append((tag, [name for name, _ in attrs]))

    Parser().feed(text)
    return found
