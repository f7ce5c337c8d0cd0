"""The pull Secret that a namespace gets, from what the plan says of its credentials."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from components.pull_access import PullAccess, PullAccessArgs
from hub2ghcr.credentials.keyring import Entry, entries
from hub2ghcr.plan import CredentialRef, PullSecret
from tests.components.recording import declared, only

REACH: Any = {"kubeconfig": "/kube/config", "context": "lab"}


@pytest.mark.parametrize("email", ["", "ops@acme.example"])
def test_one_secret_opens_several_registries_for_a_kubelet_with_an_address_where_one_is_set(email: str) -> None:
    credentials = {
        "ghcr.io": CredentialRef("ghcr", "acme-bot", "ghcrToken"),
        "docker.io": CredentialRef("hub", "hub-bot", "hubToken", email),
    }
    args = PullAccessArgs("demo", REACH, "shop", PullSecret("pull", credentials))
    config = {"hub2ghcr:ghcrToken": "one-s3cr3t", "hub2ghcr:hubToken": "two-s3cr3t"}
    secret = only(declared(lambda: PullAccess("demo/shop", args), config), "kubernetes:core/v1:Secret")
    text = base64.b64decode(secret.inputs["data"]["value"][".dockerconfigjson"]).decode()
    assert entries(text, "secret") == {
        "ghcr.io": Entry("acme-bot", "one-s3cr3t"),
        "https://index.docker.io/v1/": Entry("hub-bot", "two-s3cr3t", email),
    }
    assert ("email" in json.loads(text)["auths"]["https://index.docker.io/v1/"]) is bool(email)
