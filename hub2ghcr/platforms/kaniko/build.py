"""A build in a cluster, as it is declared: what the executor is told, and what its objects are called.

The flags are those of kaniko v1.24.0 (``cmd/executor/cmd/root.go``); the maintained fork has the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

EXECUTOR: Final = "gcr.io/kaniko-project/executor:v1.24.0-debug"
"""The image of the executor unless another is named: the last release, with a shell (``-debug``).

What is handed to a Pod is received by a shell, which the image without this suffix has not.
"""
ARCHIVED: Final = "kaniko-project/executor"
"""In the name of the archived executor's image, wherever it is copied to; forks have others."""
TIMEOUT: Final = 1800
"""Seconds that a build may take, from its start on."""
RECEIVED: Final = "/context/context.tar.gz"
"""Where in its Pod a context is that was handed over."""
DIGEST_FILE: Final = "/dev/termination-log"
"""Where the executor writes the pushed digest: what stands there is in the status of its Pod."""


HOW: Final = frozenset({"clone", "push", "timeout"})
"""What of a build is no part of what is built: who clones and pushes, and how long it may take."""


@dataclass(frozen=True, slots=True)
class Context:
    """Where the files of a build come from.

    ``git`` and ``url`` are fetched by the executor, ``archive`` (a ``.tar.gz``) and ``folder`` are handed to it from
    this machine. ``ref`` is that of a repository: ``refs/heads/main``, or a commit.
    """

    kind: Literal["git", "url", "archive", "folder"]
    where: str
    ref: str = ""

    @property
    def handed(self) -> bool:
        """Whether it is handed over from this machine."""
        return self.kind in ("archive", "folder")

    @property
    def flag(self) -> str:
        """What ``--context`` says; ``git://`` is kaniko's name for a clone over https."""
        if self.handed:
            return f"tar://{RECEIVED}"
        if self.kind == "url":
            return self.where
        place = self.where.removeprefix("https://")
        return f"git://{place}" + (f"#{self.ref}" if self.ref else "")


@dataclass(frozen=True, slots=True)
class Build:
    """One build.

    Attributes:
        name: its own, a DNS label.
        context: where its files come from.
        image: what it makes, without a tag: ``ghcr.io/acme/shop``.
        tags: under which it is pushed, at least one.
        push: the credential that pushes, by name.
        dockerfile: as seen from the context, or from ``sub_path`` in it.
        sub_path: the folder of the context that is built; empty for all of it.
        platform: ``linux/arm64``; empty for the node's own.
        args: build arguments. They stand in the Job for everybody who may read it.
        cache: the repository that keeps layers for the next build; empty for none.
        executor: the image that builds.
        service_account: that of the Pod; empty for ``default``, whose token is not mounted.
        resources: of the executor's container, as a pod spec has them.
        timeout: seconds.
        content: digest of a context that is handed over.
        clone: the credential that opens a private Git repository, by name; empty for a public one.
    """

    name: str
    context: Context
    image: str
    tags: tuple[str, ...]
    push: str = ""
    dockerfile: str = "Dockerfile"
    sub_path: str = ""
    platform: str = ""
    args: Mapping[str, str] = field(default_factory=dict)
    cache: str = ""
    executor: str = EXECUTOR
    service_account: str = ""
    resources: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    timeout: int = TIMEOUT
    content: str = ""
    clone: str = ""

    @property
    def destinations(self) -> tuple[str, ...]:
        """Where it is pushed to."""
        return tuple(f"{self.image}:{tag}" for tag in self.tags)

    @property
    def credentials(self) -> tuple[str, ...]:
        """The credentials that it uses, by name."""
        return tuple(filter(None, (self.push, self.clone)))

    @property
    def flags(self) -> tuple[str, ...]:
        """What the executor is told."""
        found = [f"--context={self.context.flag}", f"--dockerfile={self.dockerfile}"]
        found += [f"--context-sub-path={self.sub_path}"] if self.sub_path else []
        found += [f"--destination={each}" for each in self.destinations]
        found += [f"--custom-platform={self.platform}"] if self.platform else []
        found += [f"--build-arg={key}={value}" for key, value in sorted(self.args.items())]
        found += ["--cache=true", f"--cache-repo={self.cache}"] if self.cache else []
        return (*found, f"--digest-file={DIGEST_FILE}", "--log-format=text")

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Build:
        """Return one from its plain values, as `dataclasses.asdict` gives them."""
        # the engine keeps every number as a float, which an API server does not take
        whole = {"context": Context(**data["context"]), "tags": tuple(data["tags"]), "timeout": int(data["timeout"])}
        return cls(**{**data, **whole})

    def object_name(self, salt: str = "") -> str:
        """Return what its Job and its Secret are called: another name for whatever would be another build.

        ``salt`` sets apart runs that are to stand beside each other.
        """
        told = {key: value for key, value in asdict(self).items() if key not in HOW}
        digest = hashlib.sha256(json.dumps([told, salt], sort_keys=True).encode()).hexdigest()
        return f"{self.name[:52].rstrip('-')}-{digest[:10]}"
