"""Bad input as the engine's user meets it: the lines of ``hub2ghcr plan``, one for each problem, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
import yaml

from tests.e2e.conftest import ROOT, Lab
from tests.e2e.stack import lines

STACK = "bad"
TOKEN = "ghp_" + "a1B2" * 9

Config = dict[str, Any]
Change = Callable[[Config], object]


@pytest.fixture(scope="session")
def initialised(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """The lab, whose engine knows the stack ``bad``."""
    folder = tmp_path_factory.mktemp("init")
    (folder / "Pulumi.yaml").write_bytes((ROOT / "Pulumi.yaml").read_bytes())
    done = lab.run("pulumi", "stack", "init", STACK, "--non-interactive", cwd=folder)
    assert done.returncode == 0, done.stderr
    return lab


@pytest.fixture
def project(program: Path) -> Path:
    """A copy of the program whose demo stack is called ``bad``."""
    (program / "stacks" / "Pulumi.demo.yaml").rename(program / "stacks" / f"Pulumi.{STACK}.yaml")
    return program


def configure(project: Path, change: Change) -> None:
    file = project / "stacks" / f"Pulumi.{STACK}.yaml"
    data = yaml.safe_load(file.read_text())
    change(data["config"])
    file.write_text(yaml.safe_dump(data, sort_keys=False))


def replace(project: Path, file: str, old: str, new: str) -> None:
    text = (project / file).read_text()
    assert old in text
    (project / file).write_text(text.replace(old, new, 1))


def preview(lab: Lab, project: Path, stack: str = STACK, **env: str) -> CompletedProcess[str]:
    done = lab.run("pulumi", "preview", "--stack", stack, "--non-interactive", cwd=project, timeout=120, **env)
    text = done.stdout + done.stderr
    assert done.returncode != 0, text
    assert "Traceback" not in text and TOKEN not in text
    return done


def settings(project: Path) -> None:
    def change(config: Config) -> None:
        config["hub2ghcr:clusers"] = []  # an unknown key
        config["hub2ghcr:images"]["mirror"] = 3  # a wrong type
        config["hub2ghcr:hubPullToken"] = TOKEN  # a secret in plain text
        del config["hub2ghcr:ghcrPushToken"]  # a missing secret

    configure(project, change)


def manifests(project: Path) -> None:
    (project / "stacks" / "demo" / "jobs.yaml").write_text("kind: [Pod\n")
    replace(project, "stacks/demo/shop.yaml", "image: nginx:1.27", "image: Nginx::1")  # does not parse
    replace(project, "stacks/demo/shop.yaml", "acme/shop:1.4.2", "acme/shop:9")  # not in the lock


def mapping(project: Path) -> None:
    rule = {"from": "docker.io/library/*", "to": "ghcr.io/acme/*"}
    configure(project, lambda config: config["hub2ghcr:mapping"]["rules"].__setitem__(0, rule))
    replace(project, "stacks/demo/shop.yaml", "acme/shop:1.4.2", "acme/nginx:1.27")


def lock(project: Path) -> None:
    (project / "images.lock.yaml").write_text("no lock\n")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (
            settings,
            (
                "credentials.ghcr-push.secretKey: missing secret: 'hub2ghcr:ghcrPushToken'; set it: pulumi config set",
                "hub2ghcr:clusers: unknown key: 'clusers'; did you mean clusters?",
                "hub2ghcr:hubPullToken: a token in plain text; revoke it",
                "images.mirror: must be copy or require: '3'",
            ),
        ),
        (
            manifests,
            (
                "stacks/demo/jobs.yaml:2:1: not valid YAML",
                "the image has no lock entry: 'acme/shop:9'; run `hub2ghcr lock -s bad`",
                "the repository name must be lower case: 'Nginx::1'; write nginx",
            ),
        ),
        (mapping, ("mapping.rules: two sources would share one target: 'docker.io/acme/nginx and docker.io/library",)),
        (lock, ("images.lock.yaml: not a lock file",)),
    ],
)
def test_the_engine_tells_every_problem_in_the_lines_of_the_plan(
    initialised: Lab, project: Path, spoil: Callable[[Path], None], told: tuple[str, ...]
) -> None:
    spoil(project)
    planned = initialised.run("hub2ghcr", "plan", "-s", STACK, cwd=project)
    assert planned.returncode == 1
    expected = [line.removeprefix("error: ") for line in planned.stderr.splitlines()]
    for each in told:
        assert any(each in line for line in expected), expected
    assert sorted(lines(preview(initialised, project))) == sorted(expected)


@pytest.mark.parametrize(
    ("env", "told"),
    [
        ({"KUBECONFIG": ""}, "kubeconfig: the kubeconfig's variable is not set: '${KUBECONFIG}'; export it"),
        ({"KUBECONFIG": "/nowhere/config"}, "/nowhere/config: the kubeconfig cannot be read"),
        ({"PULUMI_CONFIG_PASSPHRASE": "wrong"}, "incorrect passphrase"),
    ],
)
def test_a_wrong_environment_is_one_line(initialised: Lab, project: Path, env: Mapping[str, str], told: str) -> None:
    # without the GitHub side, where another stack's work of this run would be a line too
    configure(project, lambda config: config.pop("hub2ghcr:github"))
    said = lines(preview(initialised, project, **env))
    assert len(said) == 1, said
    (line,) = said
    assert told in line


def test_a_stack_that_is_not_there_is_one_line(initialised: Lab, project: Path) -> None:
    assert lines(preview(initialised, project, "nope")) == ["no stack named 'nope' found"]


def test_an_engine_that_is_too_old_is_one_line(initialised: Lab, project: Path) -> None:
    """The same key with a version that no engine has: what an older engine says to ours."""
    wanted = yaml.safe_load((project / "Pulumi.yaml").read_text())["requiredPulumiVersion"]
    (sdk,) = re.findall(r"^pulumi(>=[\d.]+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert wanted.startswith(sdk)
    replace(project, "Pulumi.yaml", wanted, ">=99.0.0")
    (line,) = lines(preview(initialised, project))
    assert 'does not satisfy the version range ">=99.0.0"' in line
