"""The value of a credential goes to the engine by standard input, and nowhere else."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from hub2ghcr import stack_value
from hub2ghcr.credentials import Credential
from hub2ghcr.errors import Hub2GhcrError
from hub2ghcr.settings import CredentialSettings

from .conftest import Project

SECRET = "s3cr3t-value-nobody-may-see"
WANTED = CredentialSettings(username="puller", secretKey="pullToken")


@pytest.fixture
def bin_(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder


def pulumi(folder: Path, script: str) -> None:
    (folder / "pulumi").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "pulumi").chmod(0o755)


def refused(root: Path, value: str = SECRET) -> str:
    with pytest.raises(Hub2GhcrError) as caught:
        stack_value.store("test", WANTED, value, root)
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    return str(caught.value)


def test_a_credential_is_found_though_its_value_is_missing_and_other_things_are_wrong(project: Project) -> None:
    project.config.pop("hub2ghcr:pullToken")
    project.change(lambda own: own.update(nonsense=1))
    project.save()
    assert stack_value.declared("test", "pull", project.root) == WANTED


@pytest.mark.parametrize(
    ("stack", "name", "expected"),
    [
        (
            "test",
            "pul",
            "stacks/Pulumi.test.yaml: credentials: no such credential: 'pul'; the credentials there are: ",
        ),
        (
            "test",
            "ghp_" + "Ab12" * 8,
            "stacks/Pulumi.test.yaml: credentials: no such credential; the credentials there",
        ),
        ("none", "pull", "stacks/Pulumi.none.yaml: no such stack: 'none'; the stacks there are: test"),
    ],
)
def test_an_unknown_stack_or_credential_is_told_with_those_there_are(
    stack: str, name: str, expected: str, project: Project
) -> None:
    project.save()
    with pytest.raises(Hub2GhcrError) as caught:
        stack_value.declared(stack, name, project.root)
    assert expected in str(caught.value)


def test_the_value_is_on_standard_input_and_not_on_the_command_line(tmp_path: Path, bin_: Path) -> None:
    pulumi(bin_, f'cat > "{tmp_path}/value"; echo "$@" > "{tmp_path}/arguments"; pwd > "{tmp_path}/folder"')
    assert stack_value.store("test", WANTED, SECRET, tmp_path) == "hub2ghcr:pullToken"
    assert (tmp_path / "value").read_text() == SECRET
    told = (tmp_path / "arguments").read_text().strip()
    assert told == "config set --secret hub2ghcr:pullToken --stack test --non-interactive --color never"
    assert (tmp_path / "folder").read_text().strip() == str(tmp_path)


def test_a_value_that_no_registry_could_be_sent_never_reaches_the_engine(tmp_path: Path, bin_: Path) -> None:
    pulumi(bin_, f"touch {tmp_path}/ran")
    assert refused(tmp_path, "").startswith("the secret of puller is empty or holds line breaks")
    assert refused(tmp_path, f"{SECRET}\nx").startswith("the secret of puller is empty or holds line breaks")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (
            'read value; echo "error: it is no stack, $value" >&2; exit 255',
            "pulumi config set --secret hub2ghcr:pullToken -s test: it is no stack, ***",
        ),
        ("exit 3", "pulumi config set --secret hub2ghcr:pullToken -s test: ended with 3"),
        (
            "echo 'error: get stack secrets manager: passphrase must be set with PULUMI_CONFIG_PASSPHRASE' >&2; exit 1",
            "the stack's secrets cannot be opened; set PULUMI_CONFIG_PASSPHRASE",
        ),
    ],
)
def test_what_the_engine_says_is_one_line_without_the_value(
    script: str, expected: str, tmp_path: Path, bin_: Path
) -> None:
    pulumi(bin_, script)
    assert expected in refused(tmp_path)


def test_without_an_engine_it_says_what_to_install(tmp_path: Path, bin_: Path) -> None:
    assert refused(tmp_path).startswith("PATH: pulumi cannot be run: No such file or directory; install it")


def test_a_token_of_another_user_is_refused() -> None:
    assert stack_value.of_user(Credential("puller", SECRET), WANTED, "pull") == SECRET
    with pytest.raises(Hub2GhcrError) as caught:
        stack_value.of_user(Credential("me", SECRET), WANTED, "pull")
    assert str(caught.value) == (
        "credentials.pull: the settings say puller, and this token is of me; change `username`, or log in as that user"
    )
