"""Which platforms a cluster, or a tree of files, is one of. Nothing is asked here: what is known is looked at.

Sources of the signs: the Node objects as each platform writes them (k3s and RKE2: the suffix of their releases and
``providerID``; EKS, GKE and AKS: their pages on labels of nodes, and the suffix of their kubelets' versions; MicroK8s:
the label of its kubelet's arguments; OpenShift: its page "Nodes"), and each project's API groups and annotations.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ..owning import PROJECT
from ..places.formats import is_renovate
from .platform import Platform, platform

LABELS: Final = {
    "microk8s.io/cluster": "MicroK8s",
    "eks.amazonaws.com/nodegroup": "EKS",
    "eks.amazonaws.com/compute-type": "EKS",
    "cloud.google.com/gke-nodepool": "GKE",
    "kubernetes.azure.com/cluster": "AKS",
    "node.openshift.io/os_id": "OpenShift",
}
"""Labels of nodes."""

VERSIONS: Final = (
    (re.compile(r"\+k3s\d"), "k3s"),
    (re.compile(r"\+rke2r\d"), "RKE2"),
    (re.compile(r"-eks-"), "EKS"),
    (re.compile(r"-gke\."), "GKE"),
)
"""Ends of kubelets' versions."""

RUNTIMES: Final = (
    (re.compile(r"containerd://1\."), "containerd 1.x"),
    (re.compile(r"containerd://2\."), "containerd 2.x"),
)
"""Runtimes of nodes."""

PROVIDERS: Final = {"k3s": "k3s", "rke2": "RKE2"}
"""Schemes of ``providerID``; those of clouds (``aws``, ``gce``, ``azure``) are self-made clusters', too."""

GROUPS: Final = {
    "argocd-image-updater.argoproj.io": "Argo CD Image Updater",
    "config.openshift.io": "OpenShift",
    "image.toolkit.fluxcd.io": "Flux image automation",
    "kustomize.toolkit.fluxcd.io": "Flux",
    "helm.toolkit.fluxcd.io": "Flux",
    "source.toolkit.fluxcd.io": "Flux",
    "management.cattle.io": "Rancher",
    "project.cattle.io": "Rancher",
}
"""API groups, of a cluster and of documents."""

_DOCUMENT_GROUPS: Final = GROUPS | {
    "apps.openshift.io": "OpenShift",
    "build.openshift.io": "OpenShift",
    "image.openshift.io": "OpenShift",
    "operator.openshift.io": "OpenShift",
    "route.openshift.io": "OpenShift",
}
_KINDS: Final = {("argoproj.io", kind): "Argo CD" for kind in ("AppProject", "Application", "ApplicationSet")}
"""Argo's other projects have kinds in the same group."""

_KEYS: Final = {PROJECT: "Rancher", "argocd-image-updater.argoproj.io/image-list": "Argo CD Image Updater"}

_IMAGES: Final = (
    (re.compile(r"(?:[^/]+/)*kaniko[\w.-]*(?:[/:@].*)?"), "kaniko"),
    (re.compile(r"(?:localhost|127\.0\.0\.1):32000/.*"), "MicroK8s"),
)
_DEPENDABOT: Final = re.compile(r"(?:^|/)\.github/dependabot\.ya?ml\Z", re.IGNORECASE)
_WORDS: Final = re.compile(
    b"|".join(re.escape(each.encode()) for each in (*_KEYS, *_DOCUMENT_GROUPS, "argoproj.io/", '"$imagepolicy"'))
)
_API_VERSION: Final = re.compile(rb"(?:^|[\s{,-])[\"']?apiVersion[\"']?[ \t]*:[ \t]*[\"']?\Z")
_KIND: Final = re.compile(rb"(?:^|[\s{,-])[\"']?kind[\"']?[ \t]*:[ \t]*[\"']?([A-Za-z]+)")
_NEAR: Final = 200
"""Bytes behind an apiVersion, or before it, in which its kind stands."""


def of_cluster(
    nodes: Iterable[Mapping[str, Any]], groups: Iterable[str], namespaces: Iterable[Mapping[str, Any]] = ()
) -> tuple[Platform, ...]:
    """Return the platforms of a cluster, sorted.

    Args:
        nodes: its Nodes.
        groups: the API groups that it serves.
        namespaces: its Namespaces, as far as they may be listed.
    """
    found: dict[str, list[str]] = {}
    for node in nodes:
        name = (node.get("metadata") or {}).get("name") or ""
        for known, sign in dict(of_node(node)).items():
            found.setdefault(known, []).append(f"Node {name}: {sign}")
    for group in sorted(groups):
        if group in GROUPS:
            found.setdefault(GROUPS[group], []).append(f"API group {group}")
        elif group == "argoproj.io":
            found.setdefault("Argo CD", []).append(f"API group {group}, which Argo's other projects share")
    for namespace in namespaces:
        metadata = namespace.get("metadata") or {}
        if PROJECT in (metadata.get("annotations") or {}):
            found.setdefault("Rancher", []).append(f"annotation {PROJECT} of Namespace {metadata.get('name')}")
    return recognised(found)


def of_node(node: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the platforms that a Node tells of, each with its sign; the plainest sign comes last."""
    metadata, spec = node.get("metadata") or {}, node.get("spec") or {}
    info = (node.get("status") or {}).get("nodeInfo") or {}
    provider = str(spec.get("providerID") or "")
    if (known := PROVIDERS.get(provider.partition("://")[0])) is not None:
        yield known, f"providerID {provider}"
    for key, signs in (("containerRuntimeVersion", RUNTIMES), ("kubeletVersion", VERSIONS)):
        said = str(info.get(key) or "")
        yield from ((name, f"{key} {said}") for sign, name in signs if sign.search(said))
    yield from ((name, f"label {label}") for label, name in LABELS.items() if label in (metadata.get("labels") or {}))


def of_file(data: bytes) -> Iterator[tuple[str, int]]:
    """Yield the platforms that the documents of a file are for, each with a line; comments do not count."""
    line, counted = 1, 0
    for word in _WORDS.finditer(data):
        before = data[max(0, word.start() - _NEAR) : word.start()].rpartition(b"\n")[2]
        said = word[0].decode()
        line, counted = line + data.count(b"\n", counted, word.start()), word.start()
        known: str | None = None
        if said == '"$imagepolicy"':
            known = "Flux image automation" if b"#" in before else None
        elif b"#" in before:
            continue
        elif said in _KEYS:
            known = _KEYS[said] if data[word.end() : word.end() + 2].lstrip(b"\"'").startswith(b":") else None
        elif _API_VERSION.search(before):
            known = _DOCUMENT_GROUPS.get(said) or _of_kind(data, word.start())
        if known is not None:
            yield known, line


def of_place(place: str, data: bytes) -> str | None:
    """Return the updater whose configuration a file is by its name, None for none; of Dependabot's, that of images."""
    if is_renovate(place):
        return "Renovate"
    return "Dependabot" if _DEPENDABOT.search(place) and b"docker" in data else None


def of_image(text: str) -> str | None:
    """Return the platform that an image's name tells of, None for none."""
    return next((name for sign, name in _IMAGES if sign.fullmatch(text)), None)


def recognised(found: Mapping[str, list[str]]) -> tuple[Platform, ...]:
    """Return platforms by what tells of each: its first piece, and how many more there are."""
    return tuple(
        platform(name, signs[0] + (f", and {len(signs) - 1} more" if len(signs) > 1 else ""))
        for name, signs in sorted(found.items(), key=lambda item: (item[0].lower(), item[0]))
    )


def _of_kind(data: bytes, begin: int) -> str | None:
    end, start = data.find(b"\n---", begin, begin + _NEAR), data.rfind(b"\n---", max(0, begin - _NEAR), begin)
    behind = _KIND.search(data, begin, begin + _NEAR if end < 0 else end)
    before = [*_KIND.finditer(data, max(0, begin - _NEAR, start), begin)]
    found = behind or (before[-1] if before else None)
    return _KINDS.get(("argoproj.io", found[1].decode())) if found else None
