"""Credentials: shapes, sources, and silence about secrets."""

from __future__ import annotations

import base64
import json
import stat
import traceback
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub2ghcr.credentials import (
    HUB_KEY,
    Credential,
    decode,
    docker_config_json,
    from_environment,
    stored,
    variable,
)
from hub2ghcr.errors import CredentialError

SECRET = "s3cr3t-value-nobody-may-see"
BASIC = base64.b64encode(f"u:{SECRET}".encode()).decode()
words = st.text(st.characters(codec="ascii", exclude_categories=("Cc", "Zs"), exclude_characters=":"), min_size=1)


def config(folder: Path, data: object) -> Mapping[str, str]:
    text = data if isinstance(data, str) else json.dumps(data)
    (folder / "config.json").write_text(text)
    return {"DOCKER_CONFIG": str(folder)}


def test_a_credential_never_shows_its_secret() -> None:
    credential = Credential("u", SECRET)
    assert SECRET not in repr(credential) + str(credential) + f"{credential!s}{credential!r}{[credential]}"
    assert credential.redact(f"bad {SECRET} and {credential.basic}") == "bad *** and ***"
    assert SECRET in credential.basic or base64.b64decode(credential.basic).decode().endswith(SECRET)


@pytest.mark.parametrize("secret", ["", " x", "x\n", "a\nb", "a\tb"])
def test_a_secret_that_a_shell_has_spoiled_is_refused_without_being_shown(secret: str) -> None:
    with pytest.raises(CredentialError) as caught:
        Credential("u", secret)
    assert str(caught.value).startswith("the secret of u is empty or holds line breaks")


def test_the_pull_secret_has_the_shape_that_kubectl_makes_and_is_the_same_each_time() -> None:
    text = docker_config_json({"ghcr.io": Credential("u", SECRET), "index.docker.io": Credential("u", SECRET)})
    entry = {"username": "u", "password": SECRET, "auth": BASIC}
    assert json.loads(text) == {"auths": {"ghcr.io": entry, HUB_KEY: entry}}
    again = docker_config_json({"docker.io": Credential("u", SECRET), "ghcr.io": Credential("u", SECRET)})
    assert again == text


def test_two_credentials_for_docker_hub_are_refused_and_none_at_all_as_well() -> None:
    with pytest.raises(CredentialError, match="two credentials for one registry"):
        docker_config_json({"docker.io": Credential("u", "a"), "index.docker.io": Credential("u", "b")})
    with pytest.raises(CredentialError, match="at least one credential"):
        docker_config_json({})


@given(st.dictionaries(st.sampled_from(["ghcr.io", "quay.io", "r.example:5000"]), st.tuples(words, words), min_size=1))
def test_what_is_written_is_read_back(entries: dict[str, tuple[str, str]]) -> None:
    credentials = {host: Credential(user, secret) for host, (user, secret) in entries.items()}
    assert decode(docker_config_json(credentials)) == credentials


BAD = [
    ("", "is empty"),
    ("{", "is not JSON"),
    ("[]", "must be a JSON object"),
    ({"auths": []}, None),
    ({"auths": [SECRET]}, "auths: must be an object"),
    ({"auths": {"ghcr.io": SECRET}}, "auths[ghcr.io]: must be an object"),
    ({"auths": {"ghcr.io": {"auth": f"!{SECRET}"}}}, "auths[ghcr.io]: auth is not base64"),
    ({"auths": {"ghcr.io": {"auth": base64.b64encode(SECRET.encode()).decode()}}}, "auth is not base64 of user:secret"),
    ({"auths": {"ghcr.io": {"username": "u"}}}, "user name and secret must be strings"),
    ({"auths": {"ghcr.io": {"identitytoken": SECRET}}}, "identity token"),
]


@pytest.mark.parametrize(("data", "expected"), BAD)
def test_a_broken_config_is_one_line_without_its_secrets(data: object, expected: str | None, tmp_path: Path) -> None:
    environ = config(tmp_path, data)
    if expected is None:
        assert stored("ghcr.io", environ).credential is None
        return
    with pytest.raises(CredentialError) as caught:
        stored("ghcr.io", environ)
    told = "".join(traceback.format_exception(caught.value))
    assert expected in str(caught.value)
    assert str(tmp_path / "config.json") in str(caught.value)
    assert SECRET not in told
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("ghcrPushToken", "HUB2GHCR_SECRET_GHCR_PUSH_TOKEN"),
        ("crPatShop", "HUB2GHCR_SECRET_CR_PAT_SHOP"),
        ("GHCRToken", "HUB2GHCR_SECRET_GHCR_TOKEN"),
        ("hub-pull_2", "HUB2GHCR_SECRET_HUB_PULL_2"),
    ],
)
def test_a_secret_key_names_its_environment_variable(key: str, name: str) -> None:
    assert variable(key) == name
    assert from_environment("u", key, {name: SECRET}) == Credential("u", SECRET)
    assert from_environment("u", key, {}) is None


def test_an_empty_variable_is_an_error_that_names_it() -> None:
    with pytest.raises(CredentialError, match=r"^HUB2GHCR_SECRET_A: the secret of u is empty"):
        from_environment("u", "a", {"HUB2GHCR_SECRET_A": ""})


@pytest.mark.parametrize("key", [HUB_KEY, "index.docker.io", "docker.io"])
def test_docker_hub_is_found_under_every_spelling_of_its_key(key: str, tmp_path: Path) -> None:
    environ = config(tmp_path, {"auths": {key: {"auth": BASIC}}})
    assert stored("registry-1.docker.io", environ).credential == Credential("u", SECRET)
    assert stored("ghcr.io", environ).credential is None


def test_no_file_and_an_entry_without_a_value_are_no_credential(tmp_path: Path) -> None:
    assert stored("ghcr.io", {"DOCKER_CONFIG": str(tmp_path)}).credential is None
    assert stored("ghcr.io", config(tmp_path, {"auths": {"ghcr.io": {}}})).credential is None


def helper(folder: Path, name: str, script: str) -> None:
    program = folder / f"docker-credential-{name}"
    program.write_text(f"#!/bin/sh\nread server\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


def test_a_helper_of_the_host_is_asked_before_the_store_and_the_store_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    helper(tmp_path, "one", """printf '{"Username":"one","Secret":"%s"}' "$server" """)
    helper(tmp_path, "store", """printf '{"Username":"store","Secret":"%s"}' "$server" """)
    auths = {"ghcr.io": {"auth": BASIC}}
    data = {"credHelpers": {"ghcr.io": "one"}, "credsStore": "store", "auths": auths}
    environ = config(tmp_path, data)
    assert stored("ghcr.io", environ).credential == Credential("one", "ghcr.io")
    assert stored("docker.io", environ).credential == Credential("store", HUB_KEY)
    assert stored("ghcr.io", config(tmp_path, {"auths": auths})).credential == Credential("u", SECRET)


def test_a_store_that_knows_nothing_leaves_it_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    helper(tmp_path, "store", "echo credentials not found in native keychain; exit 1")
    environ = config(tmp_path, {"credsStore": "store", "auths": {"ghcr.io": {"auth": BASIC}}})
    assert stored("ghcr.io", environ).credential == Credential("u", SECRET)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (f"echo {SECRET}; exit 3", "docker-credential-bad ended with 3"),
        (f"echo {SECRET}", "is not JSON"),
        (f"""echo '{{"Username":"<token>","Secret":"{SECRET}"}}'""", "identity token"),
    ],
)
def test_a_failing_helper_is_one_line_without_its_output(
    script: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    helper(tmp_path, "bad", script)
    with pytest.raises(CredentialError) as caught:
        stored("ghcr.io", config(tmp_path, {"credsStore": "bad"}))
    assert expected in str(caught.value)
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_a_missing_helper_and_one_with_a_path_for_a_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CredentialError, match="docker-credential-nowhere-to-be-found is not on PATH"):
        stored("ghcr.io", config(tmp_path, {"credsStore": "nowhere-to-be-found"}))
    with pytest.raises(CredentialError, match="name is malformed"):
        stored("ghcr.io", config(tmp_path, {"credsStore": "../../bin/sh"}))


def test_podmans_file_is_read_where_podman_writes_it_and_where_the_environment_says(tmp_path: Path) -> None:
    home, runtime, named = tmp_path / "home", tmp_path / "run", tmp_path / "named.json"

    def write(path: Path, user: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        auth = base64.b64encode(f"{user}:{SECRET}".encode()).decode()
        path.write_text(json.dumps({"auths": {"ghcr.io": {"auth": auth}}}))

    def found(**environ: str) -> str | None:
        credential = stored("ghcr.io", {"HOME": str(home), **environ}).credential
        return credential.username if credential else None

    assert found() is None
    write(home / ".config" / "containers" / "auth.json", "config")
    assert found() == "config"
    write(runtime / "containers" / "auth.json", "runtime")
    assert found(XDG_RUNTIME_DIR=str(runtime)) == "runtime"
    write(home / ".docker" / "config.json", "docker")
    assert found(XDG_RUNTIME_DIR=str(runtime)) == "docker"
    write(named, "named")
    assert found(REGISTRY_AUTH_FILE=str(named)) == "named"
    assert found(REGISTRY_AUTH_FILE=str(tmp_path / "missing"), DOCKER_CONFIG=str(tmp_path)) is None
    write(tmp_path / "config.json", "explicit")
    assert found(REGISTRY_AUTH_FILE=str(named), DOCKER_CONFIG=str(tmp_path)) == "explicit"


def test_a_key_with_a_path_opens_the_repositories_below_it_and_the_longest_comes_first(tmp_path: Path) -> None:
    def auth(user: str) -> dict[str, str]:
        return {"auth": base64.b64encode(f"{user}:{SECRET}".encode()).decode()}

    auths = {
        "ghcr.io/acme": auth("acme"),
        "ghcr.io/acme/shop": auth("shop"),
        "ghcr.io": auth("all"),
        "quay.io/x": auth("q"),
    }
    found = stored("ghcr.io", config(tmp_path, {"auths": {**auths, "docker.io/acme": auth("hub")}}))
    assert found.credential == Credential("all", SECRET)
    assert [(path, each.username) for path, each in found.paths] == [("acme/shop", "shop"), ("acme", "acme")]
    assert [path for path, _ in stored("registry-1.docker.io", {"DOCKER_CONFIG": str(tmp_path)}).paths] == ["acme"]


@pytest.mark.parametrize("key", ["ghcr.io", "ghcr.io/", "ghcr.io/v2/", "https://ghcr.io", "https://ghcr.io/v1/"])
def test_a_registry_is_found_under_the_spellings_that_clients_have_written(key: str, tmp_path: Path) -> None:
    found = stored("ghcr.io", config(tmp_path, {"auths": {key: {"auth": BASIC}}}))
    assert (found.credential, found.paths) == (Credential("u", SECRET), ())
