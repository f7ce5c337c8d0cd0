"""Which inputs of well-known actions name images, and how they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from .texts import Text
from .uses import Role

ACTIONS: Final[dict[str, dict[str, str]]] = {
    "docker/metadata-action": {"images": "images"},
    "docker/build-push-action": {
        "tags": "tags",
        "cache-from": "cache-from",
        "cache-to": "cache-to",
        "outputs": "outputs",
        "build-contexts": "contexts",
    },
    "docker/bake-action": {"set": "set"},
    "docker/setup-qemu-action": {"image": "pulled"},
    "docker/setup-buildx-action": {"driver-opts": "driver"},
    "docker/scout-action": {"image": "named"},
    "aquasecurity/trivy-action": {"image-ref": "named"},
    "anchore/scan-action": {"image": "named"},
    "anchore/sbom-action": {"image": "named"},
    "actions/attest": {"subject-name": "named"},
    "actions/attest-build-provenance": {"subject-name": "named"},
    "actions/attest-sbom": {"subject-name": "named"},
    "helm/kind-action": {"node_image": "pulled"},
    "google-github-actions/deploy-cloudrun": {"image": "named"},
    "azure/webapps-deploy": {"images": "named lines"},
    "azure/k8s-deploy": {"images": "named lines"},
    "aws-actions/amazon-ecs-render-task-definition": {"image": "named"},
}
"""By action (lower case, without its version) and input: the kind of text that the input is."""

SIGNS_IN: Final = frozenset({"docker/login-action", "redhat-actions/podman-login", "azure/docker-login"})
"""Actions that sign in, with the inputs ``registry``, ``username``, ``password`` (or ``login-server``)."""

WHOLE: Final = frozenset(
    {
        "docker/build-push-action",
        "elgohr/publish-docker-github-action",
        "mr-smithers-excellent/docker-build-push",
        "redhat-actions/push-to-registry",
        "whoan/docker-build-with-cache-action",
    }
)
"""Actions that sign in, build and push by themselves, when they are given a password."""

DELEGATES: Final = {
    "goreleaser/goreleaser-action": "pushes what .goreleaser.yml names",
}
"""Actions whose images a file of their own names."""

PAGES: Final = frozenset(
    {
        "peter-evans/dockerhub-description",
        "christian-korneck/update-container-description-action",
        "meeramyr/docker-hub-description",
        "sheogorath/readme-to-dockerhub",
    }
)
"""Actions that write an image's page on Docker Hub."""

_HUB_ONLY: Final = re.compile(r"^type=(?:registry|image)\b")


def of_kind(kind: str, text: Text) -> Iterator[tuple[Text, Role]]:
    """Yield the images that a text of a kind names, each with what is done with it."""
    if kind == "tags":
        for each in text.split(r"[,\n]"):
            yield each.stripped("\"' "), "build"
    elif kind == "images":
        yield from _metadata(text)
    elif kind in ("cache-from", "cache-to"):
        role: Role = "push" if kind == "cache-to" else "name"
        for line in text.split(r"\n"):
            if "=" not in line.plain:
                yield line, role
            elif line.plain.startswith("type=registry"):
                for each in _behind("ref", line):
                    yield each, role
    elif kind == "outputs":
        for line in text.split(r"\n"):
            if _HUB_ONLY.match(line.plain):
                for each in _behind("name", line):
                    yield each, "build"
    elif kind == "contexts":
        for line in text.split(r"[,\n]"):
            if (found := re.search(r"=docker-image://", line.plain)) is not None:
                yield line[found.end() :], "pull"
    elif kind == "set":
        yield from _set(text)
    elif kind == "driver":
        for line in text.split(r"[,\n]"):
            if line.plain.startswith("image="):
                yield line[len("image=") :], "pull"
    elif kind == "helm":
        for pair in text.split(","):
            if (found := re.match(r"(?:[\w.-]*\.)?(?:image|image\.repository)=", pair.plain)) is not None:
                yield pair[found.end() :], "name"
    else:
        how: Role = "pull" if kind == "pulled" else "name"
        for line in text.split(r"\n") if kind.endswith("lines") else (text.stripped(),):
            yield line, how


def _metadata(text: Text) -> Iterator[tuple[Text, Role]]:
    for line in text.split(r"\n"):
        if line.plain.startswith("#"):
            continue
        for each in line.split(","):
            if each.plain.startswith("name="):
                yield each[len("name=") :].stripped("\"' "), "build"
            elif "=" not in each.plain:
                yield each.stripped("\"' "), "build"


def _behind(key: str, line: Text) -> Iterator[Text]:
    """Yield what stands behind ``key=`` in ``type=image,"name=a,b",push=true``."""
    named = False
    for each in line.split(r"[,\"]"):
        if "=" in each.plain:
            named = each.plain.startswith(f"{key}=")
            each = each[len(key) + 1 :]
        if named and each.chunks:
            yield each


def _set(text: Text) -> Iterator[tuple[Text, Role]]:
    for line in text.split(r"\n"):
        found = re.match(r"[^=\s]*\.(tags|cache-from|cache-to|output)\+?=", line.plain)
        if found is not None:
            kind = {"output": "outputs"}.get(found[1], found[1])
            yield from of_kind(kind, line[found.end() :])
