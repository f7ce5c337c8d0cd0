"""Rancher's own cluster and one of its others, in memory."""

from __future__ import annotations

from typing import Any

from hub2ghcr.credentials import Credential
from hub2ghcr.platforms.rancher.backing import API
from hub2ghcr.platforms.rancher.project import COPY, SCOPED, Project
from hub2ghcr.platforms.rancher.registries import ProjectSecret
from hub2ghcr.pull_secrets import secret as pull_secret
from tests.hub2ghcr.pretended import Pretended

SHOPS = Project("c-abc12", "p-xyz34")
BACKING = "c-abc12-p-xyz34"
MANAGER = "hub2ghcr-test"
ROBOT = Credential("robot", "the-secret-value")
SECRET = ProjectSecret(SHOPS, "hub2ghcr-project", {"ghcr.io": "pull"}, ("jobs", "shop"))


class Clustered(Pretended):
    """A cluster that knows Rancher's projects, unless it is none of Rancher's."""

    ranchers = True

    def serves(self, api_version: str, kind: str) -> bool:
        return self.ranchers and api_version == API


def namespace(name: str, project: str = str(SHOPS)) -> dict[str, Any]:
    annotations = {"field.cattle.io/projectId": project} if project else {}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "annotations": annotations}}


def project(**status: str) -> dict[str, Any]:
    metadata = {"name": SHOPS.name, "namespace": SHOPS.cluster}
    return {"apiVersion": API, "kind": "Project", "metadata": metadata, "status": status}


def secret(place: str, by: str = "kubectl", credential: Credential = ROBOT, **change: Any) -> dict[str, Any]:
    """A Secret of our name, as somebody wrote it."""
    found = pull_secret.document(SECRET.name, place, {"ghcr.io": credential}, labels={SCOPED: SHOPS.name})
    found["metadata"]["managedFields"] = [{"manager": by}]
    return {**found, **change}


def copy(place: str, credential: Credential = ROBOT) -> dict[str, Any]:
    """What Rancher copies there."""
    found = secret(place, "rancher", credential)
    found["metadata"]["annotations"] = {COPY: "true"}
    return found


def setting(version: str, key: str = "value") -> dict[str, Any]:
    return {"apiVersion": API, "kind": "Setting", "metadata": {"name": "server-version"}, key: version}
