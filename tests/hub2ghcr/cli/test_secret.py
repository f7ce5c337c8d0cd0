"""``hub2ghcr secret``, run as a user runs it."""

from __future__ import annotations

import base64
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from .running import ROOT, hub2ghcr, lines

TOKEN = "ghp_" + "Abc123" * 6
OTHER = "quay-s3cr3t-value"
MAKE = ("secret", "make", "pull", "-n", "shop")
GHCR = ("--registry", "ghcr.io", "--username", "acme-bot")


def auth(user: str, secret: str) -> dict[str, str]:
    return {"auth": base64.b64encode(f"{user}:{secret}".encode()).decode()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "token").write_text(TOKEN + "\n")
    (tmp_path / "quay").write_bytes(OTHER.encode() + b"\r\n")
    auths = {"ghcr.io": auth("acme-bot", TOKEN), "https://index.docker.io/v1/": auth("hub", OTHER), "x.example": {}}
    (tmp_path / "config.json").write_text(json.dumps({"auths": auths, "HttpHeaders": {"a": "b"}}, indent="\t"))
    return tmp_path


def opened(manifest: bytes) -> dict[str, list[str]]:
    found = yaml.safe_load(manifest)
    assert (found["kind"], found["type"]) == ("Secret", "kubernetes.io/dockerconfigjson")
    auths = json.loads(base64.b64decode(found["data"][".dockerconfigjson"]))["auths"]
    return {key: [entry["username"], entry["password"]] for key, entry in auths.items()}


def test_a_token_comes_by_file_or_standard_input_without_its_line_break(folder: Path) -> None:
    by_file = hub2ghcr(folder, *MAKE, *GHCR, "--token-file", "token", "--label", "a=b", "--annotation", "c=d=e")
    by_stream = hub2ghcr(folder, *MAKE, *GHCR, stdin=f"{TOKEN}\n".encode())
    assert opened(by_file.stdout) == opened(by_stream.stdout) == {"ghcr.io": ["acme-bot", TOKEN]}
    assert by_file.stderr == by_stream.stderr == b""
    metadata = {"name": "pull", "namespace": "shop", "labels": {"a": "b"}, "annotations": {"c": "d=e"}}
    assert yaml.safe_load(by_file.stdout)["metadata"] == metadata


def test_a_build_mounts_a_generic_one_under_the_key_that_it_reads(folder: Path) -> None:
    done = hub2ghcr(folder, *MAKE, *GHCR, "--token-file", "token", "--key", "config.json")
    found = yaml.safe_load(done.stdout)
    assert found["type"] == "Opaque"
    assert json.loads(base64.b64decode(found["data"]["config.json"]))["auths"]["ghcr.io"]["password"] == TOKEN
    refused = hub2ghcr(folder, *MAKE, *GHCR, "--token-file", "token", "--key", "a/b")
    assert lines(refused.stderr) == [
        "error: data: is no key of a Secret: 'a/b'; letters, digits, -, _ and . are allowed, such as config.json"
    ]


def test_several_registries_stand_side_by_side(folder: Path) -> None:
    quay = ("--registry", "quay.io", "--username", "acme+robot", "--token-file", "quay")
    done = hub2ghcr(folder, *MAKE, *GHCR, "--token-file", "token", *quay, "--output", "json")
    assert opened(done.stdout) == {"ghcr.io": ["acme-bot", TOKEN], "quay.io": ["acme+robot", OTHER]}
    assert json.loads(done.stdout)["kind"] == "Secret"


def test_a_config_gives_what_was_asked_for_and_nothing_else(folder: Path) -> None:
    done = hub2ghcr(folder, *MAKE, "--from-config=config.json", "--registry", "index.docker.io")
    assert opened(done.stdout) == {"https://index.docker.io/v1/": ["hub", OTHER]}
    found = hub2ghcr(folder, *MAKE, "--registry", "ghcr.io", "--from-config", DOCKER_CONFIG=str(folder))
    assert opened(found.stdout) == {"ghcr.io": ["acme-bot", TOKEN]}


def test_a_credential_helper_is_asked_and_a_missing_one_is_told(folder: Path) -> None:
    (folder / "config.json").write_text('{"credsStore": "desktop", "auths": {"ghcr.io": {}}}')
    missing = hub2ghcr(folder, *MAKE, "--from-config=config.json", "--registry", "ghcr.io")
    assert lines(missing.stderr) == [
        "error: docker-credential-desktop is not on PATH; install it, or give the token itself, by a file, standard "
        "input or the environment"
    ]
    helper = folder / "docker-credential-desktop"
    helper.write_text(f"""#!/bin/sh\nread server\necho '{{"Username":"'$server'","Secret":"{TOKEN}"}}'\n""")
    helper.chmod(0o755)
    path = f"{folder}:{os.environ['PATH']}"
    done = hub2ghcr(folder, *MAKE, "--from-config=config.json", "--registry", "ghcr.io", PATH=path)
    assert opened(done.stdout) == {"ghcr.io": ["ghcr.io", TOKEN]}


def test_a_terminal_is_asked_and_shows_nothing_of_the_answer(folder: Path) -> None:
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "hub2ghcr", *MAKE, *GHCR]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stdin=slave, stdout=subprocess.PIPE, stderr=slave, env=env, cwd=folder, start_new_session=True
    ) as process:
        shown = b""
        while b"token of acme-bot for ghcr.io: " not in shown:
            shown += os.read(master, 1000)
        os.write(master, f"{TOKEN}\n".encode())
        manifest, _ = process.communicate(timeout=60)
    os.close(slave)
    try:
        shown += os.read(master, 1000)
    except OSError:
        pass  # nothing more was written
    os.close(master)
    assert TOKEN.encode() not in shown
    assert opened(manifest) == {"ghcr.io": ["acme-bot", TOKEN]}


@pytest.mark.parametrize(
    ("arguments", "stdin", "expected"),
    [
        (GHCR, b"", "standard input: token of acme-bot for ghcr.io: is empty; nothing was sent or written"),
        (GHCR, b"\n", "is empty"),
        (GHCR, b"\xff", "standard input: is not UTF-8 text; give the token alone"),
        (GHCR, f"{OTHER}\nx".encode(), "the secret of acme-bot is empty or holds line breaks"),
        ((*GHCR, "--token-file", "none"), b"", "none: cannot be read: No such file or directory"),
        ((*GHCR, "--label", "a b=c"), OTHER.encode(), "labels: the key of a label is [example.com/]name"),
        (
            ("--registry", "ghcr.io", "--username", TOKEN),
            b"x",
            "--username: is a token where a user name belongs; revoke it: it was shown",
        ),
        (("--registry", f"u:{OTHER}@ghcr.io", "--username", "u"), b"x", "registry: holds a user name: give the host"),
        (("--from-config=config.json", "--registry", "x.example"), b"", "config.json: no credential for x.example;"),
        (("--from-config=none.json", "--registry", "ghcr.io"), b"", "none.json: no such file; name the config.json of"),
    ],
)
def test_what_cannot_be_made_is_one_line_and_nothing_is_written(
    arguments: tuple[str, ...], stdin: bytes, expected: str, folder: Path
) -> None:
    done = hub2ghcr(folder, *MAKE, *arguments, stdin=stdin)
    assert (done.returncode, done.stdout) == (1, b"")
    (line,) = lines(done.stderr)
    assert expected in line
    assert TOKEN not in line
    assert OTHER not in line


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), "Name --registry"),
        (("--registry", "ghcr.io"), "give each --registry its --username"),
        ((*GHCR, *GHCR), "standard input holds one token"),
        ((*GHCR, "--from-config"), "--from-config has users and tokens"),
        ((*GHCR, "--label", "x"), "--label x: write KEY=VALUE"),
        ((*GHCR, f"--password={OTHER}"), "No such option"),
        ((*GHCR, f"--token={OTHER}"), "o such option"),
    ],
)
def test_wrong_use_is_told_and_a_value_on_the_command_line_not_repeated(
    arguments: tuple[str, ...], expected: str, folder: Path
) -> None:
    done = hub2ghcr(folder, *MAKE, *arguments, stdin=b"x")
    assert (done.returncode, done.stdout) == (2, b"")
    assert expected in done.stderr.decode()
    assert OTHER.encode() not in done.stderr


def test_a_token_that_ghcr_will_not_take_is_warned_about(folder: Path) -> None:
    done = hub2ghcr(folder, *MAKE, *GHCR, stdin=b"github_pat_" + b"A1" * 20)
    assert done.returncode == 0
    assert lines(done.stderr) == [
        "warning: ghcr.io: ghcr.io takes no fine-grained token: make a classic one with read:packages"
    ]


def test_what_was_made_is_decoded_without_its_values(folder: Path) -> None:
    made = hub2ghcr(folder, *MAKE, "--from-config=config.json", "--registry", "ghcr.io", "--registry", "docker.io")
    done = hub2ghcr(folder, "secret", "decode", "--check", "ghcr.io", "--check", "nginx:1.27", stdin=made.stdout)
    assert (done.returncode, done.stderr) == (0, b"")
    assert lines(done.stdout)[0].split() == ["secret", "key", "opens", "as", "with", "but"]
    rows = [" ".join(line.split()) for line in lines(done.stdout)[1:]]
    assert rows == [
        "shop/pull ghcr.io ghcr.io acme-bot classic token ghp_… -",
        "shop/pull https://index.docker.io/v1/ Docker Hub hub password or other token -",
    ]
    (folder / "made.yaml").write_bytes(made.stdout)
    as_json = hub2ghcr(folder, "secret", "decode", "made.yaml", "--output", "json")
    found = json.loads(as_json.stdout)
    assert found["secrets"][0]["entries"][0] == {
        "key": "ghcr.io", "opens": "ghcr.io", "user": "acme-bot", "kind": "classic token ghp_…", "doubt": ""
    }  # fmt: skip
    for output in (done.stdout, as_json.stdout):
        for secret in (TOKEN, OTHER, auth("acme-bot", TOKEN)["auth"], auth("hub", OTHER)["auth"]):
            assert secret.encode() not in output


def test_a_check_that_fails_is_an_exit_code(folder: Path) -> None:
    done = hub2ghcr(folder, "secret", "decode", "config.json", "--check", "quay.io", "--check", "ghcr.io")
    assert done.returncode == 1
    assert lines(done.stderr) == [
        "error: quay.io: no entry opens it for a kubelet; what is opened: Docker Hub, ghcr.io"
    ]
    assert b"it names nobody" not in done.stderr


def test_a_broken_secret_is_one_line(folder: Path) -> None:
    broken = {"kind": "Secret", "metadata": {"name": "x", "namespace": "y"}, "data": {".dockerconfigjson": TOKEN}}
    typed = json.dumps({**broken, "type": "kubernetes.io/dockerconfigjson"}).encode()
    for stdin in (b"", typed, json.dumps(broken).encode(), b"{", TOKEN.encode()):
        done = hub2ghcr(folder, "secret", "decode", stdin=stdin)
        assert (done.returncode, done.stdout, len(lines(done.stderr))) == (1, b"", 1)
        assert TOKEN.encode() not in done.stderr


STACK = """\
config:
  hub2ghcr:credentials:
    pull: {username: acme-bot, secretKey: pullToken}
"""


@pytest.fixture
def stack(folder: Path) -> Path:
    (folder / "stacks").mkdir()
    (folder / "stacks/Pulumi.prod.yaml").write_text(STACK)
    (folder / "pulumi").write_text('#!/bin/sh\nprintf "%s|" "$@" > arguments\ncat > value\n')
    (folder / "pulumi").chmod(0o755)
    return folder


@pytest.mark.parametrize(
    ("arguments", "stdin"),
    [
        ((), f"{TOKEN}\n"),
        (("-",), TOKEN),
        (("--file", "token"), ""),
        (("--from-config=config.json", "--registry", "ghcr.io"), ""),
    ],
)
def test_a_value_is_set_and_only_its_key_is_told(arguments: tuple[str, ...], stdin: str, stack: Path) -> None:
    path = f"{stack}:{os.environ['PATH']}"
    done = hub2ghcr(stack, "secret", "set", "pull", *arguments, "-s", "prod", stdin=stdin.encode(), PATH=path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert lines(done.stdout) == ["set hub2ghcr:pullToken in stack prod: the value of pull, who is acme-bot"]
    assert (stack / "value").read_text() == TOKEN
    assert TOKEN not in (stack / "arguments").read_text()


@pytest.mark.parametrize(
    ("arguments", "code", "expected"),
    [
        (
            ("--from-config=config.json", "--registry", "docker.io"),
            1,
            "the settings say acme-bot, and this token is of h",
        ),
        (("--from-config=config.json",), 2, "--from-config and --registry belong together"),
        (("--file", "token", "-"), 2, "one value, one place"),
        ((), 1, "standard input: token of acme-bot: is empty"),
    ],
)
def test_a_value_that_does_not_fit_is_not_set(
    arguments: tuple[str, ...], code: int, expected: str, stack: Path
) -> None:
    path = f"{stack}:{os.environ['PATH']}"
    done = hub2ghcr(stack, "secret", "set", "pull", *arguments, "-s", "prod", PATH=path)
    assert done.returncode == code
    assert expected in done.stderr.decode()
    assert not (stack / "value").exists()
