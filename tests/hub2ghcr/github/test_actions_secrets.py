"""Actions secrets at the stand-in for GitHub, which alone can open them."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from hub2ghcr.credentials import Credential
from hub2ghcr.errors import GitHubError
from hub2ghcr.github import GitHub, actions_secrets
from lab import github, github_admin
from lab.accounts import GITHUB_ADMIN


def test_a_secret_is_written_sealed_known_by_its_name_and_removed(github_state: Path) -> None:
    name = f"shop-{uuid.uuid4().hex[:8]}"
    github_admin.add_repository(github_state, "acme", name, {"README.md": "x\n"})
    with GitHub(github.endpoint(github_state), Credential(GITHUB_ADMIN.user, GITHUB_ADMIN.token)) as api:
        assert actions_secrets.names(api, "acme", name) == frozenset()
        actions_secrets.write(api, "acme", name, "TOKEN", "grün ✓")
        assert github_admin.secret(github_state, "acme", name, "TOKEN") == "grün ✓"
        assert actions_secrets.names(api, "acme", name) == {"TOKEN"}
        actions_secrets.remove(api, "acme", name, "TOKEN")
        assert actions_secrets.names(api, "acme", name) == frozenset()
        with pytest.raises(GitHubError, match="no such repository"):
            actions_secrets.names(api, "acme", "none")
        with pytest.raises(GitHubError, match="no such repository") as caught:
            actions_secrets.write(api, "acme", "none", "TOKEN", "the-value")
        assert "the-value" not in repr(caught.value)
