"""A fleet for engines of many machines: taken by an API server with the operator's definition; run step by step."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.errors import LabError
from lab.kubectl import get, kubectl
from tests.e2e import proving
from tests.e2e.conftest import Lab

pytestmark = [pytest.mark.e2e, pytest.mark.root, pytest.mark.slow]

DEFINITION = Path(__file__).parent / "crds" / "stacks.yaml"
NAMESPACE = "fleet-export"
REPOSITORY = "https://github.com/acme/fleet"
APPLY = ("apply", "--server-side", "--validate=strict", "-f", "-")


@pytest.fixture(scope="module")
def operator(lab: Lab) -> Iterator[None]:
    """The API server knows Stacks, as the operator v2.9.0 defines them; after the tests it does not any more."""
    kubectl(lab.env, "apply", "--server-side", "-f", str(DEFINITION))
    proving.until(lambda: served(lab.env), "the API server serves Stacks")
    kubectl(lab.env, "create", "namespace", NAMESPACE)
    yield
    kubectl(lab.env, "delete", "namespace", NAMESPACE, "--wait=false")
    kubectl(lab.env, "delete", "-f", str(DEFINITION), "--ignore-not-found", "--wait=false")


def served(env: Mapping[str, str]) -> bool:
    """Whether the definition is established; right after it was made it has no conditions to wait for."""
    (found,) = get(env, "customresourcedefinition", "stacks.pulumi.com")
    conditions = (found.get("status") or {}).get("conditions") or ()
    return any(each["type"] == "Established" and each["status"] == "True" for each in conditions)


def fleet(folder: Path, *clusters: str, **more: Any) -> None:
    """Write a fleet in two waves: its first cluster, and the rest."""
    stacks = folder / "stacks"
    stacks.mkdir(exist_ok=True)
    for name in clusters:
        if not (path := stacks / f"Pulumi.{name}.yaml").exists():
            path.write_text("config: {}\n")
    rings = {name: {"labels": {"ring": "canary" if name == clusters[0] else "rest"}} for name in clusters}
    waves = [{"name": "canary", "select": {"ring": "canary"}}, {"name": "rest", "rest": True}]
    found = {"concurrency": 2, "clusters": rings, "waves": waves, **more}
    (stacks / "fleet.yaml").write_text(yaml.safe_dump(found, sort_keys=False))


def exported(lab: Lab, folder: Path, *flags: str) -> str:
    done = lab.run("hub2ghcr", "fleet", "export", *flags, cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


def for_operator(lab: Lab, folder: Path, commit: str) -> str:
    flags = ("--engine", "operator", "--repository", REPOSITORY, "--commit", commit, "--namespace", NAMESPACE)
    return exported(lab, folder, *flags, "--image", "ghcr.io/acme/runner:1", "--folder", "deploy", "--private")


def test_the_operator_s_definition_takes_every_field_that_is_exported(lab: Lab, operator: None, tmp_path: Path) -> None:
    fleet(tmp_path, *(f"cluster-{number}" for number in range(7)))
    text = for_operator(lab, tmp_path, "a" * 40)
    kubectl(lab.env, *APPLY, stdin=text)
    live = {each["metadata"]["name"]: each for each in get(lab.env, "stacks.pulumi.com", "-n", NAMESPACE)}
    wanted = {each["metadata"]["name"]: each for each in yaml.safe_load_all(text)}
    assert {name: each["spec"] for name, each in live.items()} == {name: each["spec"] for name, each in wanted.items()}
    named = {each["name"] for stack in live.values() for each in stack["spec"].get("prerequisites", [])}
    assert named <= set(live)

    # once more changes nothing; another commit begins every Stack anew, the first wave's before the others'
    kubectl(lab.env, *APPLY, stdin=text)
    again = {each["metadata"]["name"]: each for each in get(lab.env, "stacks.pulumi.com", "-n", NAMESPACE)}
    assert {name: each["metadata"]["generation"] for name, each in again.items()} == dict.fromkeys(live, 1)
    kubectl(lab.env, *APPLY, stdin=for_operator(lab, tmp_path, "b" * 40))
    moved = get(lab.env, "stacks.pulumi.com", "-n", NAMESPACE)
    assert {each["metadata"]["generation"] for each in moved} == {2}
    versions = {each["metadata"]["name"]: int(each["metadata"]["resourceVersion"]) for each in moved}
    assert versions["cluster-0"] == min(versions.values())


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("  prerequisites:", "  prerequisite:"),
        ("  commit: ", "  commit: [x] # "),
        ("workspaceReclaimPolicy: Delete", "workspaceReclaimPolicy: Never"),
        ("  stack: ", "  stacks: "),
    ],
)
def test_it_would_refuse_what_it_does_not_know(
    lab: Lab, operator: None, tmp_path: Path, right: str, wrong: str
) -> None:
    fleet(tmp_path, "wrong-0", "wrong-1")
    broken = for_operator(lab, tmp_path, "a" * 40).replace(right, wrong)
    with pytest.raises(LabError):
        kubectl(lab.env, *APPLY, stdin=broken)


def steps(job: Mapping[str, Any]) -> list[str]:
    """The scripts of a job, but for the one that installs the program."""
    return [each["run"] for each in job["steps"] if "run" in each and "pip install" not in each["run"]]


def run(lab: Lab, folder: Path, job: Mapping[str, Any], stacks: str = "") -> subprocess.CompletedProcess[str]:
    """Run the scripts of a job as a runner does: bash that ends with the first command that fails."""
    for script in steps(job):
        done = lab.run("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script, cwd=folder, STACKS=stacks)
        if done.returncode:
            break
    return done


def test_the_workflow_moves_wave_after_wave_and_a_gate_that_fails_ends_it(
    lab: Lab, many_pulls: None, tmp_path: Path, reports: dict[str, list[tuple[str, ...]]]
) -> None:
    names = ("fleet-a", "fleet-b", "fleet-c")
    for name in names:
        proving.deploy(lab.env, name, proving.application(name))
        listed = [proving.cluster(name, lab.env["KUBECONFIG"], **{name: {"manifests": [f"stacks/{name}.yaml"]}})]
        mapping = {"rules": [{"from": "docker.io/*", "to": "ghcr.io/acme/fleet-export/*"}]}
        proving.create(lab, tmp_path, name, listed, {name: proving.application(name)}, phase="cutover", mapping=mapping)
    fleet(tmp_path, *names, gate={"soak": "5s"})
    jobs = yaml.safe_load(exported(lab, tmp_path, "--engine", "github-actions"))["jobs"]
    rows = reports.setdefault("An exported workflow, job by job", [("job", "ended with", "its last line")])
    for key, job in jobs.items():
        for share in job.get("strategy", {}).get("matrix", {}).get("include", [{}]):
            done = run(lab, tmp_path, job, share.get("stacks", ""))
            rows.append((key, str(done.returncode), (done.stdout + done.stderr).strip().splitlines()[-1]))
            assert done.returncode == 0, done.stdout + done.stderr
    for name in names:
        assert all(image.startswith("ghcr.io/") for image in proving.images(lab.env, name).values())

    # control: a cluster whose Pods cannot pull what they are given does not pass
    wrong = "ghcr.io/acme/fleet-export/library/nginx:none"
    kubectl(lab.env, "set", "image", "deployment/web", f"web={wrong}", "-n", names[0])
    proving.until(lambda: stuck(lab.env, names[0]), "a Pod waits for its image")
    failed = run(lab, tmp_path, jobs["gate-canary"])
    rows.append(("gate-canary, with a broken image", str(failed.returncode), failed.stderr.strip().splitlines()[-1]))
    assert failed.returncode == 1
    assert f"error: {names[0]}: cluster {names[0]}: namespace {names[0]}: Pod web-" in failed.stderr
    assert run(lab, tmp_path, jobs["gate-rest"]).returncode == 0
    for name in names:
        kubectl(lab.env, "delete", "namespace", name, "--wait=false")


def stuck(env: Mapping[str, str], namespace: str) -> bool:
    """Whether a Pod waits for an image that it does not get."""
    waiting = [
        (each["state"].get("waiting") or {}).get("reason")
        for pod in proving.pods(env, namespace).values()
        for each in pod["status"].get("containerStatuses", [])
    ]
    return bool({"ErrImagePull", "ImagePullBackOff"} & set(waiting))
