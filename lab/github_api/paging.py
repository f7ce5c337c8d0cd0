"""Pages of a list, with the ``Link`` header that leads to the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from lab.github_api.exchange import Answer, Call

MOST = 100
"""Entries a page at most, whatever is asked for."""

USUAL = 30
"""Entries a page where nothing is asked for."""

Entry = TypeVar("Entry")


def page(
    call: Call, entries: Sequence[Entry], shape: Callable[[Entry], Any], *, key: str = "", paged: bool = True
) -> Answer:
    """The page that the call asks for.

    ``key`` wraps it in an object beside ``total_count``, as the lists of Actions are. An operation that GitHub declares
    no paging for is not ``paged``: it answers its first entries whatever page is asked for.
    """
    size = min(_number(call, "per_page", USUAL), MOST) if paged else USUAL
    number = _number(call, "page", 1) if paged else 1
    shown = [shape(entry) for entry in entries[(number - 1) * size : number * size]]
    last = max(1, -(-len(entries) // size))
    links: dict[str, int] = {}
    if paged and number > 1:
        links |= {"prev": number - 1, "first": 1}
    if paged and number < last:
        links |= {"next": number + 1, "last": last}
    headers = {"Link": ", ".join(f'<{_url(call, n)}>; rel="{rel}"' for rel, n in links.items())} if links else {}
    return Answer(200, {"total_count": len(entries), key: shown} if key else shown, headers)


def _url(call: Call, number: int) -> str:
    return f"{call.api}{call.route}?{urlencode({**call.query, 'page': number})}"


def _number(call: Call, name: str, usual: int) -> int:
    text = call.query.get(name, "")
    return int(text) if text.isdigit() and int(text) > 0 else usual
