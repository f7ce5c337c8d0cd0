"""The engine's errors as one line each."""

from __future__ import annotations

import pytest

from hub2ghcr.engine.events import Said
from hub2ghcr.engine.explaining import explained, no_access, plain

URN = "urn:pulumi:s::hub2ghcr::hub2ghcr:index:X$pulumi-python:dynamic/hub2ghcr:ImageCopy::ghcr.io/acme/web:1"
STACK = "urn:pulumi:s::hub2ghcr::pulumi:pulumi:Stack::hub2ghcr-s"

MESSAGES = [
    (
        "Exception calling application: docker.io/acme/web:1: no pulls left",
        "ghcr.io/acme/web:1: docker.io/acme/web:1: no pulls left",
    ),
    ("error: update failed", None),
    ("update canceled", None),
    ("resource creation failed", None),
    (
        "creating urn:pulumi:s::p::t::lab/shop: 1 error occurred:\n\t* the namespace is gone\n\n",
        "ghcr.io/acme/web:1: the namespace is gone",
    ),
    (
        "hub2ghcr:ExpectedObjects resource 'lab' has a problem: cluster lab: Deployment shop/web does not exist",
        "ghcr.io/acme/web:1: cluster lab: Deployment shop/web does not exist",
    ),
    ("rpc error: code = Unknown desc = ghcr.io/acme/web:1: gone", "ghcr.io/acme/web:1: gone"),
    ("a token ghp_0123456789abcdefghij in it", "ghcr.io/acme/web:1: a token … in it"),
]


@pytest.mark.parametrize(("message", "line"), MESSAGES)
def test_an_error_is_its_own_words_behind_its_place(message: str, line: str | None) -> None:
    assert explained("s", [Said("error", message, URN)]) == (() if line is None else (line,))


SECRET = "urn:pulumi:s::hub2ghcr::hub2ghcr:index:ClusterMigration$kubernetes:core/v1:Secret::lab/shop"
SENT = 'resource "lab/shop" was not successfully created by the Kubernetes API server: '
REFUSALS = [
    (
        SENT + 'secrets "hub2ghcr-ghcr" is forbidden: exceeded quota: few, requested: secrets=1, used: secrets=0',
        "used: secrets=0; raise the ResourceQuota few, or free some of it",
    ),
    (
        SENT + 'Secret "pull" is invalid: type: Invalid value: "Opaque": field is immutable',
        "field is immutable; a Secret of that name has another type: choose another name",
    ),
    (
        SENT
        + 'Job.batch "web" is invalid: spec.template: Invalid value: core.PodTemplateSpec{Env:"hunter2"}: '
        + "field is immutable",
        "spec.template: field is immutable; a Job's template is fixed: let it finish, or delete it first",
    ),
    (SENT + "nobody knows why", "nobody knows why"),
]


@pytest.mark.parametrize(("message", "end"), REFUSALS)
def test_what_the_api_server_refuses_of_another_client_has_our_remedy(message: str, end: str) -> None:
    (line,) = explained("s", [Said("error", message, SECRET)])
    assert line.startswith("lab/shop: ") and line.endswith(end) and "hunter2" not in line


@pytest.mark.parametrize("urn", [URN, "urn:pulumi:s::hub2ghcr::pulumi:providers:kubernetes::lab"])
def test_what_is_of_no_kubernetes_object_is_left_as_it_is(urn: str) -> None:
    """Ours name their remedy themselves."""
    (line,) = explained("s", [Said("error", "exceeded quota: few; raise it", urn)])
    assert line.endswith(": exceeded quota: few; raise it")


def test_warnings_are_no_errors_and_nothing_is_said_twice() -> None:
    said = [Said("warning", "old", URN), Said("error", "bad", STACK), Said("error", "bad"), Said("error", " bad\n")]
    assert explained("s", said) == ("bad",)


def test_a_program_that_breaks_tells_its_last_line() -> None:
    message = 'Program failed with an unhandled exception:\nTraceback (most recent call last):\n  File "x", line 1\n'
    lines = explained("s", [Said("error", message + "AttributeError: no such thing", STACK)])
    assert lines == ("the program broke: AttributeError: no such thing; see `pulumi preview -s s` for where",)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "error: the stack is currently locked by 1 lock(s). Either wait\n  file:///x: created by a@b (pid 1)",
            "hub2ghcr recover -s s",
        ),
        (
            "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end.\n"
            "  postgres://****:****@db/x: created by a@b (pid 17) at 2026-11-22T04:05:06Z",
            "another run holds the stack's lock: a@b (pid 17), since 2026-11-22T04:05:06Z; wait for it",
        ),
        (
            "error: unable to open bucket postgres://pulumi:secret@db:5432/x?sslmode=disable: failed to ping"
            ' PostgreSQL: pq: password authentication failed for user "pulumi" (28P01)',
            'PostgreSQL: password authentication failed for user "pulumi" (28P01); see PULUMI_BACKEND_URL',
        ),
        ("error: no stack named 's' found", "pulumi stack init s"),
        (
            "error: getting stack configuration: get stack secrets manager: passphrase must be set",
            "PULUMI_CONFIG_PASSPHRASE",
        ),
        ("error: PULUMI_ACCESS_TOKEN must be set for login", "pulumi login"),
    ],
)
def test_what_the_engine_refuses_before_a_run_has_a_remedy(text: str, words: str) -> None:
    (line,) = plain("s", text)
    assert words in line


def test_the_password_of_a_url_is_never_shown() -> None:
    """The engine repeats the URL of its backend as it was given."""
    (line,) = plain("s", "error: unable to open bucket s3://key:pass-word@host/b?x=1: no such bucket")
    assert line == "unable to open bucket s3://key:…@host/b?x=1: no such bucket"


@pytest.mark.parametrize(
    ("text", "can"),
    [
        ("error: no stack named 's' found", False),
        ("error: getting stack configuration: get stack secrets manager: incorrect passphrase", False),
        ("error: PULUMI_ACCESS_TOKEN must be set for login", False),
        ("error: unable to open bucket file:///x: no such file or directory", False),
        ("error: the stack is currently locked by 1 lock(s). Either wait\n  file:///x: created by a@b (pid 1)", True),
        ("error: Program failed: the cluster refuses it", True),
    ],
)
def test_an_engine_that_cannot_begin_here_is_told_apart_from_one_that_fails(text: str, can: bool) -> None:
    lines = ("a warning before", *plain("s", text))
    assert no_access(lines) == (None if can else lines[1])
