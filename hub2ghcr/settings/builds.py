"""The keys below ``builds`` of a namespace: images that are built in the cluster, by kaniko."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from ..errors import InvalidReference
from ..reference import Reference
from .fields import InsidePath, Model, Name, ObjectName, Platform, Text, matching


def _image(value: str) -> str:
    try:
        found = Reference.parse(value)
    except InvalidReference as error:
        raise ValueError(f"must be an image's name: {error.what}") from None
    if found.tag or found.digest:
        raise ValueError("must be an image's name without tag and digest: those go into `tags`")
    if found.canonical != value:
        raise ValueError(f"must be a whole name such as ghcr.io/acme/shop; it means {found.canonical}")
    return value


def _git(value: str) -> str:
    if not re.fullmatch(r"https://[^/\s@?#]+/[^\s?#]+", value):
        raise ValueError("must be an https:// URL without user or password, such as https://github.com/acme/shop.git")
    return value


_SIGNED: Final = re.compile(r"(?i)[?&;][^=&;]*(sig|token|key|secret|credential|password|auth)[^=&;]*=")
"""What signs a URL: AWS's ``X-Amz-Signature``, Google's ``X-Goog-Signature``, Azure's ``sig``; and tokens."""


def _archive(value: str) -> str:
    name = value.partition("?")[0]
    if not name.endswith((".tar.gz", ".tgz")):
        raise ValueError("must be a .tar.gz: a file inside the project's folder, or an https:// URL")
    if "://" not in value and (value.startswith(("/", "~")) or ".." in value.split("/")):
        raise ValueError("must be a file inside the project's folder, or an https:// URL")
    if "://" in value and not re.fullmatch(r"https://[^/\s@#]+/[^\s#]+", value):
        raise ValueError("must be an https:// URL without user or password")
    if _SIGNED.search(value):
        raise ValueError("must be a URL without a signature or token: whoever may read the Job could read it")
    return value


ImageName = Annotated[str, AfterValidator(_image)]
Tag = Annotated[str, matching(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", "a tag: letters, digits, '_', '.' and '-'")]
GitRef = Annotated[
    str, matching(r"refs/[\w./-]+|[0-9a-f]{40}|[0-9a-f]{64}", "refs/heads/BRANCH, refs/tags/TAG or a whole commit")
]
BuildName = Annotated[str, matching(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?", "lower case, digits and '-', at most 63")]
Amounts = dict[Text, Text]


class ContextSettings(Model):
    """Where the files of a build come from: a ``git`` repository with its ``ref``, an ``archive`` or a ``folder``.

    ``credential`` opens a private repository.
    """

    git: Annotated[str, AfterValidator(_git)] | None = None
    ref: GitRef | None = None
    credential: Name | None = None
    archive: Annotated[str, AfterValidator(_archive)] | None = None
    folder: InsidePath | None = None


class BuildSettings(Model):
    """One image that is built in the cluster.

    ``image`` is pushed under all ``tags``, with ``pushCredential`` (None: what pushes to its registry). ``args`` are
    build arguments, which anyone can read who may read the Job. ``cache`` is a repository that keeps layers.
    ``executor`` is the image of kaniko (None: its last release); a context from this machine needs one with a
    shell. ``resources`` are those of the executor's container.
    """

    context: ContextSettings
    image: ImageName
    tags: Annotated[tuple[Tag, ...], Field(min_length=1)]
    dockerfile: InsidePath = "Dockerfile"
    subPath: InsidePath | None = None
    platform: Platform | None = None
    args: dict[Text, str] = Field(default_factory=dict)
    cache: ImageName | None = None
    executor: Text | None = None
    pushCredential: Name | None = None
    serviceAccount: ObjectName | None = None
    resources: dict[Literal["limits", "requests"], Amounts] = Field(default_factory=dict)
    timeoutSeconds: Annotated[int, Field(ge=1)] = 1800
