from __future__ import annotations

import pytest

from hub2ghcr.delivering.readers import readers, reads
from hub2ghcr.github.default_branch import DefaultBranch
from tests.hub2ghcr.delivering.conftest import Place


@pytest.mark.parametrize(
    "text",
    [
        "password: ${{ secrets.DOCKERHUB_TOKEN }}",
        "password: ${{ Secrets.dockerhub_token }}",
        "password: ${{ secrets['DOCKERHUB_TOKEN'] }}",
        'password: ${{ secrets[ "DOCKERHUB_TOKEN" ] }}',
        "env: {ALL: '${{ toJSON(secrets) }}'}",
        "password: ${{ secrets[matrix.password] }}",
        "password: ${{ secrets[format('{0}_TOKEN', inputs.registry)] }}",
        "if: ${{ contains(secrets.*, 'x') }}",
        "run: echo '${{ join( secrets , ' ') }}'",
        "jobs:\n  a:\n    uses: acme/other/.github/workflows/x.yml@v1\n    secrets: inherit\n",
        "jobs:\n  a: {uses: acme/other/.github/workflows/x.yml@v1, secrets: inherit}\n",
        'jobs:\n  a: {"secrets": "inherit", "uses": "acme/other/.github/workflows/x.yml@v1"}\n',
        "jobs:\n  a:\n    uses: >-\n      acme/other/.github/workflows/x.yml@v1\n    secrets: inherit\n",
    ],
)
def test_what_reads_a_secret_or_may_is_found(text: str) -> None:
    assert reads(text, "DOCKERHUB_TOKEN")


@pytest.mark.parametrize(
    "text",
    [
        "password: ${{ secrets.DOCKERHUB_TOKEN_2 }}",
        "password: ${{ env.DOCKERHUB_TOKEN }}",
        "jobs:\n  a:\n    uses: ./.github/workflows/x.yml\n    secrets: inherit\n",
        "jobs:\n  a: {uses: ./.github/workflows/x.yml, secrets: inherit}\n",
        "password: ${{ secrets['OTHER'] }}",
        "x: ${{ github.token }} # reads no secrets, or (secretsmanager) ours[1]",
        "on: push",
    ],
)
def test_what_does_not_is_not(text: str) -> None:
    assert not reads(text, "DOCKERHUB_TOKEN")


def test_workflows_and_actions_of_the_default_branch_are_read(place: Place) -> None:
    place.write(".github/workflows/a.yml", "x: ${{ secrets.ONE }}\n")
    place.write(".github/actions/b/action.yaml", "x: ${{ secrets.ONE }} ${{ secrets.TWO }}\n")
    place.write("docs/c.yml", "x: ${{ secrets.THREE }}\n")
    branch = DefaultBranch.look(place.api, "acme", place.delivery.repository)
    assert readers(branch, ["ONE", "TWO", "THREE"]) == {
        "ONE": (".github/actions/b/action.yaml", ".github/workflows/a.yml"),
        "TWO": (".github/actions/b/action.yaml",),
    }
