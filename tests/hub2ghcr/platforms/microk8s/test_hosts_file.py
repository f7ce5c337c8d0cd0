"""A hosts.toml before, and with a registry without TLS in it."""

from __future__ import annotations

import tomllib

import pytest

from hub2ghcr.errors import ManifestError
from hub2ghcr.platforms.microk8s.hosts_file import merged

URL = "http://10.0.0.5:32000"
HOST = f'[host."{URL}"]\ncapabilities = ["pull", "resolve"]\n'
NEW = f'server = "{URL}"\n\n{HOST}'
THEIRS = """# ours, says the platform team
server = "https://10.0.0.5:32000"

[host."https://cache.example.com"]
  capabilities = ["pull"]
  [host."https://cache.example.com".header]
    x-team = "shop\""""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", NEW),
        (" \n", NEW),
        (NEW, NEW),
        # what MicroK8s ships for localhost:32000 has the fields indented, and may spell the URL with a slash
        (f'server = "{URL}"\n[host."{URL}/"]\n  capabilities = ["pull", "resolve", "push"]\n', None),
        (f'server = "{URL}"\n[host."{URL}"]\n', None),
        (THEIRS, f"{THEIRS}\n\n{HOST}"),
        ("# only a comment\n", f'server = "{URL}"\n\n# only a comment\n\n{HOST}'),
        # without a server containerd would ask https:// at last, and tell of that
        (HOST, f'server = "{URL}"\n\n{HOST}'),
    ],
)
def test_what_others_wrote_stays_and_the_registry_is_added_once(before: str, after: str | None) -> None:
    found = merged(before, URL, "hosts.toml")
    assert found == (before if after is None else after)
    assert merged(found, URL, "hosts.toml") == found


def test_of_an_https_registry_the_certificate_is_not_looked_at() -> None:
    found = tomllib.loads(merged("", "https://r.example.com", "hosts.toml"))
    host = {"capabilities": ["pull", "resolve"], "skip_verify": True}
    assert found == {"server": "https://r.example.com", "host": {"https://r.example.com": host}}


@pytest.mark.parametrize(
    ("before", "url", "what"),
    [
        ("server = ", URL, "cannot be merged: Invalid value"),
        ('host = "x"', URL, "`host` is no table of tables"),
        ('host = {"http://a" = {}}', URL, "cannot be merged: "),
        ('[host]\na = "b"', URL, "`host` is no table of tables"),
        (f'[host."{URL}"]\ncapabilities = ["push"]', URL, "somebody wrote that it may not be pulled from"),
        (f'[host."{URL}"]\ncapabilities = "pull"', URL, "somebody wrote that it may not be pulled from"),
        ('[host."https://a"]\nca = "a.crt"', "https://a", "somebody wrote that its certificate is looked at"),
    ],
)
def test_what_cannot_be_merged_is_refused(before: str, url: str, what: str) -> None:
    with pytest.raises(ManifestError, match=what):
        merged(before, url, "hosts.toml")
