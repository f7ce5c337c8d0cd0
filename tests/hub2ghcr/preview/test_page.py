"""A preview as a page of its own."""

from __future__ import annotations

import re
from dataclasses import replace

from hub2ghcr.preview.page import page

from .samples import preview, stack


def test_all_of_it_is_there_however_long() -> None:
    told = page(preview(stack("long", 3000), replace(stack("quiet", 0), known_warnings=())))
    assert "Deployment web2999" in told
    assert "Nothing changes in <code>quiet</code>" in told


def test_each_row_of_the_table_leads_to_its_stack() -> None:
    told = page(preview(stack("a"), replace(stack("b"), problems=("broken",)), stack("c")))
    for number, name in enumerate("abc", 1):
        assert f'<a href="#stack-{number}">{name}</a>' in told
        assert re.search(rf'<section id="stack-{number}">\s*<h2><code>{name}</code>', told)
    assert told.index("broken") < told.index("<code>a</code>"), "problems come first"


def test_nothing_that_is_data_is_read_as_html() -> None:
    text = "</code><script>alert(1)</script><img src=x onerror=alert(1)>"
    told = page(preview(stack(text, text=text), replace(stack("broken"), problems=(text,), why=text)))
    assert "<script" not in told and "<img" not in told
    assert "&lt;script&gt;" in told


def test_the_page_loads_nothing() -> None:
    told = page(preview(stack()))
    assert not re.search(r'(?:src|href)="(?!#)', told) and "url(" not in told


def test_the_same_preview_gives_the_same_bytes() -> None:
    assert page(preview(stack())) == page(preview(stack()))
