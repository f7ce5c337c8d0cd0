"""The questions to the real services, asked of the lab: it holds what it plays, and whatever it breaks is reported."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from lab import accounts, github, github_admin, registry_admin
from lab.github_api.faults import Fault as ApiFault
from lab.registry_admin import Fault
from lab.registry_config import PLACES, Place
from tests.live.fact import Unexpected, check
from tests.live.facts import FACTS
from tests.live.ground import SOURCE, Ground
from tests.live.settings import NotReady, Settings, read

ROOT = Path(__file__).resolve().parents[2]
PLAYED = tuple(each for each in FACTS if each.stand_in)
ADMIN_TOKEN = "lab-smoke-admin-28c1e5d0"
PUBLIC = "acme/tools"
SCOPES = ("delete:packages", "read:packages", "write:packages")

pytestmark = pytest.mark.e2e

Break = Callable[[Path, Ground], None]


@pytest.fixture(scope="module")
def state(lab_state: Path, lab_registries: Mapping[str, str]) -> Path:
    github.up(lab_state)
    github_admin.add_token(lab_state, "acme-admin", ADMIN_TOKEN, SCOPES)
    github_admin.add_repository(lab_state, "acme", "smoke-source", {"README.md": "#"})
    return lab_state


@pytest.fixture(autouse=True)
def calm(state: Path) -> Iterator[None]:
    _calm(state)
    yield
    _calm(state)


def _calm(state: Path) -> None:
    github_admin.clear_faults(state)
    for place in PLACES:
        registry_admin.clear_faults(state, place)
        registry_admin.reset_rules(state, place)
        registry_admin.reset_counters(state, place)
    registry_admin.set_limit(state, "hub", anonymous=100, account=200, window=21600)
    registry_admin.set_visibility(state, "ghcr", PUBLIC, "public")


def environ(state: Path, urls: Mapping[str, str], **more: str) -> dict[str, str]:
    """A whole environment whose package is new; ``more`` replaces variables, without their prefix."""
    told = {
        "GHCR_OWNER": "acme",
        "GHCR_REPOSITORY": f"smoke-{uuid.uuid4().hex[:8]}",
        "GHCR_USER": accounts.MIGRATION.user,
        "GHCR_TOKEN": accounts.MIGRATION.token,
        "GITHUB_TOKEN": ADMIN_TOKEN,
        "SOURCE_REPOSITORY": "smoke-source",
        "FINE_GRAINED_TOKEN": "lab-no-such-token",
        "HUB_USER": accounts.HUB_READER.user,
        "HUB_TOKEN": accounts.HUB_READER.token,
        "GHCR_PUBLIC": f"{PUBLIC}:3",
        "HUB_IMAGE": "acme/shop:1.4.2",
        "GHCR_URL": urls["ghcr"],
        "HUB_URL": urls["hub"],
        "GITHUB_URL": f"{github.endpoint(state)}/api/v3",
        **more,
    }
    return {f"HUB2GHCR_LIVE_{name}": value for name, value in told.items()}


def whole(env: Mapping[str, str]) -> dict[str, str]:
    """The environment of a program, with none of the caller's own settings, and without a proxy to loopback."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HUB2GHCR_LIVE_")}
    return {**kept, **env, **dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,127.0.0.2")}


def run(env: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.live", *arguments],
        cwd=ROOT,
        env=whole(env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def package(env: Mapping[str, str], name: str = "") -> httpx.Response:
    url = f"{env['HUB2GHCR_LIVE_GITHUB_URL']}/orgs/acme/packages/container/"
    url += (env["HUB2GHCR_LIVE_GHCR_REPOSITORY"] + name).replace("/", "%2F")
    return httpx.get(url, headers={"Authorization": f"Bearer {ADMIN_TOKEN}"}, trust_env=False)


def test_the_lab_holds_every_fact_that_it_plays(state: Path, lab_registries: Mapping[str, str]) -> None:
    env = environ(state, lab_registries)
    done = run(env, "--output", "json", *(each.name for each in PLAYED))
    found = json.loads(done.stdout)
    assert [each for each in found["facts"] if each["verdict"] != "same"] == []
    assert (done.returncode, len(found["facts"]), done.stderr) == (0, len(PLAYED), "")
    assert len(found["removed"]) == 3 and all("deleted" in line for line in found["removed"])
    assert [package(env, name).status_code for name in ("", "/nested", "/linked")] == [404, 404, 404]
    assert registry_admin.counters(state, "hub")["manifest_get"] == 6


def test_what_differs_is_named_beside_what_was_assumed_and_ends_with_1(
    state: Path, lab_registries: Mapping[str, str]
) -> None:
    registry_admin.set_rules(state, "ghcr", referrers="native")
    env = environ(state, lab_registries)
    done = run(env, "ghcr-referrers-are-not-told", "ghcr-there-is-no-catalog")
    assert done.returncode == 1, done.stderr
    row = next(line for line in done.stdout.splitlines() if line.startswith("ghcr-referrers-are-not-told"))
    assert row.split() == [
        *("ghcr-referrers-are-not-told", "404", "or", "200,", "empty", "200,", "1", "differs"),
        *("lab/registry_rules/ghcr.json:", "referrers"),
    ]
    assert done.stdout.splitlines()[-1] == "1 same, 1 differs"
    for secret in (accounts.MIGRATION.token, ADMIN_TOKEN, accounts.HUB_READER.token):
        assert secret not in done.stdout + done.stderr


def test_what_was_not_set_is_unchecked_and_no_difference(state: Path, lab_registries: Mapping[str, str]) -> None:
    env = environ(state, lab_registries, APP_TOKEN="", HUB_USER="", HUB_TOKEN="")
    names = ("ghcr-app-tokens-log-in-and-cannot-pull", "hub-an-account-has-its-own-limit")
    done = run(env, "--output", "json", *names)
    assert done.returncode == 0, done.stderr
    assert [(each["verdict"], each["observed"]) for each in json.loads(done.stdout)["facts"]] == [
        ("unchecked", "HUB2GHCR_LIVE_APP_TOKEN is not set"),
        ("unchecked", "HUB2GHCR_LIVE_HUB_USER is not set"),
    ]


def test_without_settings_it_says_what_to_set_and_what_it_will_do() -> None:
    done = run({})
    assert (done.returncode, done.stdout) == (2, "")
    for name in ("OWNER", "REPOSITORY", "USER", "TOKEN"):
        assert f"HUB2GHCR_LIVE_GHCR_{name} is not set" in done.stderr
    assert "in the end deletes all three" in done.stderr


def test_a_package_that_exists_is_not_touched(state: Path, lab_registries: Mapping[str, str]) -> None:
    done = run(environ(state, lab_registries, GHCR_REPOSITORY="tools"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "acme/tools exists and may be in use" in done.stderr and "--use-existing" in done.stderr
    counted = registry_admin.counters(state, "ghcr")
    assert not [kind for kind in counted if kind.endswith(("_post", "_put", "_patch", "_delete"))]


def test_from_a_package_that_exists_only_the_runs_own_versions_are_removed(
    state: Path, lab_registries: Mapping[str, str], ground: Ground
) -> None:
    ground.soon(lambda: ground.rest.send("GET", ground.settings.package), 200)
    env = environ(state, lab_registries, GHCR_REPOSITORY=ground.settings.package)
    names = ("ghcr-tags-come-by-the-hundred", "packages-a-new-package-is-private")
    done = run(env, "--use-existing", "--output", "json", *names)
    found = json.loads(done.stdout)
    assert [each["verdict"] for each in found["facts"]] == ["same", "unchecked"]
    assert found["removed"] == [f"{ground.repository}: 3 versions of this run deleted, 0 left"]
    tags = ground.read(ground.repository, "tags/list").json()["tags"]
    assert ground.tag in tags and all(tag.startswith(ground.tag) for tag in tags)
    assert package(env).json()["version_count"] == 3


def test_a_push_that_is_refused_half_way_leaves_nothing(state: Path, lab_registries: Mapping[str, str]) -> None:
    env = environ(state, lab_registries)
    registry_admin.inject(state, "ghcr", Fault("status", "/manifests/smoke-", "PUT", count=-1, status=403))
    done = run(env)
    assert (done.returncode, done.stdout) == (2, "")
    assert "the throw-away package cannot be prepared: PUT" in done.stderr
    assert "deleted" in done.stderr and package(env).status_code == 404


def test_an_interrupted_run_removes_what_it_made(state: Path, lab_registries: Mapping[str, str]) -> None:
    env = environ(state, lab_registries)
    registry_admin.inject(state, "ghcr", Fault("slow", "/referrers/", count=-1, seconds=60))
    argv = [sys.executable, "-m", "tests.live", "ghcr-referrers-are-not-told"]
    with subprocess.Popen(argv, cwd=ROOT, env=whole(env), stderr=subprocess.PIPE, text=True) as process:
        end = time.monotonic() + 60
        while "fault" not in registry_admin.counters(state, "ghcr") and time.monotonic() < end:
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, package(env).status_code) == (130, 404)
    assert errors.count("deleted") == 1 and "Traceback" not in errors


def test_a_registry_that_does_not_answer_is_named(state: Path, lab_registries: Mapping[str, str]) -> None:
    done = run(environ(state, lab_registries, GHCR_URL="http://127.0.0.1:9"))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("127.0.0.1: ConnectError")


def test_one_service_that_does_not_answer_leaves_the_others_checked(
    state: Path, lab_registries: Mapping[str, str]
) -> None:
    env = environ(state, lab_registries, HUB_URL="http://127.0.0.1:9")
    done = run(env, "--output", "json", "hub-head-is-free", "ghcr-there-is-no-catalog")
    assert done.returncode == 2, done.stderr
    assert [each["verdict"] for each in json.loads(done.stdout)["facts"]] == ["same", "unreachable"]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"GHCR_OWNER": "Acme"}, "write it in lower case"),
        ({"HUB_IMAGE": "busybox"}, "write REPOSITORY:TAG"),
        ({"HUB_TOKEN": ""}, "set both or none"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(
    state: Path, lab_registries: Mapping[str, str], changed: dict[str, str], reason: str
) -> None:
    with pytest.raises(NotReady, match=reason):
        read(environ(state, lab_registries, **changed))


def test_settings_show_no_secret(state: Path, lab_registries: Mapping[str, str]) -> None:
    shown = repr(read(environ(state, lab_registries)))
    assert accounts.MIGRATION.token not in shown and ADMIN_TOKEN not in shown


# Negative controls: each fact that the lab plays, with its rule broken.


@pytest.fixture(scope="module")
def settings(state: Path, lab_registries: Mapping[str, str]) -> Settings:
    return read(environ(state, lab_registries))


@pytest.fixture(scope="module")
def ground(settings: Settings) -> Iterator[Ground]:
    """A ground that all controls share, and that has nothing left to make."""
    with httpx.Client(trust_env=False, verify=False, timeout=20) as http:
        made = Ground(settings, http)
        made.prepare()
        _ = made.nested, made.linked, made.tags
        for name in made.packages:
            assert made.soon(lambda name=name: made.rest.send("GET", name), 200).status_code == 200  # type: ignore[misc]
        made.patience = 0.3
        yield made
        made.patience = 20
        made.remove()


def answers(place: Place, path: str, method: str = "", **fault: Any) -> Break:
    return lambda state, _: registry_admin.inject(
        state, place, Fault("status", path, method, **{"count": -1, "status": 200, "body": "{}", **fault})
    )


def corrupts(place: Place, path: str) -> Break:
    return lambda state, _: registry_admin.inject(state, place, Fault("corrupt", path, "GET", count=-1, bytes=5))


def behaves(place: Place, **rules: Any) -> Break:
    return lambda state, _: registry_admin.set_rules(state, place, **rules)


def limits(**limit: int) -> Break:
    return lambda state, _: registry_admin.set_limit(state, "hub", **limit)


def replies(status: int, path: str = "/packages/", method: str = "GET") -> Break:
    return lambda state, _: github_admin.inject(state, ApiFault(path, method, -1, status))


def is_public(state: Path, ground: Ground) -> None:
    registry_admin.set_visibility(state, "ghcr", ground.repository, "public")


def is_hidden(state: Path, _: Ground) -> None:
    registry_admin.set_visibility(state, "ghcr", PUBLIC, "private")


COUNTED = {"ratelimit-remaining": "101;w=21600", "ratelimit-limit": "100;w=21600"}
BROKEN: Mapping[str, Break] = {
    "ghcr-challenges-with-bearer": answers("ghcr", "^/v2/$"),
    "ghcr-basic-is-no-token": answers("ghcr", "/manifests/"),
    "ghcr-tokens-tell-their-life": behaves("ghcr", token_seconds=60),
    "ghcr-no-token-for-what-is-missing": answers("ghcr", "^/token$"),
    "ghcr-no-token-for-what-is-private": is_public,
    "ghcr-anybody-pulls-what-is-public": is_hidden,
    "ghcr-a-bad-login-breaks-public-pulls": answers("ghcr", "^/token$"),
    "ghcr-fine-grained-tokens-are-refused": answers("ghcr", "^/token$"),
    "ghcr-a-pull-token-does-not-push": answers("ghcr", "/uploads/", "POST", status=202),
    "ghcr-manifests-stay-byte-for-byte": corrupts("ghcr", "/manifests/"),
    "ghcr-blobs-are-elsewhere": corrupts("ghcr", "^/v2/.*/blobs/"),
    "ghcr-the-other-host-needs-no-token": answers("ghcr", "^/storage/", status=403),
    "ghcr-the-other-host-refuses-a-token": answers("ghcr", "^/storage/"),
    "ghcr-a-chunk-of-4-mib-is-taken": answers("ghcr", "/uploads/", "PATCH", status=416),
    "ghcr-a-larger-chunk-is-refused": answers("ghcr", "/uploads/", "PATCH", status=202),
    "ghcr-a-stream-has-no-chunks": answers("ghcr", "/uploads/", "PATCH", status=416),
    "ghcr-one-put-takes-a-whole-blob": answers("ghcr", "/uploads/", "PUT", status=413),
    "ghcr-a-mount-is-made-or-becomes-an-upload": answers("ghcr", "/uploads/", "POST", status=404),
    "ghcr-referrers-are-not-told": behaves("ghcr", referrers="native"),
    "ghcr-subjects-are-not-noted": behaves("ghcr", referrers="native"),
    "ghcr-the-fallback-tag-is-a-tag": answers("ghcr", "/manifests/sha256-", "PUT", status=400),
    "ghcr-tags-come-by-the-hundred": answers("ghcr", "/tags/list", body='{"tags": ["one"]}'),
    "ghcr-there-is-no-catalog": answers("ghcr", "/_catalog"),
    "ghcr-manifests-are-not-deleted": answers("ghcr", "/manifests/", "DELETE", status=202),
    "ghcr-names-are-in-lower-case": answers("ghcr", "/manifests/", status=404),
    "ghcr-names-are-nested": answers("ghcr", "/nested/manifests/", status=404),
    "ghcr-pulls-are-not-counted": answers("ghcr", "/manifests/", headers=COUNTED),
    "packages-a-new-package-is-private": is_public,
    "packages-a-new-package-is-not-linked": replies(403),
    "packages-a-label-links-a-new-package": replies(403),
    "packages-a-slash-is-percent-encoded": replies(404),
    "packages-a-version-is-a-digest-with-tags": replies(404, "/versions"),
    "packages-nothing-changes-visibility": replies(200, method="PATCH"),
    "packages-a-deleted-package-can-be-restored": replies(403, method="DELETE"),
    "hub-challenges-with-bearer": answers("hub", "^/v2/$"),
    "hub-tokens-tell-their-life": behaves("hub", token_seconds=60),
    "hub-a-bad-login-is-refused": answers("hub", "^/token$"),
    "hub-head-tells-the-limit": limits(anonymous=50),
    "hub-an-account-has-its-own-limit": limits(account=150),
    "hub-head-is-free": answers("hub", "/manifests/", "HEAD", count=1, headers=COUNTED),
    "hub-get-costs-a-pull": answers("hub", "/manifests/", "GET"),
    "hub-each-manifest-costs-a-pull": answers("hub", "/manifests/sha256:", "GET"),
    "hub-head-tells-the-digest": corrupts("hub", "/manifests/"),
    "hub-referrers-are-told": behaves("hub", referrers="none"),
    "hub-tags-come-in-pages": answers("hub", "/tags/list", body='{"tags": ["one", "two"]}'),
    "hub-blobs-are-here-or-elsewhere": answers("hub", "/blobs/", status=404),
    "hub-there-is-no-catalog": answers("hub", "/_catalog"),
}
"""How the lab is made to break each fact that it plays."""


def test_every_fact_that_the_lab_plays_has_a_control() -> None:
    assert sorted(BROKEN) == sorted(each.name for each in PLAYED)
    assert len({each.name for each in FACTS}) == len(FACTS)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_is_reported_as_a_difference_by_its_fact(name: str, state: Path, ground: Ground) -> None:
    asked = [each for each in PLAYED if each.name == name]
    BROKEN[name](state, ground)
    try:
        (found,) = check(asked, ground)
    finally:
        registry_admin.set_visibility(state, "ghcr", ground.repository, "private")
    assert found.verdict == "differs", found


def test_a_label_that_links_nothing_and_a_package_linked_unasked_are_differences(settings: Settings) -> None:
    changed = replace(settings, package=f"smoke-{uuid.uuid4().hex[:8]}", source_repository="no-such-repository")
    with httpx.Client(trust_env=False, verify=False, timeout=20) as http:
        ground = Ground(changed, http)
        # The image of the package itself is labelled, which no run does.
        ground.image = ground.make({SOURCE: "https://github.com/acme/smoke-source"})
        try:
            ground.prepare()
            asked = [each for each in PLAYED if "link" in each.name]
            assert [each.observed for each in check(asked, ground)] == ["linked", "not linked"]
        finally:
            assert len(ground.remove()) == 2


def test_an_answer_of_another_shape_is_a_difference(state: Path, ground: Ground) -> None:
    answers("ghcr", "/tags/list", body="<html>")(state, ground)
    (found,) = check([each for each in FACTS if each.name == "ghcr-tags-come-by-the-hundred"], ground)
    assert (found.verdict, found.observed) == ("differs", "an answer of another shape (JSONDecodeError)")


def test_a_refusal_shows_its_code_and_never_its_message(state: Path, ground: Ground) -> None:
    body = json.dumps({"errors": [{"code": "DENIED", "message": accounts.MIGRATION.token}]})
    answers("ghcr", "/uploads/", "POST", status=403, body=body)(state, ground)
    with pytest.raises(Unexpected) as caught:
        ground.open_upload(ground.repository)
    assert str(caught.value) == f"POST /v2/{ground.repository}/blobs/uploads/: 403 DENIED"
