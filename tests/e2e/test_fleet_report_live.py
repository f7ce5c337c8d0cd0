"""Reports of a stack on the lab: before and after its switch, and with a cluster that does not answer."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from hub2ghcr.report.forms import FORMS
from lab import accounts
from lab.accounts import Account
from tests.e2e import browser, proving
from tests.e2e.conftest import Lab
from tests.e2e.stack import Stack

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

SPACE = "e2e-report"
NAME = "report"


def documents() -> list[dict[str, Any]]:
    spec = {"containers": [{"name": "web", "image": "nginx:1.27"}], "terminationGracePeriodSeconds": 1}
    template = {"metadata": {"labels": {"app": "web"}}, "spec": spec}
    body = {"selector": {"matchLabels": {"app": "web"}}, "template": template}
    metadata = {"name": "web", "namespace": SPACE}
    return [{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": body}]


@pytest.fixture
def stack(lab: Lab, tmp_path: Path, many_pulls: None) -> Stack:
    proving.deploy(lab.env, SPACE, documents())
    settings = {SPACE.replace("-", "_"): {"manifests": ["stacks/app.yaml"]}}
    cluster = proving.cluster("lab", lab.env["KUBECONFIG"], **settings)
    return proving.create(lab, tmp_path, NAME, [cluster], {"app": documents()})


def told(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    done = stack.lab.run("hub2ghcr", "report", "-s", NAME, *arguments, cwd=stack.folder)
    assert done.returncode == 0, done.stderr
    return done


def seen(stack: Stack) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(told(stack, "--output", "json").stdout)
    return found


def test_a_report_follows_a_stack_from_the_hub_to_ghcr(stack: Stack) -> None:
    before = seen(stack)
    assert before["way"]["copied"] == {"done": 0, "of": 1} and before["way"]["running"] == {"done": 0, "of": 1}
    assert [(each["image"], each["why"], each["pods"]) for each in before["onHub"]] == [("nginx:1.27", "phase", 1)]
    assert [each["there"] for each in before["images"]] == [False]
    assert before["pulls"]["needed"] > 0 and before["pulls"]["limit"] == 1000
    assert [each["what"] for each in before["happened"]] == ["images locked"]
    assert before["notLooked"] == []

    stack.configure({"hub2ghcr:phase": "cutover"})
    done = stack.up()
    assert done.returncode == 0, done.stdout + done.stderr

    after = seen(stack)
    assert all(part == {"done": part["of"], "of": part["of"]} for part in after["way"].values())
    assert after["onHub"] == [] and [each["level"] for each in after["risks"]] == ["low"]  # there is no inventory
    assert (after["pulls"]["needed"], after["registries"][0]["bytesLeft"]) == (0, 0)
    assert [(each["what"], each["state"]) for each in after["happened"]] == [
        ("images locked", "good"),
        ("up cutover", "good"),
    ]

    _a_cluster_that_is_not_reached_is_told_and_the_other_is_seen(stack, after)
    _no_form_holds_a_secret(stack)
    _offline_asks_nobody(stack)


def _a_cluster_that_is_not_reached_is_told_and_the_other_is_seen(stack: Stack, after: dict[str, Any]) -> None:
    second = proving.cluster("gone", str(stack.folder / "no-such-file"), shop={"manifests": ["stacks/none.yaml"]})
    (stack.folder / "stacks" / "none.yaml").write_text("")
    lab = proving.cluster(
        "lab", stack.lab.env["KUBECONFIG"], **{SPACE.replace("-", "_"): {"manifests": ["stacks/app.yaml"]}}
    )
    stack.configure({"hub2ghcr:clusters": [lab, second]})
    found = seen(stack)
    assert [each["what"] for each in found["notLooked"]] == ["cluster gone"]
    assert found["namespaces"][1] == after["namespaces"][0] and found["namespaces"][0]["way"] is None


def _no_form_holds_a_secret(stack: Stack) -> None:
    tokens = [each.token for each in vars(accounts).values() if isinstance(each, Account)]
    assert len(tokens) > 3
    files = [str(stack.folder / f"report.{suffix}") for suffix in ("html", "json", "md")]
    done = told(stack, *files)
    text = "".join(Path(each).read_text() for each in files) + done.stdout + done.stderr
    assert len(files) == len(FORMS) and done.stdout == ""
    assert [each for each in [*tokens, "lab-passphrase"] if each in text] == []
    with browser.opened() as page:
        page.open((stack.folder / "report.html").as_uri())
        assert page.asked == [(stack.folder / "report.html").as_uri()] and page.complaints == []
        assert page.evaluate("document.title") == "Report of stack report"


def _offline_asks_nobody(stack: Stack) -> None:
    closed = {
        name: "http://127.0.0.1:9" for name in ("LAB_HUB_URL", "LAB_GHCR_URL", "LAB_GITHUB_URL", "PULUMI_BACKEND_URL")
    }
    done = stack.lab.run(
        "hub2ghcr", "report", "-s", NAME, "--offline", "--output", "markdown", cwd=stack.folder, timeout=20, **closed
    )
    assert done.returncode == 0, done.stderr
    assert "the report was asked for offline" in done.stdout and "| lab | e2e-report | cutover |" in done.stdout
