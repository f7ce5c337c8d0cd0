"""The secret ``CR_PAT``, where workflows call each other."""

from __future__ import annotations

import pytest

from hub2ghcr.workflows import Migration, migrate

from . import MAPPING
from .test_pairs import repository

BUILD, MAIN = ".github/workflows/build.yml", ".github/workflows/main.yml"
HEAD, TAIL = (
    "on:\n  workflow_call:",
    (
        "jobs:\n  a:\n    runs-on: x\n    steps:\n"
        "      - run: docker login -u ${{ secrets.U }} -p ${{ secrets.P }}\n      - run: docker push acme/a\n"
    ),
)
DECLARED = f"{HEAD}\n    secrets:\n      P:\n        required: true\n{TAIL}"
CALL = "on: push\njobs:\n  b: # here\n    uses: ./.github/workflows/build.yml\n"


def done(build: str, **callers: str) -> tuple[dict[str, str], Migration]:
    files = {BUILD: build, **{f".github/workflows/{name}.yml": text for name, text in callers.items()}}
    found = migrate({path: text.encode() for path, text in files.items()}, MAPPING, "pat")
    return {each.place: each.data.decode() for each in found.files}, found


def test_it_is_declared_and_passed_on_where_secrets_are_named_one_by_one() -> None:
    texts, found = done(DECLARED, main=f"{CALL}    secrets:\n      P: ${{{{ secrets.P }}}} # the Hub's\n")
    assert "    secrets:\n      CR_PAT:\n        required: true\n      P:\n" in texts[BUILD]
    assert (
        texts[MAIN]
        == f"{CALL}    secrets:\n      CR_PAT: ${{{{ secrets.CR_PAT }}}}\n      P: ${{{{ secrets.P }}}} # the Hub's\n"
    )
    assert found.problems == ()
    again = migrate({path: text.encode() for path, text in texts.items()}, MAPPING, "pat")
    assert again.changed == () and again.problems == ()


def test_in_braces_it_stands_beside_the_others() -> None:
    texts, _ = done(
        f"on: {{workflow_call: {{secrets: {{P: {{required: true}}}}}}}}\n{TAIL}",
        main=f"{CALL}    secrets: {{P: '${{{{ secrets.P }}}}'}}\n",
    )
    assert "secrets: {CR_PAT: {required: true}, P: {required: true}}" in texts[BUILD]
    assert "secrets: {CR_PAT: \"${{ secrets.CR_PAT }}\", P: '${{ secrets.P }}'}" in texts[MAIN]


def test_workflows_between_pass_it_on_too() -> None:
    between = CALL.replace("on: push", f"{HEAD}\n    secrets: {{P: {{required: true}}}}")
    outer = CALL.replace("build.yml", "between.yml")
    given = "    secrets:\n      P: ${{ secrets.P }}\n"
    texts, found = done(DECLARED, between=between + given, main=outer + given)
    assert "{CR_PAT: {required: true}, P: " in texts[".github/workflows/between.yml"]
    for path in (".github/workflows/between.yml", MAIN):
        assert "      CR_PAT: ${{ secrets.CR_PAT }}\n" in texts[path]
    assert found.problems == ()


@pytest.mark.parametrize("on", ["on: workflow_call\n", "on: [push, workflow_call]\n", f"{HEAD}\n", DECLARED])
def test_who_inherits_all_secrets_passes_it_already(on: str) -> None:
    texts, found = done(on if on is DECLARED else on + TAIL, main=f"{CALL}    secrets: inherit\n")
    assert texts[MAIN] == f"{CALL}    secrets: inherit\n" and found.problems == ()


@pytest.mark.parametrize(
    ("build", "secrets"),
    [(DECLARED, ""), (f"{HEAD}\n{TAIL}", "    secrets: {P: '${{ secrets.P }}'}\n")],
)
def test_a_caller_that_cannot_pass_it_on_is_told(build: str, secrets: str) -> None:
    texts, found = done(build, main=CALL + secrets)
    assert texts[MAIN] == CALL + secrets
    assert [str(each) for each in found.problems] == [
        f"{MAIN}:4: calls a workflow that signs in with CR_PAT, and does not give it that;"
        " declare CR_PAT there, and pass it on here, or write `secrets: inherit`"
    ]


def test_callers_elsewhere_are_told_of() -> None:
    _, found = done(DECLARED)
    assert f"{BUILD}: is called from elsewhere: each caller must pass the secret CR_PAT" in found.notes


def test_a_workflow_that_nobody_calls_and_one_that_uses_githubs_token_pass_nothing_on() -> None:
    """The control: neither needs it."""
    _, found = done(f"on: push\n{TAIL}")
    assert not [note for note in found.notes if "CR_PAT" in note]
    before = repository("before", "reusable")
    token, pat = migrate(before, MAPPING), migrate(before, MAPPING, "pat")
    assert not [each.place for each in token.changed if b"CR_PAT" in each.data]
    assert [each.data.count(b"CR_PAT:") for each in pat.files] == [1, 1, 0] and pat.problems == ()
