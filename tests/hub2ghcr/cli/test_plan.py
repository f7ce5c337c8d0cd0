"""``hub2ghcr plan``, run as a user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ..conftest import DIGEST, NEW, Project, entry

ROOT = Path(__file__).parents[3]


def run(root: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hub2ghcr", "-C", str(root), *arguments]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environ}
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=env)


def test_the_table_names_every_image_now_and_then(project: Project) -> None:
    done = run(project.save().root, "plan", "-s", "test")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"ghcr.io/acme/mirror/nginx:1.27@{DIGEST[:19]}" in done.stdout
    assert "stays: lives on quay.io, which no rule claims" in done.stdout
    assert "\x1b" not in done.stdout


def test_the_table_says_what_copying_takes_at_most_and_what_must_be_there(project: Project) -> None:
    project.write("new.yaml", NEW.replace("acme/shop:1.4.2", "ghcr.io/acme/shop:1.4.3"))
    project.lock = project.lock.merged([entry("", "ghcr.io/acme/shop:1.4.3")])
    done = run(project.save().root, "plan", "-s", "test")
    assert "Images to copy, at most 1 B" in done.stdout
    required = done.stdout.partition("Images that must be there")[2].splitlines()[2]
    assert required.split() == ["(published", "there)", "ghcr.io/acme/shop:1.4.3", DIGEST[:19], "1", "B"]


def test_the_markdown_is_made_of_tables(project: Project) -> None:
    done = run(project.save().root, "plan", "-s", "test", "--output", "markdown")
    assert done.returncode == 0
    assert "| one | shop | Deployment web | patch | nginx:1.27 |" in done.stdout


def test_each_namespace_has_its_phase_its_access_and_its_guard(project: Project) -> None:
    project.change(lambda config: config["clusters"][0]["namespaces"]["shop"].update(phase="seal"))
    done = run(project.save().root, "plan", "-s", "test", "--output", "markdown")
    assert "Phase: cutover. Images: copy. Way back: checked." in done.stdout
    access = "hub2ghcr-ghcr | ghcr.io as puller | - | 1 images, all first"
    assert f"| one | new | cutover | create | {access} | audits |" in done.stdout
    assert f"| one | shop | seal | there | {access} | denies |" in done.stdout


def test_a_dockerfile_that_the_checkout_of_a_repository_lacks_is_told_before_its_workflow_is_written(
    project: Project,
) -> None:
    project.write(".git/config", '[remote "origin"]\n\turl = git@github.com:acme/shop.git\n')
    done = run(project.save().root, "plan", "-s", "test")
    line = "github.repositories.shop.workflow.dockerfile: no such file in the repository: 'Dockerfile'"
    assert done.returncode == 1 and line in done.stderr
    project.write("Dockerfile", "FROM scratch\n")
    assert run(project.root, "plan", "-s", "test").returncode == 0


def test_a_secret_among_the_manifests_keeps_its_values(project: Project) -> None:
    secret = """
apiVersion: v1
kind: Secret
metadata: {name: db, annotations: {last: {password: hunter2}}}
data: {password: hunter2}
stringData: {other: hunter2}
"""
    project.write("new.yaml", NEW + "---" + secret)
    done = run(project.save().root, "plan", "-s", "test", "--output", "json")
    assert '"password": "(not shown)"' in done.stdout and "hunter2" not in done.stdout + done.stderr


@pytest.mark.parametrize("output", ["table", "json", "markdown"])
def test_the_bytes_are_the_same_wherever_it_runs(project: Project, output: str) -> None:
    project.save()
    first = run(project.root, "plan", "-s", "test", "--output", output, PYTHONHASHSEED="1")
    other = run(project.root, "plan", "-s", "test", "--output", output, PYTHONHASHSEED="2",
                HUB_URL="http://127.0.0.1:1", KUBECONFIG="/k8s")  # fmt: skip
    assert first.stdout == other.stdout != ""
    assert "127.0.0.1" not in other.stdout and "/k8s" not in other.stdout


def test_json_holds_the_whole_plan(project: Project) -> None:
    data = json.loads(run(project.save().root, "plan", "-s", "test", "--output", "json").stdout)
    assert [each["target"] for each in data["copies"]] == ["ghcr.io/acme/mirror/nginx:1.27", "ghcr.io/acme/shop:1.4.2"]
    assert data["clusters"][0]["namespaces"][1]["workloads"][0]["document"]["kind"] == "Deployment"


def test_problems_are_one_line_each_on_stderr_and_exit_code_1(project: Project) -> None:
    project.change(lambda config: config.update(phase="x", clusers=[])).save()
    done = run(project.root, "plan", "-s", "test")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        "error: stacks/Pulumi.test.yaml: hub2ghcr:clusers: unknown key: 'clusers'; did you mean clusters?",
        "error: stacks/Pulumi.test.yaml: phase: must be prepare, cutover or seal: 'x'",
    ]


def test_no_such_stack_is_one_line(project: Project) -> None:
    done = run(project.save().root, "plan", "-s", "nope")
    assert done.returncode == 1
    assert done.stderr == (
        "error: stacks/Pulumi.nope.yaml: no such stack: 'nope'; the stacks there are: test\n"
    )  # fmt: skip


@pytest.mark.parametrize(
    "arguments", [("plan",), ("plan", "-s"), ("plan", "-s", "x", "--output", "xml"), ("nope",), ("--nope",)]
)
def test_wrong_use_is_exit_code_2(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = run(tmp_path, *arguments)
    assert done.returncode == 2 and "Traceback" not in done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
def test_output_that_cannot_be_written_is_one_line(project: Project) -> None:
    command = [sys.executable, "-m", "hub2ghcr", "-C", str(project.save().root), "plan", "-s", "test"]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, env=env)
    assert (done.returncode, done.stderr) == (
        2,
        "error: standard output: cannot be written: No space left on device; write it elsewhere\n",
    )


def test_a_folder_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    done = run(tmp_path / "nope", "plan", "-s", "x")
    assert done.returncode == 2 and "No such file or directory" in done.stderr


def test_help_lists_every_command_and_loads_nothing_heavy(tmp_path: Path) -> None:
    done = run(tmp_path, "--help")
    assert done.returncode == 0 and all(f"\n  {name} " in done.stdout for name in ("plan", "lock", "copy"))
    code = (
        "import sys, hub2ghcr.cli, hub2ghcr.cli.plan, hub2ghcr.cli.lock, hub2ghcr.cli.copy;"
        "print(sorted({'yaml', 'pydantic', 'httpx', 'rich', 'pulumi'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "[]\n"


def test_the_version_is_shown(tmp_path: Path) -> None:
    assert run(tmp_path, "--version").stdout.startswith("hub2ghcr ")


def test_the_demo_is_planned_in_under_a_second() -> None:
    started = time.monotonic()
    done = run(ROOT, "plan", "-s", "demo")
    took = time.monotonic() - started
    assert done.returncode == 0, done.stderr
    assert took < 1 or os.getloadavg()[0] > (os.cpu_count() or 1)  # a busy machine proves nothing
