"""The accounts of every lab: who may do what at the stand-ins for Docker Hub, GHCR, Quay and GitHub.

The tokens are fixed and public, because they open nothing but a lab on this machine, and they deliberately look unlike
real ones, so that no secret scanner takes them for a leak.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Place = Literal["hub", "ghcr", "quay", "github"]
Action = Literal["pull", "push", "delete"]


@dataclass(frozen=True)
class Account:
    """One user of the lab.

    ``places`` are the stand-ins that know the account. ``grants`` maps a pattern of repositories, in which ``*`` stands
    for any run of characters, to the actions it allows there. ``scopes`` are those of the classic personal access token
    that GitHub's API sees; an account unknown to GitHub has none.
    """

    user: str
    token: str
    places: frozenset[Place]
    grants: tuple[tuple[str, frozenset[Action]], ...] = ()
    scopes: tuple[str, ...] = ()


PULL: frozenset[Action] = frozenset({"pull"})
PULL_AND_PUSH: frozenset[Action] = frozenset({"pull", "push"})

MIGRATION = Account(
    "acme-migration",
    "lab-ghcr-push-7f3a19c2",
    frozenset({"ghcr"}),
    (("acme/*", PULL_AND_PUSH),),
    ("read:packages", "write:packages"),
)
"""Copies images: writes every package of the organisation."""

CLUSTER_DEMO = Account(
    "acme-cluster-demo",
    "lab-ghcr-pull-demo-51d0b8e4",
    frozenset({"ghcr"}),
    (("acme/*", PULL),),
    ("read:packages",),
)
"""Pulls into the demo's cluster."""

SHOP_PUBLISHER = Account(
    "acme-shop-publisher",
    "lab-cr-pat-shop-c94e27aa",
    frozenset({"ghcr", "github"}),
    (("acme/shop*", PULL_AND_PUSH),),
    ("read:packages", "write:packages"),
)
"""The ``CR_PAT`` of the repository acme/shop."""

GITHUB_ADMIN = Account(
    "acme-admin",
    "lab-github-admin-0b6d5f13",
    frozenset({"github"}),
    scopes=("read:packages", "repo", "workflow"),
)
"""Administers the organisation acme on GitHub."""

HUB_READER = Account("acmehub", "lab-hub-pull-a83c4d70", frozenset({"hub"}), (("acme/worker", PULL),))
"""Pulls the private repository on the stand-in for Docker Hub."""

HUB_PUBLISHER = Account("acmehub-ci", "lab-hub-push-6c02f9b1", frozenset({"hub"}), (("acme/*", PULL_AND_PUSH),))
"""Publishes the organisation's images on the stand-in for Docker Hub, as workflows did before the migration."""

QUAY_READER = Account("acme-quay", "lab-quay-pull-2be09f61", frozenset({"quay"}), (("acme-quay/metrics", PULL),))
"""Pulls the private repository of quay.io, which the stand-in for Docker Hub serves as well."""

ACCOUNTS: tuple[Account, ...] = (
    MIGRATION,
    CLUSTER_DEMO,
    SHOP_PUBLISHER,
    GITHUB_ADMIN,
    HUB_READER,
    HUB_PUBLISHER,
    QUAY_READER,
)
"""Every account of a lab."""

PULUMI_PASSPHRASE = "lab-passphrase"
"""What encrypts the state of the lab's stacks."""


def known_at(*places: Place) -> tuple[Account, ...]:
    """The accounts that at least one of the places knows, sorted by user."""
    return tuple(sorted((a for a in ACCOUNTS if a.places.intersection(places)), key=lambda account: account.user))
