from __future__ import annotations

import pytest

from hub2ghcr.package_page import is_github, settings_page


@pytest.mark.parametrize(
    ("registry", "repository", "page"),
    [
        ("ghcr.io", "acme/shop", "https://github.com/orgs/acme/packages/container/shop/settings"),
        ("ghcr.io", "acme/mirror/nginx", "https://github.com/orgs/acme/packages/container/mirror%2Fnginx/settings"),
        ("containers.git.example", "a/b", "https://git.example/orgs/a/packages/container/b/settings"),
    ],
)
def test_a_package_has_its_settings_where_github_shows_them(registry: str, repository: str, page: str) -> None:
    assert is_github(registry)
    assert settings_page(registry, repository) == page


@pytest.mark.parametrize("registry", ["quay.io", "docker.io", "registry.example:5000"])
def test_other_registries_have_no_such_page(registry: str) -> None:
    assert not is_github(registry)
