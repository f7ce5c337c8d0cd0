"""The table of all options of a publish workflow, and legal settings made at random."""

from __future__ import annotations

import json
from itertools import product
from typing import Any, Final

from hypothesis import strategies as st

from hub2ghcr.errors import Hub2GhcrError
from hub2ghcr.plan import CredentialRef
from hub2ghcr.plan.publishes import publish_of
from hub2ghcr.publishing import Attest, Flavour, HubImage, Publish
from hub2ghcr.settings import GitHubSettings

SHOP = "ghcr.io/acme/shop"
NAME = "Acme/Shop"
HUB = HubImage("acme/shop", "DOCKERHUB_TOKEN", "acmehub")
SIGNER = CredentialRef("cr-pat", "acme-publisher", "crPat")

_FLAVOURS: Final[tuple[Flavour, ...]] = ("token", "pat")
_ATTEST: Final[tuple[Attest, ...]] = ("public", "always", "never")
TABLE = [
    Publish(SHOP, flavour, "acme-publisher", context, "docker/Dockerfile", stage, platforms, semver, attest, hub, NAME)
    for flavour, (context, stage), platforms, semver, attest, hub in product(
        _FLAVOURS,
        ((".", ""), ("services/it's", "test")),
        ((), ("linux/arm64",), ("linux/amd64", "linux/arm/v7", "linux/386")),
        (False, True),
        _ATTEST,
        (None, HUB, HubImage("acme/shop", "DOCKERHUB_TOKEN", "", "DOCKERHUB_USERNAME")),
    )
]

_NAMES = st.from_regex(r"[a-z0-9]{1,6}(?:[._-][a-z0-9]{1,4}){0,2}", fullmatch=True)
_SECRETS = st.from_regex(r"[A-FX-Z_][A-F0-9_]{0,8}", fullmatch=True)
_PATHS = st.from_regex(r"[\w@+,()'-][\w.@+,()' -]{0,8}(?:/[\w@+,()'-][\w.@+,()'-]{0,8}){0,2}", fullmatch=True).filter(
    lambda path: ".." not in path.split("/") and "@@" not in path and not path.endswith(" ")
)
_PLATFORMS = st.sampled_from(["linux/amd64", "linux/arm64", "linux/arm/v7", "linux/386", "linux/s390x"])
HUBS = st.fixed_dictionaries({"image": st.tuples(_NAMES, _NAMES).map("/".join), "passwordSecret": _SECRETS}).flatmap(
    lambda hub: st.one_of(
        st.fixed_dictionaries({"usernameSecret": _SECRETS}),
        st.fixed_dictionaries({"username": st.from_regex(r"[a-z0-9][a-z0-9_-]{0,8}", fullmatch=True)}),
    ).map(lambda who: {**hub, **who})
)
WORKFLOWS = st.fixed_dictionaries(
    {},
    optional={
        "image": st.lists(_NAMES, min_size=1, max_size=3).map("/".join),
        "flavour": st.sampled_from(["token", "pat"]),
        "context": _PATHS,
        "dockerfile": _PATHS,
        "testStage": st.from_regex(r"[A-Za-z][a-z0-9_.-]{0,8}", fullmatch=True),
        "platforms": st.lists(_PLATFORMS, unique=True),
        "semver": st.booleans(),
        "attest": st.sampled_from(["public", "always", "never"]),
        "hub": HUBS,
    },
)
"""Sections ``workflow`` of a repository, all of them legal."""


def published(workflow: dict[str, Any], phase: Any = "prepare", endpoint: str = "https://api.github.com/") -> Publish:
    """Return what the repository acme/shop publishes with such a workflow."""
    text = {"owner": "Acme", "credential": "c", "endpoint": endpoint, "repositories": {"Shop": {"workflow": workflow}}}
    settings = GitHubSettings.model_validate_json(json.dumps(text))
    problems: list[Hub2GhcrError] = []
    found = publish_of(settings, "Shop", "ghcr.io", phase, SIGNER, problems)
    assert found is not None and not problems
    return found
