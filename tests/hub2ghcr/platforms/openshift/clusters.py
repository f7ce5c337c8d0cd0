"""An OpenShift cluster that only pretends: which kinds it serves, and its global pull secret."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from hub2ghcr.errors import Refused
from hub2ghcr.platforms.openshift import global_pull_secret
from tests.hub2ghcr.pretended import Pretended

RED_HAT = {"auth": "cmVkOmhhdA==", "email": "ops@acme.example"}
CLOUD = {"auth": "Y2xvdWQ6dG9rZW4=", "email": "ops@acme.example", "unknown": {"kept": True}}
AUTHS = {"cloud.openshift.com": CLOUD, "registry.redhat.io": RED_HAT}
"""What the installer left there."""


class OpenShiftCluster(Pretended):
    """``unserved`` are kinds that it does not know, ``refused`` what it says to one that it does not admit."""

    unserved: tuple[str, ...] = ()
    refused: Mapping[str, Refused] = {}

    def apply(
        self, document: Mapping[str, Any], *, manager: str, force: bool = False, dry_run: bool = False
    ) -> dict[str, Any]:
        """Apply, unless it is refused; a dry run writes nothing."""
        if document["kind"] in self.refused:
            raise self.refused[document["kind"]]
        return {} if dry_run else super().apply(document, manager=manager, force=force)

    def serves(self, api_version: str, kind: str) -> bool:
        """Whether there can be objects of a kind."""
        return kind not in self.unserved

    def auths(self) -> dict[str, Any]:
        """The entries of the global pull secret."""
        live = self.get("v1", "Secret", global_pull_secret.NAMESPACE, global_pull_secret.NAME)
        assert live is not None
        found: dict[str, Any] = json.loads(base64.b64decode(live["data"][".dockerconfigjson"]))["auths"]
        return found

    def marks(self) -> str | None:
        """Which entries are said to be whose."""
        live = self.get("v1", "Secret", global_pull_secret.NAMESPACE, global_pull_secret.NAME)
        found: str | None = ((live or {})["metadata"].get("annotations") or {}).get(global_pull_secret.MARK)
        return found


def secret(auths: Mapping[str, Any] = AUTHS, **more: Any) -> dict[str, Any]:
    """The Secret of these entries."""
    text = json.dumps({"auths": auths})
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "kubernetes.io/dockerconfigjson",
        "metadata": {"name": global_pull_secret.NAME, "namespace": global_pull_secret.NAMESPACE},
        "data": {".dockerconfigjson": base64.b64encode(text.encode()).decode()},
        **more,
    }
