"""Builds that are there already, rewritten: what the real API server makes of them."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub2ghcr import manifests
from hub2ghcr.mapping import Mapped, Mapping, Rule
from hub2ghcr.rewriting import rewrite
from lab.accounts import HUB_READER, MIGRATION
from lab.errors import LabError
from lab.kubectl import get, kubectl
from tests.e2e import proving
from tests.e2e.conftest import ROOT, Lab

pytestmark = pytest.mark.e2e

MAPPING = Mapping((Rule.parse("docker.io/*", "ghcr.io/acme/*"),))
PAIRS = ROOT / "tests" / "hub2ghcr" / "places" / "before" / "kaniko"
BUILD = ROOT / "stacks" / "kaniko" / "build.yaml"
DRY = ("--dry-run=server", "--validate=strict", "-f", "-")


@pytest.mark.parametrize("file", [BUILD, PAIRS / "pod.yaml", PAIRS / "jobs.yaml"], ids=lambda each: each.name)
def test_a_rewritten_build_is_valid_to_the_api_server(lab: Lab, file: Path) -> None:
    done = rewrite(file.read_bytes(), file.name, MAPPING)
    documents = [{**each, "metadata": {"name": each["metadata"]["name"]}} for each in yaml.safe_load_all(done.data)]
    listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": documents})
    made = kubectl(lab.env, "create", "--namespace=default", *DRY, "-o", "json", stdin=listed)
    assert "ghcr.io/acme/acme/" in made
    # The control: what is no field of a Pod is refused
    broken = json.dumps({**documents[0], "spec": {**documents[0]["spec"], "destination": "ghcr.io/acme/shop"}})
    with pytest.raises(LabError) as refused:
        kubectl(lab.env, "create", "--namespace=default", *DRY, stdin=broken)
    assert "unknown field" in "".join(refused.value.details)


def test_a_patched_build_pushes_elsewhere_and_keeps_all_else(lab: Lab) -> None:
    kubectl(lab.env, "create", "namespace", "builds")
    kubectl(lab.env, "apply", "-f", "-", stdin=BUILD.read_text())
    (document,) = manifests.load(BUILD, "build.yaml")
    decided = {each.text: MAPPING.decide_text(each.text) for each in manifests.pushed(document)}
    replace = {text: str(each.target) for text, each in decided.items() if isinstance(each, Mapped)}
    patch = manifests.patch_document(document, "builds", replace)
    apply = ("apply", "--server-side", "--force-conflicts", "--field-manager=hub2ghcr", "-f", "-")
    kubectl(lab.env, *apply, stdin=json.dumps(patch))
    found = get(lab.env, "cronjob", "build-shop", "--namespace=builds")[0]
    (container,) = found["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    before = yaml.safe_load(BUILD.read_text())["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
    changed = [each for each in container["args"] if each not in before["args"]]
    assert changed == [
        "--destination=ghcr.io/acme/acme/shop:1.4.2",
        "--destination=ghcr.io/acme/acme/shop:nightly",
        "ghcr.io/acme/acme/shop/cache",
    ]
    assert len(container["args"]) == len(before["args"])
    assert (container["image"], container["volumeMounts"]) == (before["image"], before["volumeMounts"])


NS = "pushing"
VOLUME = {"secretName": "regcred", "items": [{"key": ".dockerconfigjson", "path": "config.json"}], "defaultMode": 0o644}


def volume(lab: Lab, kind: str) -> Any:
    """The Secret that a live build mounts."""
    found: Any = get(lab.env, kind, "build-shop", f"--namespace={NS}")[0]["spec"]
    for key in ("jobTemplate", "spec", "template", "spec"):
        found = found.get(key, found)
    return found["volumes"][0]["secret"]


@pytest.mark.slow
def test_a_build_pushes_with_our_secret_from_cutover_on_and_with_its_own_again(lab: Lab, tmp_path: Path) -> None:
    """A CronJob is patched, a Job made anew; neither runs: which Secret they mount is the API server's to say."""
    cron = yaml.safe_load(BUILD.read_text())
    cron["metadata"]["namespace"] = NS
    cron["spec"]["suspend"] = True
    spec = {**cron["spec"]["jobTemplate"]["spec"], "suspend": True}
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": cron["metadata"], "spec": spec}
    kubectl(lab.env, "create", "namespace", NS)
    kubectl(lab.env, "apply", "-f", "-", stdin=yaml.safe_dump_all([cron, job]))
    settings = {"manifests": ["stacks/build.yaml"], "push": "ghcr-push", "recreate": True}
    clusters = [proving.cluster("lab", lab.env["KUBECONFIG"], **{NS: settings})]
    stack = proving.create(lab, tmp_path, NS, clusters, {"build": [cron, job]})

    def up(phase: str) -> list[Any]:
        stack.configure({"hub2ghcr:phase": phase})
        done = stack.up()
        assert done.returncode == 0, done.stdout + done.stderr
        for secret in (MIGRATION.token, HUB_READER.token):
            assert secret not in done.stdout + done.stderr + json.dumps(stack.state())
        return [volume(lab, kind) for kind in ("cronjob", "job")]

    def opened() -> dict[str, str]:
        """The registries of our Secret, and as whom: the same under each of its keys."""
        data = get(lab.env, "secret", "hub2ghcr-push", f"--namespace={NS}")[0]["data"]
        assert sorted(data) == [".dockerconfigjson", "config.json"]
        (text,) = {base64.b64decode(each) for each in data.values()}
        return {host: each["username"] for host, each in json.loads(text)["auths"].items()}

    assert up("prepare") == [VOLUME, VOLUME]
    hub = {"https://index.docker.io/v1/": HUB_READER.user}
    assert opened() == {"ghcr.io": MIGRATION.user, **hub}
    assert up("cutover") == [{**VOLUME, "secretName": "hub2ghcr-push"}] * 2
    assert up("prepare") == [VOLUME, VOLUME], "its items were never ours"
    assert up("seal") == [{**VOLUME, "secretName": "hub2ghcr-push"}] * 2
    assert opened() == {"ghcr.io": MIGRATION.user}


@pytest.mark.slow
def test_a_push_secret_of_somebody_elses_is_left_alone(lab: Lab, tmp_path: Path) -> None:
    name = f"{NS}-taken"
    cron = yaml.safe_load(BUILD.read_text())
    cron["metadata"]["namespace"] = name
    kubectl(lab.env, "create", "namespace", name)
    kubectl(lab.env, "apply", "-f", "-", stdin=yaml.safe_dump(cron))
    kubectl(lab.env, "create", "secret", "generic", "hub2ghcr-push", "--from-literal=a=b", f"--namespace={name}")
    settings = {"manifests": ["stacks/build.yaml"], "push": "ghcr-push"}
    clusters = [proving.cluster("lab", lab.env["KUBECONFIG"], **{name: settings})]
    stack = proving.create(lab, tmp_path, name, clusters, {"build": [cron]})
    done = stack.up()
    assert done.returncode != 0
    assert "choose another `pushSecretName`, or delete it" in done.stdout + done.stderr
    assert get(lab.env, "secret", "hub2ghcr-push", f"--namespace={name}")[0]["data"] == {"a": "Yg=="}
    # The control: with another name it is made beside that one
    stack.configure({f"hub2ghcr:clusters.0.namespaces.{name}.pushSecretName": "ours"})
    done = stack.up()
    assert done.returncode == 0, done.stdout + done.stderr
    assert get(lab.env, "secret", "ours", f"--namespace={name}")[0]["type"] == "kubernetes.io/dockerconfigjson"
