"""The components as a package, called by a program that imports nothing of ours: the engine starts what serves them.

The program is in Python, whose language host is here; it says no more than what the engine is told by any language.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub2ghcr.lock import Lock
from lab.kubectl import get, kubectl
from lab.toolchain import Toolchain
from tests.e2e import stack as stacks
from tests.e2e.conftest import ROOT, Lab
from tests.e2e.stack import CREATED, EXISTING, Stack

PROGRAM = """\
import pulumi


class Called(pulumi.ComponentResource):
    def __init__(self, name, kind, inputs, outputs):
        super().__init__(f"hub2ghcr:index:{kind}", name, {**dict.fromkeys(outputs), **inputs}, remote=True)


moved = Called("all", "Migration", {}, ["phase", "images"])
pulumi.export("phase", moved.phase)
pulumi.export("images", moved.images)
"""
COMMAND = str(Path(sys.executable).with_name("pulumi-resource-hub2ghcr"))
ANOTHER = """
copied = Called("one", "ImageMirror", {inputs}, ["target", "digest"])
pulumi.export("target", copied.target)
"""


@pytest.fixture(scope="module")
def stack(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A project with settings, manifests and a lock of ours, and a program that knows the package by its name alone."""
    kubectl(lab.env, "delete", "namespace", EXISTING, CREATED, "--ignore-not-found")
    kubectl(lab.env, "create", "namespace", EXISTING)
    kubectl(lab.env, "apply", "-f", "-", stdin=yaml.safe_dump(stacks.WEB))
    made = stacks.create(lab, tmp_path_factory.mktemp("abroad"))
    for part in ("components", "hub2ghcr", "requirements.txt", "__main__.py"):
        (made.folder / part).unlink()
    (made.folder / "__main__.py").write_text(PROGRAM)
    data = yaml.safe_load(made.file.read_text())
    del data["config"]["hub2ghcr:github"]
    made.file.write_text(yaml.safe_dump(data, sort_keys=False))
    yield made
    made.pulumi("destroy", "--yes", "--skip-preview")
    made.pulumi("stack", "rm", "--yes", "--force")
    kubectl(lab.env, "delete", "namespace", EXISTING, CREATED, "--ignore-not-found", "--wait=false")


def images(stack: Stack, namespace: str, kind: str) -> list[str]:
    found = get(stack.lab.env, kind, "-n", namespace)
    pods = [each["spec"]["template"]["spec"] if kind == "deployments" else each["spec"] for each in found]
    return sorted(container["image"] for each in pods for container in each["containers"])


def outline(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an SDK is made from; the engine leaves out what is empty, and what items repeat of their list."""
    return {
        name: (
            of["description"],
            sorted(of.get("inputProperties", ())),
            sorted(of["properties"]),
            of.get("requiredInputs"),
        )
        for name, of in schema["resources"].items()
    }


@pytest.mark.e2e
def test_the_engine_gives_the_schema_that_is_committed(lab_tools: Toolchain, tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"], "PULUMI_HOME": str(tmp_path), "PULUMI_SKIP_UPDATE_CHECK": "1"}
    argv = [str(lab_tools.program("pulumi")), "package", "get-schema", COMMAND]
    done = subprocess.run(argv, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    found, committed = json.loads(done.stdout), json.loads((ROOT / "components/schema.json").read_text())
    migration = "hub2ghcr:index:Migration"
    committed["resources"][migration] = {k: v for k, v in committed["resources"][migration].items() if v}
    assert outline(found) == outline(committed)


@pytest.mark.e2e
@pytest.mark.slow
def test_a_call_moves_what_a_program_of_ours_would(stack: Stack) -> None:
    done = stack.up()
    assert done.returncode == 0, done.stdout + done.stderr
    outputs = json.loads(stack.pulumi("stack", "output", "--json").stdout)
    locked = Lock.load(Path(stack.folder / "images.lock.yaml")).entries
    assert outputs["phase"] == "cutover"
    assert sorted(outputs["images"]) == sorted(each.key for each in locked)
    assert all(image.startswith(f"{stacks.TARGET}/") and "@sha256:" in image for image in outputs["images"].values())
    assert outputs["images"]["docker.io/library/nginx:1.27"] in images(stack, EXISTING, "deployments")
    assert outputs["images"]["docker.io/acme/shop:1.4.2"] in images(stack, CREATED, "pods")
    again = stack.up("--expect-no-changes")
    assert again.returncode == 0, again.stdout + again.stderr


@pytest.mark.e2e
@pytest.mark.slow
def test_an_image_is_copied_by_plain_values(stack: Stack) -> None:
    entry = next(each for each in Lock.load(stack.folder / "images.lock.yaml").entries if "shop" in each.source)
    target = f"{stacks.TARGET}/one:1"
    inputs = {"source": entry.source, "target": target, "digest": entry.digest}
    (stack.folder / "__main__.py").write_text(PROGRAM + ANOTHER.format(inputs=inputs))
    done = stack.up()
    assert done.returncode == 0, done.stdout + done.stderr
    (copy,) = [
        each
        for each in stack.state()["deployment"]["resources"]
        if each["type"].endswith(":ImageCopy") and each["outputs"]["target"] == target
    ]
    assert copy["outputs"]["digest"] == entry.digest
    assert copy["parent"].endswith("::hub2ghcr:index:ImageMirror::one")


@pytest.mark.e2e
@pytest.mark.slow
def test_what_is_wrong_is_told_before_anything_is_changed(stack: Stack) -> None:
    before = stack.state()["deployment"]["resources"]
    stack.configure({"hub2ghcr:phase": "cut"})
    done = stack.up()
    stack.configure({"hub2ghcr:phase": "cutover"})
    assert done.returncode != 0
    assert "stacks/Pulumi.e2e.yaml: phase: must be prepare, cutover or seal: 'cut'" in done.stdout + done.stderr
    assert {each["urn"] for each in stack.state()["deployment"]["resources"]} == {each["urn"] for each in before}
