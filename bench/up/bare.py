"""The bare program: the same objects, declared one by one, and nothing else."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

PROGRAM = '''\
import gc
import json
from pathlib import Path

import pulumi
import pulumi_kubernetes as kubernetes

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
'''


def write(folder: Path, objects: Sequence[tuple[str, dict[str, Any]]], kubeconfig: str) -> Path:
    """Write a Pulumi project of these objects, each with its type token."""
    folder.mkdir(parents=True)
    options = {"toolchain": "pip", "virtualenv": sys.prefix}
    about = {"name": "bare", "runtime": {"name": "python", "options": options}}
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(about))
    (folder / "__main__.py").write_text(PROGRAM.format(kubeconfig=kubeconfig))
    (folder / "objects.json").write_text(json.dumps(objects))
    return folder
