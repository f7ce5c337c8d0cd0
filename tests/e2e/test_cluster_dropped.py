"""What a stack has switched and its settings have dropped, while its state knew nothing of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lab.kubectl import kubectl
from tests.e2e import proving
from tests.e2e.conftest import Lab

pytestmark = [pytest.mark.e2e, pytest.mark.root]

NAME = "dropped"


def deployment(name: str) -> dict[str, Any]:
    pod = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "main", "image": "nginx:1.27"}]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": NAME},
        "spec": {"replicas": 0, "selector": {"matchLabels": {"app": name}}, "template": pod},
    }


def narrow(lab: Lab, folder: Path) -> Path:
    """Return a kubeconfig of somebody who administers this one namespace."""
    kubectl(lab.env, "create", "serviceaccount", "team", "-n", NAME)
    kubectl(
        lab.env, "create", "rolebinding", "team", "--clusterrole=admin", f"--serviceaccount={NAME}:team", "-n", NAME
    )
    config = json.loads(Path(lab.env["KUBECONFIG"]).read_text())
    config["users"][0]["user"] = {"token": kubectl(lab.env, "create", "token", "team", "-n", NAME).strip()}
    (folder / "narrow").write_text(json.dumps(config))
    return folder / "narrow"


@pytest.mark.slow
def test_a_switched_workload_that_neither_state_nor_settings_know_is_named(lab: Lab, tmp_path: Path) -> None:
    files = {name: [deployment(name)] for name in ("web", "api")}
    proving.deploy(lab.env, NAME, [each for documents in files.values() for each in documents])
    settings = {"manifests": ["stacks/web.yaml", "stacks/api.yaml"]}
    stack = proving.create(
        lab, tmp_path, NAME, [proving.cluster("lab", lab.env["KUBECONFIG"], **{NAME: settings})], files
    )

    def recovered() -> str:
        done = lab.run("hub2ghcr", "recover", "-s", NAME, cwd=tmp_path, timeout=120.0, **stack.env)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    try:
        stack.configure({"hub2ghcr:phase": "cutover"})
        done = stack.up()
        assert done.returncode == 0, done.stdout + done.stderr
        state = stack.state()
        del state["deployment"]["resources"]  # what a killed run that kept no checkpoints leaves
        (tmp_path / "state.json").write_text(json.dumps(state))
        assert stack.pulumi("stack", "import", "--file", str(tmp_path / "state.json"), "--force").returncode == 0
        assert "Deployment" not in recovered()  # the control: the next run takes in what the settings name

        stack.configure({f"hub2ghcr:clusters.0.namespaces.{NAME}.manifests": ["stacks/web.yaml"]})
        command = f"kubectl annotate deployment/api -n {NAME} hub2ghcr/stack-"
        line = f"cluster lab: Deployment {NAME}/api; the settings do not name it any more: put it back, or leave it"
        assert f"{line} for good: {command}\n" in recovered()
        # a credential of this namespace finds the same, and tells where it did not look
        stack.configure({"hub2ghcr:clusters.0.kubeconfig": str(narrow(lab, tmp_path))})
        said = recovered()
        assert f"{line} for good: {command}\n" in said
        assert "looked in the namespaces of the plan alone" in said
        stack.configure({"hub2ghcr:clusters.0.kubeconfig": lab.env["KUBECONFIG"]})
        kubectl(lab.env, *command.split()[1:])
        assert "Deployment" not in recovered()
    finally:
        stack.pulumi("stack", "rm", "--yes", "--force", "--preserve-config")
        kubectl(lab.env, "delete", "namespace", NAME, "--ignore-not-found", "--wait=false")
