"""The publish workflow of a repository: builds its image and pushes it to GHCR.

A push to the default branch publishes ``latest``, a tag ``v1.2.3`` publishes ``1.2.3``; a pull request builds, as a
test, and never pushes. Flavour ``pat`` signs in with the Actions secret ``CR_PAT``, ``token`` with ``GITHUB_TOKEN``.
The rest of the text is one template, with every action pinned by commit.
"""

from __future__ import annotations

from importlib.resources import files
from string import Template
from typing import Final, Literal

from .reference import GHCR

Flavour = Literal["pat", "token"]

PAT_SECRET: Final = "CR_PAT"  # the name of an Actions secret
"""The Actions secret that flavour ``pat`` signs in with."""

_TEMPLATE: Final = "docker-publish.yaml"


class _Placeholders(Template):
    delimiter = "@@"  # the workflow's own language uses ${{ }}


def render(
    *,
    owner: str,
    image: str,
    registry: str = GHCR,
    flavour: Flavour = "pat",
    username: str = "",
    context: str = ".",
    dockerfile: str = "Dockerfile",
) -> str:
    """Return the workflow's text.

    Args:
        owner: who owns the package; lower-cased, as GHCR demands.
        image: the package's name without its owner.
        registry: where it is published.
        flavour: what signs in.
        username: as whom ``CR_PAT`` speaks; empty: whoever started the run.
        context: the build's folder in the repository.
        dockerfile: the Dockerfile's path in that folder.
    """
    text = files(__package__).joinpath("templates", _TEMPLATE).read_text(encoding="utf-8")
    return _Placeholders(text).substitute(
        image=f"{registry}/{owner}/{image}".lower(),
        registry=registry,
        username=_quoted(username) if username and flavour == "pat" else "${{ github.actor }}",
        password="${{ secrets.%s }}" % (PAT_SECRET if flavour == "pat" else "GITHUB_TOKEN"),
        packages="" if flavour == "pat" else "\n      packages: write # push with GITHUB_TOKEN",
        context=_quoted("{{defaultContext}}" if context in {".", "./", ""} else f"{{{{defaultContext}}}}:{context}"),
        dockerfile=_quoted(dockerfile),
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
