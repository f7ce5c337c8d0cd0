"""The bare program: the same objects, declared one by one, and nothing else.

A second one declares, too, what a migration has besides: a resource of its own for each namespace, that proves nothing.
"""

from __future__ import annotations

import json
import sys
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from bench.up.cluster_set import IMAGES, ClusterSet, Delivery, deployment
from lab.accounts import CLUSTER_DEMO

NO_AWAIT: Final = {"pulumi.com/skipAwait": "true"}
PATCH: Final = {**NO_AWAIT, "pulumi.com/patchForce": "true", "pulumi.com/patchFieldManager": "bare"}
SECRET: Final = "pull"

PROGRAM = """\
import gc
import json
from pathlib import Path

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi.dynamic import CreateResult, Resource, ResourceProvider


class Nothing(ResourceProvider):
    serialize_as_secret_always = False

    def create(self, props):
        return CreateResult(props["namespace"], props)


class Proof(Resource, module="bare", name="Proof"):
    pass


gc.freeze()
gc.set_threshold(200_000, 50, 50)
provider = kubernetes.Provider("bench", kubeconfig={kubeconfig!r}, context="lab", enable_server_side_apply=True)
namespaces = {{}}
for token, document in json.loads(Path("objects.json").read_text()):
    metadata = document["metadata"]
    name = f"{{metadata.get('namespace', '')}}/{{document['kind']}}/{{metadata['name']}}"
    after = namespaces.get(metadata.get("namespace"))
    opts = pulumi.ResourceOptions(provider=provider, depends_on=after)
    made = pulumi.CustomResource(token, name, document, opts)
    if document["kind"] == "Namespace":
        namespaces[metadata["name"]] = made
    if document["kind"] == "Secret" and {proofs!r}:
        namespace = metadata["namespace"]
        props = {{"namespace": namespace, "images": {proofs!r}}}
        namespaces[namespace] = Proof(Nothing(), namespace, props, pulumi.ResourceOptions(depends_on=made))
"""


def write(
    folder: Path, objects: Sequence[tuple[str, dict[str, Any]]], kubeconfig: str, proofs: Sequence[str] = ()
) -> Path:
    """Write a Pulumi project of these objects, each with its type token, and of a proof of images in each namespace."""
    folder.mkdir(parents=True)
    options = {"toolchain": "pip", "virtualenv": sys.prefix}
    about = {"name": "bare", "runtime": {"name": "python", "options": options}}
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(about))
    (folder / "__main__.py").write_text(PROGRAM.format(kubeconfig=kubeconfig, proofs=list(proofs)))
    (folder / "objects.json").write_text(json.dumps(objects))
    return folder


def objects(wanted: ClusterSet, delivery: Delivery, moved: Mapping[str, str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what a migration brings about, each object with its type token: pull Secrets, and moved workloads.

    With ``own`` also the namespaces. ``moved`` has the new reference of each image.
    """
    for namespace in wanted.names:
        if delivery == "own":
            yield "kubernetes:core/v1:Namespace", _document("v1", "Namespace", {"name": namespace})
        yield "kubernetes:core/v1:Secret", _pull_secret(namespace)
        for number, image in enumerate(IMAGES):
            document = deployment(namespace, f"app-{number}", moved[image])
            if delivery == "patch":
                document["metadata"] = {"name": document["metadata"]["name"], "namespace": namespace}
                document["spec"] = {"template": {"spec": {"containers": [{"name": "main", "image": moved[image]}]}}}
            document["metadata"]["annotations"] = PATCH if delivery == "patch" else NO_AWAIT
            document["spec"]["template"]["spec"]["imagePullSecrets"] = [{"name": SECRET}]
            yield f"kubernetes:apps/v1:Deployment{'Patch' if delivery == 'patch' else ''}", document


def _pull_secret(namespace: str) -> dict[str, Any]:
    auth = b64encode(f"{CLUSTER_DEMO.user}:{CLUSTER_DEMO.token}".encode()).decode()
    config = json.dumps({"auths": {"ghcr.io": {"auth": auth}}})
    document = _document("v1", "Secret", {"name": SECRET, "namespace": namespace})
    return {**document, "type": "kubernetes.io/dockerconfigjson", "stringData": {".dockerconfigjson": config}}


def _document(api_version: str, kind: str, metadata: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata}
