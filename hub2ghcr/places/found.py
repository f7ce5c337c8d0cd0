"""What was found: one image, or one remark, with the bytes that say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..source import Scalar

Why = Literal[
    "", "templated", "elsewhere", "uncovered", "not-an-image", "not-a-string", "pull-secret", "updater", "build"
]
"""Why something is reported and never edited: a short, stable word beside the sentence of `Found.note`.

``templated``: variables or a template decide it. ``elsewhere``: another place decides, or must change with it.
``uncovered``: looks like a Docker Hub image, and no row of the table knows the place. ``pull-secret``: a remark on pull
Secrets. ``updater``: a remark on what moves images by itself. ``build``: a remark on a build inside the cluster.
"""


@dataclass(frozen=True, slots=True)
class Found:
    """One image of a file, or a remark on pull Secrets, updaters and builds.

    Attributes:
        document: index of the document in the file.
        kind: what holds it: ``Deployment``, ``Dockerfile``, ``Compose``, ``Helm values`` …
        name: the object's name, the service, the build stage; empty when it has none.
        field: ``spec.template.spec.containers[0].image``, ``FROM``, ``services.web.image`` …
        text: the reference as composed of its parts, as its author spelled it; empty for a remark without an image.
        parts: the scalars that say it, each with its role: ``image`` | ``registry`` ``repository`` ``tag`` ``digest`` |
            ``name`` ``newName`` ``newTag`` ``digest`` (kustomize) | ``override`` (``old=new:tag``) | ``argument`` (an
            ARG that has a share in it) | ``url`` (where it is looked up) | ``remark``.
        note: empty, or why it must not be edited. What has a note is reported and never edited.
        why: ``note`` as one stable word.
        name_only: its tag is said elsewhere (a variable, the chart's appVersion) or it only selects images
            (kustomize's ``name``): the name may change, but no digest can be pinned here.
        updater: who writes its tag, or follows it there, empty for nobody: its name may change, and no digest is
            written beside the tag.
        prefix: what stands before the reference in the scalar of its one part: ``docker://``, ``--image=``.
        pushed: a build pushes it: its name may change, and nothing of it is locked or copied.
    """

    document: int
    kind: str
    name: str
    field: str
    text: str
    parts: tuple[tuple[str, Scalar], ...]
    note: str = ""
    why: Why = ""
    name_only: bool = False
    prefix: str = ""
    updater: str = ""
    pushed: bool = False
