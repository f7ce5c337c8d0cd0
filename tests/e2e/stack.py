"""A stack of its own for the tests of the program: namespaces, targets and a workflow that the demo does not have."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import yaml

from lab.accounts import HUB_READER
from tests.e2e.conftest import ROOT, Lab

NAME = "e2e"
EXISTING, CREATED = "e2e-app", "e2e-new"
"""The namespace that is there before, and the one that the stack creates."""
WORKFLOW = ".github/workflows/e2e.yml"
SECRET = "E2E_TOKEN"
TARGET = "ghcr.io/acme/e2e"

WEB: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": EXISTING},
    "spec": {
        "replicas": 1,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {
                "imagePullSecrets": [{"name": "listed-before"}],
                "containers": [
                    {"name": "tools", "image": "ghcr.io/acme/tools:3"},
                    {"name": "web", "image": "nginx:1.27"},
                ],
            },
        },
    },
}
"""A workload whose second container moves, beside one that stays, and that lists a pull Secret already."""

NEW: list[dict[str, Any]] = [
    {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "one", "namespace": CREATED},
        "spec": {"containers": [{"name": "shop", "image": "acme/shop:1.4.2"}]},
    }
]


@dataclass
class Stack:
    """A copy of the program in ``folder``, its stack file and manifests to be changed at will."""

    lab: Lab
    folder: Path
    env: dict[str, str] = field(default_factory=dict)
    name: str = NAME

    def pulumi(self, *command: str, **env: str) -> CompletedProcess[str]:
        """Run the engine on this stack, without any question asked."""
        argv = ("pulumi", *command, "--stack", self.name, "--non-interactive")
        return self.lab.run(*argv, cwd=self.folder, timeout=180.0, **{**self.env, **env})

    def up(self, *flags: str, **env: str) -> CompletedProcess[str]:
        """Apply without a preview before."""
        return self.pulumi("up", "--yes", "--skip-preview", "--suppress-permalink", *flags, **env)

    def preview(self, **env: str) -> dict[str, Any]:
        """Return the plan of the engine, as JSON."""
        done = self.pulumi("preview", "--json", **env)
        assert done.returncode == 0, done.stdout + done.stderr
        found: dict[str, Any] = json.loads(done.stdout[done.stdout.index("{") :])
        return found

    def state(self) -> dict[str, Any]:
        """Return the state as the backend keeps it, secrets encrypted."""
        found: dict[str, Any] = json.loads(self.pulumi("stack", "export").stdout)
        return found

    @property
    def file(self) -> Path:
        """The stack's configuration."""
        return self.folder / "stacks" / f"Pulumi.{self.name}.yaml"

    def configure(self, change: Mapping[str, Any]) -> None:
        """Merge keys, with dots between the levels below the first, into the configuration."""
        data = yaml.safe_load(self.file.read_text())
        for path, value in change.items():
            *above, last = path.split(".")
            place = data["config"]
            for key in above:
                place = place[int(key)] if isinstance(place, list) else place[key]
            place[last] = value
        self.file.write_text(yaml.safe_dump(data, sort_keys=False))


def create(lab: Lab, folder: Path) -> Stack:
    """Write the program's folder, the stack's file and manifests, and its lock file by ``hub2ghcr lock``."""
    shutil.copy(ROOT / "Pulumi.yaml", folder)
    for name in ("__main__.py", "components", "hub2ghcr", "requirements.txt", ".venv"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "stacks").mkdir()
    (folder / "stacks" / "app.yaml").write_text(yaml.safe_dump(WEB))
    (folder / "stacks" / "new.yaml").write_text(yaml.safe_dump_all(NEW))
    demo = yaml.safe_load((ROOT / "stacks" / "Pulumi.demo.yaml").read_text())
    demo["config"].update(
        {
            "hub2ghcr:mapping": {"rules": [{"from": "docker.io/*", "to": f"{TARGET}/*"}]},
            "hub2ghcr:github": {
                "owner": "acme",
                "endpoint": "${LAB_GITHUB_URL}",
                "credential": "github-admin",
                "delivery": "commit",
                "repositories": {
                    "shop": {
                        "secrets": {SECRET: "cr-pat-shop"},
                        "workflow": {"path": WORKFLOW, "image": "e2e/acme/shop", "flavour": "token"},
                    }
                },
                "packages": {"e2e/acme/shop": {"visibility": "public"}},
            },
            "hub2ghcr:clusters": [
                {
                    "name": "lab",
                    "kubeconfig": "${E2E_KUBECONFIG}",
                    "context": "lab",
                    "pull": "ghcr-cluster-demo",
                    "namespaces": {
                        EXISTING: {"create": False, "delivery": "patch", "manifests": ["stacks/app.yaml"]},
                        CREATED: {"create": True, "delivery": "own", "manifests": ["stacks/new.yaml"]},
                    },
                }
            ],
        }
    )
    stack = Stack(lab, folder, {"E2E_KUBECONFIG": lab.env["KUBECONFIG"], "KUBECONFIG": str(folder / "no-such-file")})
    stack.file.write_text(yaml.safe_dump(demo, sort_keys=False))
    locked = lab.run("hub2ghcr", "lock", "-s", NAME, cwd=folder, HUB2GHCR_SECRET_HUB_PULL_TOKEN=HUB_READER.token)
    assert locked.returncode == 0, locked.stderr
    made = stack.pulumi("stack", "init")
    assert made.returncode == 0, made.stderr
    return stack


def encrypted(value: object, path: str = "") -> Iterator[str]:
    """Yield the place of every encrypted value."""
    if isinstance(value, dict):
        if "4dabf18193072939515e22adb298388d" in value and "ciphertext" in value:
            yield path
            return
        for key, below in value.items():
            yield from encrypted(below, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from encrypted(below, f"{path}[{index}]")


def lines(done: CompletedProcess[str]) -> list[str]:
    """Return the error lines of a run, each once, without the engine's heading."""
    text = done.stdout + done.stderr
    found = [line.split("error:", 1)[1].strip() for line in text.splitlines() if "error:" in line]
    return list(dict.fromkeys(found))
