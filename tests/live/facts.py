"""All facts, in the order in which they are asked for; and those that no probe can ask for."""

from __future__ import annotations

from types import ModuleType
from typing import Final

from tests.live import ghcr, hub, packages
from tests.live.fact import Fact


def _of(module: ModuleType) -> tuple[Fact, ...]:
    return tuple(each for each in vars(module).values() if isinstance(each, Fact))


FACTS: Final = (*_of(ghcr), *_of(packages), *_of(hub))
"""Docker Hub last: its facts make nothing and cost six pulls."""

UNPROBED: Final = (
    ("GHCR: 429 whose retry-after is no number of seconds", "would take 44,000 requests a minute"),
    ("GHCR: 503, egress over the account's limit", "would take the limit"),
    ("GHCR: at most 10 GB a layer, 10 minutes an upload", "would take that long, and is documented"),
    ("GHCR: GITHUB_TOKEN pushes only what is new, linked or granted", "such a token exists in GitHub Actions alone"),
    ("GHCR: first push with GITHUB_TOKEN, private or not", "such a token exists in GitHub Actions alone"),
    ("GHCR: organisations that forbid classic tokens or want them authorised", "depends on the organisation"),
    ("GHCR: a public package never becomes private", "no API makes one public"),
    ("Packages: public with over 5,000 downloads, deleted by support alone", "would take the downloads"),
    ("Docker Hub: 429 with a long message for pulls, a bare one for abuse", "would spend the limit of this address"),
    ("Docker Hub: a login that is limited looks like 404", "would take many logins"),
    ("Docker Hub: a mount needs pull scope on its source", "nothing of ours pushes to Docker Hub"),
)
"""What a run leaves open, and why."""
