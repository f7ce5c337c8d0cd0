"""Charts, rendered by ``helm template``."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from .. import manifests
from ..errors import Hub2GhcrError, ManifestError, Problems, raise_all
from ..manifests import Document
from ..places import Places
from . import inputs
from .entry import Helm, Source
from .kept import kept
from .program import run

_SOURCE: Final = re.compile(r"^---\n# Source: [^/\n]+/(.+)\n", re.MULTILINE)
"""What stands before each document that Helm renders: the chart's name, and the template's path in it."""

_UNVENDORED: Final = "missing in charts/ directory"


def files(entry: Helm, root: Path) -> tuple[str, ...]:
    """Return all that goes into a chart's rendering; nothing is rendered.

    Raises:
        ManifestError, Problems: there is no chart, or a values file is missing.
    """
    return (*_files(os.path.normpath(entry.path), root), *_values(entry, root))


def load(entry: Helm, root: Path, places: Places, namespace: str, version: str = "") -> Source:
    """Render a chart for a release in a namespace.

    Args:
        entry: chart, release and values.
        root: the project's folder.
        places: rows that settings add to the table of places.
        namespace: what templates know as ``.Release.Namespace``.
        version: the cluster's version, which templates may ask for (default: that of Helm's own release).

    Raises:
        ManifestError, Problems: it cannot be rendered, needs the network, or gives no Kubernetes objects.
    """
    chart = os.path.normpath(entry.path)
    used = files(entry, root)
    digest = inputs.digest(root, used)
    flags = ["template", f"--namespace={namespace}", *(f"--values=./{each}" for each in entry.values)]
    flags += [f"--kube-version={version}"] if version else []
    arguments = (*flags, "--", entry.release, f"./{chart}")
    try:
        text = run("helm", arguments, root, chart, f"see `helm template {chart}`", digest)
    except ManifestError as error:
        if _UNVENDORED not in error.what:
            raise
        remedy = f"a rendering asks no network: run `helm dependency build {chart}`, and keep charts/ in the project"
        raise ManifestError(error.what, error.path, remedy=remedy) from None
    problems: list[Hub2GhcrError] = []
    documents: list[Document] = []
    parts = _SOURCE.split(text)
    for template, content in zip(parts[1::2], parts[2::2], strict=True):
        try:
            documents += manifests.parse(content, f"{chart} ({template})", places)
        except (ManifestError, Problems) as error:
            problems.append(error)
    raise_all(problems)
    found, notes = kept(documents, chart, "helm")
    return Source(entry.path, "helm", entry.release, used, digest, found, notes)


def _files(chart: str, root: Path) -> tuple[str, ...]:
    if (root / chart / "Chart.yaml").is_file():
        return tuple(inputs.below(root, chart, hidden=True))  # .helmignore, say
    if chart.endswith(".tgz") and (root / chart).is_file():
        return (chart,)
    remedy = "a chart is a folder with Chart.yaml, or a .tgz, in the project: `helm pull` it first"
    raise ManifestError("no chart", chart, remedy=remedy)


def _values(entry: Helm, root: Path) -> tuple[str, ...]:
    raise_all(
        ManifestError("no such values file", f"{entry.path}: values", each, "paths start at the project's folder")
        for each in entry.values
        if not (root / each).is_file()
    )
    return entry.values
