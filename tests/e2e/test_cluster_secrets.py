"""Pull Secrets by hand, on a real API server and for a real kubelet: what we say of one is what it does."""

from __future__ import annotations

import base64
import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from hub2ghcr.cluster import Cluster
from hub2ghcr.errors import Refused
from hub2ghcr.metadata import annotations_fault, label_fault, name_fault
from lab import registry_admin
from lab.accounts import CLUSTER_DEMO, HUB_READER, QUAY_READER, Account
from lab.kubectl import get, kubectl
from tests.e2e.conftest import ROOT, Lab
from tests.e2e.test_cluster import apply, pod, wait_for

pytestmark = pytest.mark.e2e

NAMESPACE = "e2e-secrets"
HUB_KEY = "https://index.docker.io/v1/"
WORKER = "acme/worker:3.1"
"""Private on Docker Hub; as the other images here are on GHCR and Quay."""
PRIVATE = {"ghcr.io": "ghcr.io/acme/tools:3", "docker.io": WORKER, "quay.io": "quay.io/acme-quay/metrics:2.1"}
READERS = {"ghcr.io": CLUSTER_DEMO, HUB_KEY: HUB_READER, "quay.io": QUAY_READER}
STACK = """\
config:
  pulumi:disable-default-providers: [kubernetes, github]
  hub2ghcr:clusters: [{name: lab, kubeconfig: "${KUBECONFIG}", context: lab}]
"""
TOKENS = [account.token for account in READERS.values()]


@pytest.fixture(scope="module")
def namespace(lab: Lab) -> Iterator[str]:
    """A namespace of these tests, and GHCR's package private for as long as they run."""
    registry_admin.set_visibility(lab.state, "ghcr", "acme/tools", "private")
    apply(lab.env, "default", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    service_account = ("get", "serviceaccount", "default", "-n", NAMESPACE, "--ignore-not-found", "-o", "name")
    wait_for(lambda: bool(kubectl(lab.env, *service_account)), "its ServiceAccount")
    yield NAMESPACE
    registry_admin.set_visibility(lab.state, "ghcr", "acme/tools", "public")
    kubectl(lab.env, "delete", "namespace", NAMESPACE, "--wait=false")


def secret(
    lab: Lab, *arguments: str, stdin: str = "", cwd: Path = ROOT, **env: str
) -> subprocess.CompletedProcess[str]:
    """Run ``hub2ghcr secret`` with something piped in."""
    return subprocess.run(
        ["hub2ghcr", "secret", *arguments],
        input=stdin,
        env={**lab.env, **env},
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def entry(account: Account) -> dict[str, str]:
    return {"auth": base64.b64encode(f"{account.user}:{account.token}".encode()).decode()}


def expect_pulls(lab: Lab, images: Mapping[str, str], expected: Mapping[str, bool]) -> None:
    """Start a Pod for each Secret, with its name and an image, and wait until those that should run do, others failed.

    A pull that fails is tried again after ten seconds: on a busy node one may fail for another reason before.
    """
    pods = [
        pod(name, image, imagePullSecrets=[{"name": name}], terminationGracePeriodSeconds=0)
        for name, image in images.items()
    ]
    apply(lab.env, NAMESPACE, *pods)
    found: dict[str, bool] = {}

    def fulfilled() -> bool:
        for each in get(lab.env, "pods", "-n", NAMESPACE):
            for status in each["status"].get("containerStatuses", ()):
                # a Secret that cannot be read is no ErrImagePull: its reason is the text of the error
                waiting = status["state"].get("waiting", {}).get("reason", "")
                if each["metadata"]["name"] in expected and waiting != "ContainerCreating":
                    found[each["metadata"]["name"]] = not waiting
        return found == expected

    with suppress(AssertionError):  # the comparison says more
        wait_for(fulfilled, "what is expected", 150)
    assert found == expected


@pytest.mark.root
def test_one_secret_for_three_registries_goes_from_a_config_through_kubectl_to_the_kubelet(
    lab: Lab, namespace: str, tmp_path: Path
) -> None:
    auths = {key: entry(account) for key, account in READERS.items() if key != "quay.io"}
    config = {"auths": auths, "credHelpers": {"quay.io": "lab"}, "HttpHeaders": {"a": "b"}}
    (tmp_path / "config.json").write_text(
        json.dumps({**config, "auths": {**auths, "other.example": entry(HUB_READER)}})
    )
    helper = tmp_path / "docker-credential-lab"
    answer = json.dumps({"ServerURL": "quay.io", "Username": QUAY_READER.user, "Secret": QUAY_READER.token})
    helper.write_text(f"#!/bin/sh\ncat > /dev/null\necho '{answer}'\n")
    helper.chmod(0o755)
    registries = [flag for host in PRIVATE for flag in ("--registry", host)]
    made = secret(
        lab, "make", "all", "-n", namespace, "--from-config", *registries, "--label", "team=shop",
        DOCKER_CONFIG=str(tmp_path), PATH=f"{tmp_path}:{lab.env['PATH']}",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    kubectl(lab.env, "apply", "-f", "-", stdin=made.stdout)
    live = kubectl(lab.env, "get", "secret", "all", "-n", namespace, "-o", "yaml")
    checks = [flag for image in PRIVATE.values() for flag in ("--check", image)]
    decoded = secret(lab, "decode", "-", *checks, "--output", "json", stdin=live)
    assert decoded.returncode == 0, decoded.stderr
    assert decoded.stdout == secret(lab, "decode", "--output", "json", stdin=made.stdout).stdout
    (found,) = json.loads(decoded.stdout)["secrets"]
    assert {each["key"]: each["user"] for each in found["entries"]} == {key: a.user for key, a in READERS.items()}
    for token in [*TOKENS, *(each["auth"] for each in auths.values())]:
        assert token not in decoded.stdout + decoded.stderr + made.stderr

    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks/Pulumi.lab.yaml").write_text(STACK)
    by_stack = secret(
        lab, "decode", "all", "-s", "lab", "-n", namespace, *checks, "--output", "json", cwd=tmp_path
    )  # fmt: skip
    assert (by_stack.stdout, by_stack.stderr) == (decoded.stdout, "")
    absent = secret(lab, "decode", "none", "-s", "lab", "-n", namespace, cwd=tmp_path)
    assert absent.stderr == (
        f"error: cluster lab: no such Secret: '{namespace}/none'; see kubectl get secrets -n {namespace}\n"
    )

    wanted = {f"all-{number}": image for number, image in enumerate(PRIVATE.values())}
    for name in wanted:  # the same Secret under the name of each Pod
        data = json.loads(kubectl(lab.env, "get", "secret", "all", "-n", namespace, "-o", "json"))
        apply(lab.env, namespace, {**data, "metadata": {"name": name, "namespace": namespace}})
    expect_pulls(lab, wanted, dict.fromkeys(wanted, True))
    anonymous = {f"none-{number}": image for number, image in enumerate(PRIVATE.values())}
    expect_pulls(lab, anonymous, dict.fromkeys(anonymous, False))


KEYS = {
    "docker-s-own": {HUB_KEY: entry(HUB_READER)},
    "bare": {"index.docker.io": entry(HUB_READER)},
    "docker-io": {"docker.io": entry(HUB_READER)},
    "with-path": {"docker.io/acme": entry(HUB_READER)},
    "glob": {"*.io": entry(HUB_READER)},
    "user-and-password": {HUB_KEY: {"username": HUB_READER.user, "password": HUB_READER.token}},
    "upper-case-fields": {HUB_KEY: {"Username": HUB_READER.user, "PASSWORD": HUB_READER.token}},
    "unpadded": {HUB_KEY: {"auth": entry(HUB_READER)["auth"].rstrip("=")}},
    "no-last-slash": {"https://index.docker.io/v1": entry(HUB_READER)},
    "registry-1": {"registry-1.docker.io": entry(HUB_READER)},
    "hub": {"https://hub.docker.com": entry(HUB_READER)},
    "other-path": {"docker.io/acme/shop": entry(HUB_READER)},
    "upper-case-host": {"Docker.io": entry(HUB_READER)},
    "hidden": {HUB_KEY: entry(HUB_READER), "docker.io/acme": {"username": "nobody", "password": "wrong"}},
    "empty": {HUB_KEY: {}},
    "broken-beside": {HUB_KEY: entry(HUB_READER), "other.example": {"auth": "!"}},
}
"""Entries that people write for Docker Hub. ``hidden`` opens it by our word, since no kubelet could know better."""


@pytest.mark.slow
@pytest.mark.root
def test_what_we_say_a_secret_opens_is_what_the_kubelet_pulls(lab: Lab, namespace: str) -> None:
    said = {}
    for name, auths in KEYS.items():
        made = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name, "namespace": namespace},
            "type": "kubernetes.io/dockerconfigjson",
            "stringData": {".dockerconfigjson": json.dumps({"auths": auths})},
        }
        apply(lab.env, namespace, made)
        live = kubectl(lab.env, "get", "secret", name, "-n", namespace, "-o", "json")
        done = secret(lab, "decode", "--check", WORKER, stdin=live)
        assert HUB_READER.token not in done.stdout + done.stderr
        said[name] = done.returncode == 0
    assert said["hidden"] is True
    said["hidden"] = False  # a wrong password is nothing that a Secret tells
    assert set(said.values()) == {True, False}
    expect_pulls(lab, dict.fromkeys(KEYS, WORKER), said)


LONG = "x" * 64
NAMES = ["a", "a.b-c", "0", "A", "a_b", "-a", "a-", "a..b", ".a", "", "x" * 253, "x" * 254]
LABELS = [("app", "web"), ("app", ""), ("a.io/B_c", "1.0_x"), ("A", "x"), (LONG, "x"), ("app", LONG), ("app", "a b"),
          ("", "x"), ("/a", "x"), ("a/b/c", "x"), ("A.io/x", "x"), ("app", "-x")]  # fmt: skip
ANNOTATIONS = [{"A.io/x": "any\nthing"}, {"a b": ""}, {"x": "y" * (1 << 18)}, {"x": "y" * ((1 << 18) - 1)}]


def test_what_is_refused_before_it_is_sent_is_what_the_api_server_refuses(lab: Lab, namespace: str) -> None:
    cases: list[tuple[str, dict[str, Any]]] = [
        *((name_fault(name), {"name": name}) for name in NAMES if name),
        *((label_fault(*label), {"name": "x", "labels": dict([label])}) for label in LABELS),
        *((annotations_fault(found), {"name": "x", "annotations": found}) for found in ANNOTATIONS),
    ]
    wrong = []
    with Cluster.by_kubeconfig("lab", lab.env["KUBECONFIG"], "lab") as cluster:
        for fault, metadata in cases:
            document = {"apiVersion": "v1", "kind": "Secret", "metadata": {**metadata, "namespace": namespace}}
            try:
                cluster.apply({**document, "type": "Opaque"}, manager="e2e", dry_run=True)
                refused = False
            except Refused:
                refused = True
            if refused is not bool(fault):
                wrong.append((metadata, fault))
    assert wrong == []


ODD = ["y", "N", "on", "No", "true", "null", "1e3", "0x1F", "0X1F", "0o17", "0778", "08", "1_000", "0b1", "1.0", "0",
       "2026-11-21", "12e03", "7e_1", "NaN", "inf"]  # fmt: skip


def test_what_yaml_might_read_as_something_else_arrives_as_it_was_given(lab: Lab, namespace: str) -> None:
    texts = [text for text in ODD if not label_fault(text, text)]
    odd = [flag for text in texts for flag in ("--label", f"{text}={text}", "--annotation", f"{text}={text}")]
    for output in ("yaml", "json"):
        flags = ("-n", namespace, "--registry", "ghcr.io", "--username", "u", "--output", output, *odd)
        made = secret(lab, "make", "1e3", *flags, stdin=CLUSTER_DEMO.token)
        assert made.returncode == 0, made.stderr
        dry = ("apply", "--dry-run=server", "-f", "-", "-o", "json")
        found = json.loads(kubectl(lab.env, *dry, stdin=made.stdout))["metadata"]
        assert found["name"] == "1e3"
        assert found["labels"] == {text: text for text in texts}
        assert found["annotations"].items() >= {text: text for text in texts}.items()


def test_broken_secrets_are_refused_by_the_api_server_in_one_line_and_read_by_nobody(lab: Lab, namespace: str) -> None:
    texts = {"no-text": "", "no-json": "s3cr3t", "half": '{"auths": {"ghcr.io"', "list": "[]"}
    with Cluster.by_kubeconfig("lab", lab.env["KUBECONFIG"], "lab") as cluster:
        for name, text in texts.items():
            document = {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": name, "namespace": namespace},
                "type": "kubernetes.io/dockerconfigjson",
                "data": {".dockerconfigjson": base64.b64encode(text.encode()).decode()},
            }
            with pytest.raises(Refused) as caught:
                cluster.apply(document, manager="e2e")
            (line,) = caught.value.lines
            assert f"Secret {namespace}/{name}" in line
            assert "s3cr3t" not in line
            decoded = secret(lab, "decode", stdin=json.dumps(document))
            assert (decoded.returncode, len(decoded.stderr.splitlines())) == (1, 1)
            assert "s3cr3t" not in decoded.stderr


def test_a_value_that_is_set_is_encrypted_in_the_stack_file_and_the_engine_gives_it_back(
    lab: Lab, tmp_path: Path
) -> None:
    (tmp_path / "Pulumi.yaml").write_text((ROOT / "Pulumi.yaml").read_text())
    (tmp_path / "stacks").mkdir()
    file = tmp_path / "stacks/Pulumi.secrets.yaml"

    def pulumi(*arguments: str) -> str:
        done = lab.run("pulumi", *arguments, "--stack", "secrets", "--non-interactive", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    pulumi("stack", "init")
    declared = "  # who pulls\n  hub2ghcr:credentials:\n    pull: {username: u, secretKey: pullToken}\n"
    file.write_text(file.read_text().rstrip() + f"\nconfig:\n{declared}")
    done = secret(lab, "set", "pull", "-s", "secrets", stdin="first-s3cr3t\n", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert pulumi("config", "get", "hub2ghcr:pullToken") == "first-s3cr3t"
    again = secret(lab, "set", "pull", "-s", "secrets", stdin="-begins-with-a-dash", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert pulumi("config", "get", "hub2ghcr:pullToken") == "-begins-with-a-dash"
    text = file.read_text()
    assert re.search(r"hub2ghcr:pullToken:\n\s+secure: v1:", text)
    assert "# who pulls" in text
    assert "begins-with" not in text + done.stdout + again.stdout
    wrong = secret(
        lab, "set", "pull", "-s", "secrets", stdin="third-s3cr3t", cwd=tmp_path, PULUMI_CONFIG_PASSPHRASE="wrong"
    )
    assert wrong.returncode == 1
    assert len(wrong.stderr.splitlines()) == 1
    assert "third-s3cr3t" not in wrong.stderr
