from __future__ import annotations

from dataclasses import replace

import pytest

from hub2ghcr.delivering import Brought, Change, Delivery, Look
from hub2ghcr.delivering.telling import foretold, of_brought, of_look
from hub2ghcr.errors import SettingsError

URL = "https://github.com/acme/shop/pull/7"
DELIVERY = Delivery("acme", "shop", "prod", path=".github/workflows/p.yml", text="on: push", image="ghcr.io/acme/shop")
WANTED = Look(DELIVERY, "wanted", (Change(DELIVERY.path, "", b"x"), Change("README.md", "abc", b"y")))


def test_a_preview_says_what_would_be_proposed() -> None:
    [line] = foretold(WANTED)
    assert line == (
        "info",
        "acme/shop: pull request 'Publish ghcr.io/acme/shop' to be opened: .github/workflows/p.yml (new), README.md",
    )
    assert foretold(replace(WANTED, url=URL))[0].text.startswith(f"acme/shop: {URL} to be updated: ")
    commit = replace(WANTED, delivery=replace(DELIVERY, how="commit"))
    assert foretold(commit)[0].text.startswith("acme/shop: to be committed to the default branch: ")


def test_what_cannot_be_brought_is_not_foretold() -> None:
    assert foretold(replace(WANTED, problems=(SettingsError("x"),))) == []
    assert foretold(replace(WANTED, state="open")) == []


@pytest.mark.parametrize(
    ("look", "severity", "told"),
    [
        (replace(WANTED, state="open", url=URL), "info", f"acme/shop: {URL} waits to be merged"),
        (replace(WANTED, state="closed", url=URL), "warning", f"acme/shop: {URL} was closed without being merged"),
        (
            replace(WANTED, state="theirs", url=URL),
            "warning",
            "acme/shop: others have put commits on the branch hub2ghcr/",
        ),
        (Look(DELIVERY, "drifted", drift="+x"), "warning", "acme/shop: .github/workflows/p.yml was changed by others"),
        (Look(DELIVERY, "delivered", notes=("c.yaml is not rewritten: y",)), "warning", "acme/shop: c.yaml is not"),
    ],
)
def test_what_was_seen_is_told(look: Look, severity: str, told: str) -> None:
    [line] = of_look(look)
    assert line.severity == severity
    assert line.text.startswith(told)


def test_what_is_as_it_should_be_needs_no_word() -> None:
    assert of_look(Look(DELIVERY, "delivered")) == []
    assert of_brought(WANTED, Brought("delivered")) == []


@pytest.mark.parametrize(
    ("done", "told"),
    [
        (Brought("committed", commit="0123456789abcdef"), "acme/shop: committed as 0123456789ab"),
        (Brought("opened", URL), f"acme/shop: {URL} opened, waits to be merged"),
        (Brought("updated", URL, protected=True), "acme/shop: its default branch takes no direct commit: https"),
        (Brought("open", URL), f"acme/shop: {URL} waits to be merged"),
        (Brought("closed", URL), f"acme/shop: {URL} was closed without being merged"),
        (Brought("theirs"), "acme/shop: others have put commits on the branch hub2ghcr/prod"),
    ],
)
def test_what_was_done_is_told(done: Brought, told: str) -> None:
    [line] = of_brought(WANTED, done)
    assert line.text.startswith(told)
