"""The components as a package: its schema, and what a call of a program in another language declares."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml
from pulumi.provider.experimental.component import ComponentProvider

from components import package

from .recording import Registered, declared, only

ROOT = Path(__file__).parents[2]
SCHEMA: dict[str, Any] = json.loads(package.Package().schema or "")
DIGEST = "sha256:" + "a" * 64
SIGNATURE = {
    "subject": DIGEST,
    "kind": "signature",
    "digest": "sha256:" + "b" * 64,
    "mediaType": "application/vnd.oci.image.manifest.v1+json",
    "artifactType": "",
    "tag": f"sha256-{'a' * 64}.sig",
    "size": 3.0,
}
MIRROR = {
    "source": "docker.io/acme/shop:1",
    "target": "ghcr.io/acme/shop:1",
    "digest": DIGEST,
    "attached": [SIGNATURE],
    "platforms": ["linux/amd64"],
}


def called(name: str, inputs: dict[str, Any], config: dict[str, str] | None = None) -> list[Registered]:
    """Return what a call of the engine's declares; no value of the configuration is a secret."""

    def call() -> None:
        pulumi.runtime.set_all_config(dict(config or {}), [])
        package.Package().construct("it", f"hub2ghcr:index:{name}", inputs, None)

    return declared(call)


def properties(of: dict[str, Any], place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for key in ("inputProperties", "properties"):
        yield from ((f"{place}.{name}", each) for name, each in of.get(key, {}).items())


def test_the_schema_is_the_one_that_is_committed() -> None:
    """So a change of what other languages see is seen in a diff; the version is the wheel's and stands nowhere else."""
    committed = (ROOT / "components/schema.json").read_text()
    assert committed == package.schema(), "run: .venv/bin/python -m components.package > components/schema.json"
    assert "version" not in json.loads(committed)
    assert SCHEMA["version"] == version("hub2ghcr")


def test_every_component_every_input_and_every_output_is_described() -> None:
    found = {**SCHEMA["resources"], **SCHEMA["types"]}
    assert set(SCHEMA["resources"]) == {f"hub2ghcr:index:{each.__name__}" for each in package.COMPONENTS}
    assert not [name for name, each in found.items() if not each.get("description")]
    assert not [
        place for name, of in found.items() for place, each in properties(of, name) if "description" not in each
    ]
    assert "``" not in json.dumps(SCHEMA)  # it is shown as Markdown


def test_no_module_of_the_components_puts_its_annotations_off() -> None:
    """It is what breaks a schema: annotations would be texts."""

    def puts_off(module: Path) -> bool:
        tree = ast.parse(module.read_text())
        return any(isinstance(each, ast.ImportFrom) and each.module == "__future__" for each in tree.body)

    assert not [module.name for module in (ROOT / "components").glob("*.py") if puts_off(module)]


def test_a_component_whose_annotations_are_put_off_would_have_no_schema() -> None:
    module: dict[str, Any] = {"pulumi": pulumi, "__name__": "late"}
    text = (
        (ROOT / "components/package_settings.py")
        .read_text()
        .replace("from .package_check", "from components.package_check")
    )
    exec(compile(f"from __future__ import annotations\n{text}", "late", "exec"), module)
    with pytest.raises(Exception, match=r"str|annotation|attribute"):
        _ = ComponentProvider([module["PackageSettings"]], "late").schema


@pytest.mark.parametrize("command", [[sys.executable, str(ROOT / "components")], ["pulumi-resource-hub2ghcr"]])
def test_the_engine_starts_it_by_its_folder_and_by_its_command(command: list[str], tmp_path: Path) -> None:
    """It tells the port that it serves on, which is how the engine knows that it is there."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    nobody = "127.0.0.1:1"
    started = subprocess.Popen(
        [*command, nobody],
        cwd=tmp_path,
        env={"PATH": path},
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert started.stdout is not None and started.stdout.readline().strip().isdigit()
    finally:
        started.kill()
        started.communicate()


def test_an_image_of_a_call_is_copied_as_one_of_a_plan() -> None:
    found = called("ImageMirror", MIRROR)
    copy = only(found, "pulumi-python:dynamic/hub2ghcr:ImageCopy")
    assert copy.inputs["source"] == "docker.io/acme/shop:1"
    assert copy.inputs["mode"] == "copy"
    assert copy.inputs["platforms"] == ["linux/amd64"]
    (attached,) = copy.inputs["attached"]
    assert attached["media_type"] == SIGNATURE["mediaType"] and attached["size"] == 3


def test_what_a_call_leaves_out_has_its_default() -> None:
    found = called("ImageMirror", {key: MIRROR[key] for key in ("source", "target", "digest")} | {"mode": "require"})
    copy = only(found, "pulumi-python:dynamic/hub2ghcr:ImageCopy")
    assert copy.inputs["mode"] == "require" and "attached" not in copy.inputs
    with pytest.raises(pulumi.InputPropertyError, match="digest"):
        called("ImageMirror", {"source": "docker.io/acme/shop:1", "target": "ghcr.io/acme/shop:1"})


def test_a_package_of_a_call_is_looked_at() -> None:
    inputs = {"owner": "acme", "name": "shop", "endpoint": "https://api.github.com", "credential": "admin"}
    check = only(called("PackageSettings", inputs), "pulumi-python:dynamic/hub2ghcr:PackageCheck")
    assert (check.inputs["registry"], check.inputs["enforce"], check.inputs.get("visibility")) == (
        "ghcr.io",
        "warn",
        None,
    )


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A folder with a manifest and a lock, and the configuration of a stack: structured values are JSON."""
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p"},
        "spec": {"containers": [{"name": "a", "image": "acme/shop:1"}]},
    }
    (tmp_path / "pod.yaml").write_text(yaml.safe_dump(pod))
    entry = {
        "source": "docker.io/acme/shop:1",
        "target": "ghcr.io/acme/shop:1",
        "digest": DIGEST,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "platforms": ["linux/amd64"],
        "size": 1,
        "resolved": {"at": "2026-11-01T00:00:00Z", "from": "docker.io"},
    }
    (tmp_path / "images.lock.yaml").write_text(yaml.safe_dump({"version": 1, "images": [entry]}))
    monkeypatch.chdir(tmp_path)
    cluster = {
        "name": "c",
        "kubeconfig": "kube",
        "context": "c",
        "namespaces": {"shop": {"create": True, "manifests": ["pod.yaml"]}},
    }
    return {
        "pulumi:disable-default-providers": json.dumps(["kubernetes", "github"]),
        "hub2ghcr:phase": "prepare",
        "hub2ghcr:mapping": json.dumps({"rules": [{"from": "docker.io/acme/*", "to": "ghcr.io/acme/*"}]}),
        "hub2ghcr:clusters": json.dumps([cluster]),
    }


def test_a_migration_of_a_call_declares_what_a_program_of_ours_would_below_itself(project: dict[str, str]) -> None:
    found = called("Migration", {}, project)
    assert only(found, "hub2ghcr:index:Migration").name == "it"
    assert only(found, "hub2ghcr:index:ImageMirror").name == "ghcr.io/acme/shop:1"
    assert only(found, "hub2ghcr:index:ClusterMigration").name == "c"


def test_what_is_wrong_with_the_configuration_is_told_all_of_it_without_a_traceback(project: dict[str, str]) -> None:
    with pytest.raises(pulumi.RunError) as told:
        called("Migration", {}, {**project, "hub2ghcr:phase": "cut", "hub2ghcr:mapping": '{"rule": []}'})
    lines = str(told.value).splitlines()
    assert len(lines) == 2 and all(line.startswith("stacks/Pulumi.test.yaml: ") for line in lines), lines
