"""Which format a file has: by its name, and by what it says."""

from __future__ import annotations

import re
from typing import Final, Literal

from ..source import ListNode, MapNode, Node, Scalar
from .objects import identity
from .rows import ACTION, COMPOSE, DEPENDABOT, HELM_VALUES, KUSTOMIZATION, PACKAGE, RENOVATE, WORKFLOW

Whole = Literal["Dockerfile", "template", "yaml", ""]

_DOCKERFILE: Final = re.compile(
    r"(?:Dockerfile|Containerfile)(?:[.-][\w.-]+)?|[\w.-]+\.(?:Dockerfile|Containerfile)", re.I
)
_NOT_DOCKERFILE: Final = re.compile(
    r".*(?:\.(?:md|txt|sh|py|go|json|ya?ml|j2|tmpl|tpl|erb|html|dockerignore)|ignore)", re.I
)
_YAML: Final = re.compile(r".+\.(?:ya?ml|json|yaml\.\w+)|Kustomization|-", re.I)
_TEMPLATE: Final = re.compile(r".+\.(?:tpl|gotmpl|j2)", re.I)
_COMPOSE: Final = re.compile(r"(?:docker-)?compose[\w.-]*\.ya?ml|docker-stack[\w.-]*\.ya?ml", re.I)
_VALUES: Final = re.compile(r"(?:[\w.-]*[._-])?values(?:[._-][\w.-]*)?\.(?:ya?ml|json)", re.I)
_RENOVATE: Final = re.compile(r"renovate\.json[c5]?|\.renovaterc(?:\.json[c5]?)?", re.I)
_KUSTOMIZE_GROUP: Final = "kustomize.config.k8s.io"


def of_file(data: bytes, place: str) -> Whole:
    """Return how a file is read as a whole; empty for one that cannot hold images."""
    folders, _, name = place.replace("\\", "/").rpartition("/")
    if _DOCKERFILE.fullmatch(name) and not _NOT_DOCKERFILE.fullmatch(name):
        return "Dockerfile"
    if b"{{" in data and (_TEMPLATE.fullmatch(name) or "templates" in folders.split("/")):
        return "template"
    return "yaml" if _YAML.fullmatch(name) or _RENOVATE.fullmatch(name) else ""


def is_renovate(place: str) -> bool:
    """Tell Renovate's own files by their names; they may hold comments."""
    return _RENOVATE.fullmatch(place.replace("\\", "/").rpartition("/")[2]) is not None


def of_document(node: Node, place: str) -> str:
    """Return the format of a YAML document: an object's is ``Kubernetes``; empty when it is none that we know."""
    if not isinstance(node, MapNode):
        return ""
    folders, _, name = place.replace("\\", "/").rpartition("/")
    known = identity(node)
    if name.lower() in ("kustomization.yaml", "kustomization.yml", "kustomization"):
        return "Kubernetes" if known is not None and known[0] not in ("", _KUSTOMIZE_GROUP) else KUSTOMIZATION
    if known is not None:
        return KUSTOMIZATION if known[0] == _KUSTOMIZE_GROUP else "Kubernetes"
    if is_renovate(place):
        return RENOVATE
    keys = {key.value for key, _ in node.items}
    if name == "package.json" and "renovate" in keys:
        return PACKAGE
    if folders.endswith(".github") and name.lower() in ("dependabot.yml", "dependabot.yaml"):
        return DEPENDABOT
    if "jobs" in keys and (folders.endswith(".github/workflows") or "on" in keys):
        return WORKFLOW
    if "runs" in keys and (name.lower() in ("action.yml", "action.yaml")):
        return ACTION
    if _COMPOSE.fullmatch(name) or _is_compose(node):
        return COMPOSE
    return HELM_VALUES if _VALUES.fullmatch(name) else ""


def is_template(node: Node) -> bool:
    """Tell whether a document is a template that happens to be YAML: ``image: {{ .Values.image }}`` is a mapping."""
    todo = [node]
    while todo:
        below = todo.pop()
        if isinstance(below, ListNode):
            todo += below.items
        elif isinstance(below, MapNode):
            for key, item in below.items:
                if key.style == "raw" and key.value.startswith("{"):
                    return True
                if not isinstance(item, Scalar):
                    todo.append(item)
    return False


def _is_compose(node: MapNode) -> bool:
    """Tell a Compose file of any name by a service with an image or a build; others may have neither (``extends``)."""
    services = node.get("services")
    return isinstance(services, MapNode) and any(
        isinstance(each, MapNode) and (each.get("image") or each.get("build")) for _, each in services.items
    )
