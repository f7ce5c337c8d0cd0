from __future__ import annotations

from dataclasses import replace

from hub2ghcr.delivering import Delivery
from hub2ghcr.delivering.wording import subject, text, title

PATH = ".github/workflows/p.yml"
BOTH = Delivery(
    "acme", "shop", "prod", path=PATH, text="on: push", image="ghcr.io/acme/shop", besides="docker.io/acme/shop"
)
ALONE = replace(BOTH, besides="", text="on: [push]")


def test_each_phase_says_where_it_publishes() -> None:
    assert title(BOTH, [PATH]) == "Publish ghcr.io/acme/shop and docker.io/acme/shop"
    assert title(ALONE, [PATH]) == "Publish ghcr.io/acme/shop"
    assert "with the same digest, is pushed as `docker.io/acme/shop`, too: clusters that have not" in text(BOTH, [PATH])
    assert "- Nothing is pushed to Docker Hub." in text(ALONE, [PATH])


def test_reasons_and_a_check_list_are_of_what_changes() -> None:
    both = text(ALONE, [PATH, "README.md"])
    assert "- `README.md` names the image where it is now." in both
    assert both.count("- [ ]") == 3
    alone = text(ALONE, ["README.md"])
    assert (alone.count("- [ ]"), PATH in alone) == (1, False)
    assert title(ALONE, ["README.md"]) == "Name the image ghcr.io/acme/shop"


def test_who_declines_declines_this_text_and_no_other() -> None:
    assert subject(BOTH, [PATH]) != subject(ALONE, [PATH])
    assert subject(BOTH, ["README.md"]) == subject(ALONE, ["README.md"])
