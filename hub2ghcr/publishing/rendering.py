"""The text of a publish workflow: a template, and the lines that an option adds to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from string import Template
from typing import Final

from .actions import ACTIONS
from .publish import Publish

_RUNNER: Final = "linux/amd64"
"""What ``ubuntu-latest`` is, and runs without emulation."""

_ALIASES: Final = (
    "type=semver,pattern={{major}}.{{minor}}",
    # 0 would hold versions that break each other
    "type=semver,pattern={{major}},enable=${{ !startsWith(github.ref, 'refs/tags/v0.') }}",
)
"""The tags of a minor and of a major version; of a pre-release the action makes nothing but its own version."""


class _Placeholders(Template):
    delimiter = "@@"  # the workflow's own language uses ${{ }}


def render(publish: Publish) -> str:
    """Return the workflow's text: the same bytes for the same wishes."""
    several = len(publish.platforms) > 1
    values = {
        **ACTIONS,
        "image": publish.image,
        "images": _lines(12, publish.images),
        "registry": publish.registry,
        "username": _quoted(publish.username) if _as_somebody(publish) else "${{ github.actor }}",
        "password": publish.secret,
        "where": f"github.repository == {_quoted(publish.repository)} && " if publish.repository else "",
        "permissions": _lines(6, _permissions(publish)),
        "context": _quoted(_context(publish.context)),
        "dockerfile": _quoted(publish.dockerfile),
        "platforms": _lines(10, [f"platforms: {','.join(sorted(publish.platforms))}"] if publish.platforms else []),
        "aliases": _lines(12, _ALIASES if publish.semver else ()),
        # An index has annotations of its own, which GHCR shows; a single manifest cannot take those
        "levels": _lines(8, ["env:", "  DOCKER_METADATA_ANNOTATIONS_LEVELS: manifest,index"] if several else []),
        "annotations": _lines(10, ["annotations: ${{ steps.metadata.outputs.annotations }}"] if several else []),
    }
    steps = {
        "emulation": _emulation(publish, values),
        "tests": _filled("tests.yaml", {**values, "stage": _quoted(publish.test_stage)}) if publish.test_stage else "",
        "hub": _hub(publish, values),
        "attestation": _attestation(publish, values),
    }
    return _filled("workflow.yaml", {**values, **steps})


def _emulation(publish: Publish, values: Mapping[str, str]) -> str:
    """Return the step that lets the runner run what it is not."""
    architectures = sorted({each.split("/")[1] for each in publish.platforms if each != _RUNNER})
    if not architectures:
        return ""
    return _filled("emulation.yaml", {**values, "architectures": _quoted(",".join(architectures))})


def _hub(publish: Publish, values: Mapping[str, str]) -> str:
    """Return the step that signs in to Docker Hub."""
    hub = publish.hub
    if hub is None:
        return ""
    username = _quoted(hub.username) if hub.username else "${{ secrets." + hub.username_secret + " }}"
    return _filled("hub.yaml", {**values, "hub_username": username, "hub_password": hub.password_secret})


def _attestation(publish: Publish, values: Mapping[str, str]) -> str:
    """Return the step that says, signed, which commit and which run the image is from."""
    if publish.attest == "never":
        return ""
    # Of a private repository attestations are to be had with GitHub Enterprise Cloud alone
    where = ["if: ${{ !github.event.repository.private }}"] if publish.attest == "public" else []
    return _filled("attestation.yaml", {**values, "where": _lines(8, where)})


def _permissions(publish: Publish) -> Iterable[str]:
    if publish.flavour == "token":
        yield "packages: write # push with GITHUB_TOKEN"
    if publish.attest != "never":
        yield "id-token: write # sign the attestation"
        yield "attestations: write # and keep it"


def _as_somebody(publish: Publish) -> bool:
    return bool(publish.username) and publish.flavour == "pat"


def _context(folder: str) -> str:
    """Return the commit that the run is of, as BuildKit fetches it: no checkout is needed."""
    return "{{defaultContext}}" if folder == "." else f"{{{{defaultContext}}}}:{folder}"


def _filled(name: str, values: Mapping[str, str]) -> str:
    from importlib.resources import files  # 15 ms, which no provider's process has to wait for

    text = files(__package__).joinpath("templates", name).read_text(encoding="utf-8")
    return _Placeholders(text).substitute(values)


def _lines(indent: int, lines: Iterable[str]) -> str:
    return "".join(f"{' ' * indent}{line}\n" for line in lines)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
