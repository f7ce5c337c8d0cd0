"""The files of a node, whole."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from hub2ghcr.credential_ref import CredentialRef
from hub2ghcr.credentials import Credential
from hub2ghcr.mapping import Mapping, Rule
from hub2ghcr.platforms.containerd import NodeMirror, Route
from hub2ghcr.platforms.containerd.files import NodeFile, files
from hub2ghcr.platforms.containerd.registries import registries_yaml
from hub2ghcr.platforms.containerd.restarting import notes
from hub2ghcr.platforms.containerd.routing import routes
from hub2ghcr.reference import endpoint_of

ROUTE = Route("docker.io", "ghcr.io/acme/mirror", "https://ghcr.io", "https://registry-1.docker.io")
MIRROR = NodeMirror("containerd", 1, "/etc/containerd/certs.d", "files", True, True, (ROUTE,))
LOGIN = CredentialRef("nodes", "robot", "nodesToken")
VALUE = Credential("robot", 'a"quoted\\secret')

PUBLIC = """\
# Written by hub2ghcr: docker.io is pulled from ghcr.io/acme/mirror, and from https://registry-1.docker.io what is not \
there.
server = "https://registry-1.docker.io"

[host."https://ghcr.io/v2/acme/mirror"]
capabilities = ["pull", "resolve"]
override_path = true

[host."https://ghcr.io/v2/acme/mirror".header]
Authorization = ["Bearer QQ=="]
"""

ALONE = """\
# Written by hub2ghcr: docker.io is pulled from ghcr.io/acme/mirror, and from nowhere else.
server = "https://ghcr.io/v2/acme/mirror"
capabilities = ["pull", "resolve"]
override_path = true

[header]
Authorization = ["Bearer QQ=="]

[host."https://ghcr.io/v2/acme/mirror"]
capabilities = ["pull", "resolve"]
override_path = true

[host."https://ghcr.io/v2/acme/mirror".header]
Authorization = ["Bearer QQ=="]
"""


def by_path(mirror: NodeMirror, credential: Credential | None = None) -> dict[str, NodeFile]:
    return {each.path: each for each in files(mirror, credential)}


def hosts(mirror: NodeMirror) -> str:
    return by_path(mirror)["/etc/containerd/certs.d/docker.io/hosts.toml"].text


@pytest.mark.parametrize(("fallback", "text"), [(True, PUBLIC), (False, ALONE)])
def test_a_public_mirror_is_asked_as_nobody(fallback: bool, text: str) -> None:
    found = hosts(replace(MIRROR, fallback=fallback))
    assert found == text
    assert tomllib.loads(found)


def test_a_private_mirror_and_one_that_is_not_ghcr_get_no_bearer() -> None:
    assert "Authorization" not in hosts(replace(MIRROR, login=LOGIN))
    other = replace(ROUTE, target="containers.acme.example/acme/mirror")
    assert "Authorization" not in hosts(replace(MIRROR, routes=(other,)))


def test_hosts_toml_needs_no_restart_and_config_toml_does() -> None:
    found = by_path(MIRROR)
    assert found["/etc/containerd/certs.d/docker.io/hosts.toml"].restart == ""
    config = found["/etc/containerd/config.toml"]
    assert (config.restart, config.part, config.secret) == ("systemctl restart containerd", True, False)
    assert config.text == '[plugins."io.containerd.grpc.v1.cri".registry]\n  config_path = "/etc/containerd/certs.d"\n'


def test_a_credential_is_in_the_section_of_that_version_and_in_no_other_file() -> None:
    found = by_path(replace(MIRROR, version=2, login=LOGIN), VALUE)
    config = found.pop("/etc/containerd/config.toml")
    assert config.secret
    registry = tomllib.loads(config.text)["plugins"]["io.containerd.cri.v1.images"]["registry"]
    assert registry == {
        "config_path": "/etc/containerd/certs.d",
        "configs": {"ghcr.io": {"auth": {"username": "robot", "password": VALUE.secret}}},
    }
    assert not any(VALUE.secret in each.text or each.secret for each in found.values())


def test_microk8s_has_its_folder_set_and_a_template_for_credentials() -> None:
    mirror = replace(MIRROR, layout="microk8s", folder="/var/snap/microk8s/current/args/certs.d")
    assert [*by_path(mirror)] == ["/var/snap/microk8s/current/args/certs.d/docker.io/hosts.toml"]
    template = by_path(replace(mirror, login=LOGIN), VALUE)["/var/snap/microk8s/current/args/containerd-template.toml"]
    assert template.restart == "snap restart microk8s"
    assert "config_path" not in template.text


def test_k3s_has_one_file_that_is_read_when_it_starts() -> None:
    route = replace(ROUTE, target="ghcr.io", rewrites=(("^(.+)$", "acme/mirror/$1"),))
    mirror = replace(MIRROR, layout="k3s", folder="/etc/rancher/k3s", routes=(route,), fallback=False, login=LOGIN)
    (plain,) = files(mirror)
    mirrors = {"docker.io": {"endpoint": ["https://ghcr.io"], "rewrite": {"^(.+)$": "acme/mirror/$1"}}}
    assert yaml.safe_load(plain.text) == {"mirrors": mirrors}
    assert (plain.path, plain.secret) == ("/etc/rancher/k3s/registries.yaml", False)
    (opened,) = files(mirror, VALUE)
    auth = {"username": "robot", "password": VALUE.secret}
    assert yaml.safe_load(opened.text) == {"mirrors": mirrors, "configs": {"ghcr.io": {"auth": auth}}}
    assert opened.secret
    whole, note = notes(mirror)
    assert "--disable-default-registry-endpoint" in note
    assert "has to go into it" in whole


def test_the_page_on_managed_clusters_shows_the_file_of_its_rule() -> None:
    (route,) = routes(
        Mapping((Rule.parse("docker.io/*", "ghcr.io/acme/mirror/*"),)),
        endpoint_of,
        "k3s",
        fallback=True,
        same_names=False,
    )
    page = Path(__file__).parents[4] / "docs" / "platforms" / "managed-clusters.md"
    assert f"```yaml\n{registries_yaml((route,), 'ghcr.io', None)}```" in page.read_text(encoding="utf-8")


def test_what_else_has_to_be_done_is_noted() -> None:
    found = " ".join(notes(replace(MIRROR, login=LOGIN)))
    assert "nodes opens the mirror from /etc/containerd/config.toml" in found
    assert "/etc/docker/daemon.json" in found
    assert "`systemctl restart docker`" in found
    k3s = replace(MIRROR, layout="k3s")
    assert len([*notes(k3s)]) == 1
