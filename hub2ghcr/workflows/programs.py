"""Programs that work with images, as data: which of their arguments name some.

The kinds of arguments are roles of images (``push``, ``pull`` …), kinds of `hub2ghcr.workflows.fields`, and: ``maybe``
(an image if it has a slash), ``known push`` (nothing is said where all of it is unknown), ``transport …`` (behind
``docker://``), ``equals …`` (behind ``=``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

RUN: Final = frozenset(
    [
        "-d",
        "--detach",
        "-i",
        "--interactive",
        "-t",
        "--tty",
        "--rm",
        "--init",
        "--privileged",
        "-P",
        "--publish-all",
        "--read-only",
        "--no-healthcheck",
        "--oom-kill-disable",
        "--sig-proxy",
        "--disable-content-trust",
        "-q",
        "--quiet",
        "--replace",
    ]
)
"""Flags of ``docker run`` that take no value; behind the image all is the container's."""

_BUILD: Final = frozenset(
    [
        "--push",
        "--load",
        "--pull",
        "--no-cache",
        "--rm",
        "--force-rm",
        "--squash",
        "-q",
        "--quiet",
        "--compress",
        "-D",
        "--debug",
        "--check",
        "--layers",
    ]
)
_PLAIN: Final = frozenset(
    [
        "-a",
        "--all-tags",
        "--all",
        "-q",
        "--quiet",
        "--disable-content-trust",
        "-f",
        "--force",
        "--amend",
        "--insecure",
        "-p",
        "--purge",
        "-v",
        "--verbose",
        "--raw",
        "--append",
        "--dry-run",
        "--prefer-index",
        "--no-prune",
        "--yes",
        "-y",
        "-r",
        "--recursive",
        "--ignore-unfixed",
        "--no-progress",
    ]
)
_TAGS: Final = {"-t": "build", "--tag": "build", "--cache-from": "cache-from", "--cache-to": "cache-to"}
_OUTPUTS: Final = {"-o": "outputs", "--output": "outputs", "--build-context": "contexts"}


@dataclass(frozen=True, slots=True)
class Spec:
    """What the arguments of a command are.

    ``positions``: of those without a flag, the last one for all that follow; empty: none. ``flags``: values of flags.
    """

    positions: tuple[str, ...] = ()
    flags: tuple[tuple[str, str], ...] = ()
    booleans: frozenset[str] = _PLAIN


_BUILDS: Final = Spec((), tuple({**_TAGS, **_OUTPUTS}.items()), _BUILD)

DOCKER: Final[dict[str, Spec]] = {
    "build": _BUILDS,
    "bud": _BUILDS,
    "bake": Spec((), (("--set", "set"),), _BUILD),
    "tag": Spec(("held", "build")),
    "push": Spec(("push",)),
    "pull": Spec(("pull",)),
    "run": Spec(("pull", ""), booleans=RUN),
    "create": Spec(("pull", ""), booleans=RUN),
    "from": Spec(("pull", "")),
    "rmi": Spec(("held",)),
    "save": Spec(("held",)),
    "history": Spec(("held",)),
    "images": Spec(("held",)),
    **dict.fromkeys(("image rm", "image ls", "image history", "image save"), Spec(("held",))),
    "image inspect": Spec(("held",)),
    "inspect": Spec(("maybe",)),
    "manifest create": Spec(("known push",)),
    "manifest push": Spec(("push",)),
    "manifest annotate": Spec(("name",)),
    "manifest inspect": Spec(("name",)),
    "imagetools create": Spec(("known push",), (("-t", "push"), ("--tag", "push"))),
    "imagetools inspect": Spec(("name",)),
}
"""What the verbs of ``docker`` and programs like it take."""

PODMAN_PUSH: Final = Spec(("held", "transport push"))
"""``podman push`` with a source and a destination."""

BUILDERS: Final = frozenset(
    [
        "bazel",
        "earthly",
        "gradle",
        "gradlew",
        "just",
        "make",
        "mvn",
        "mvnw",
        "nix",
        "npm",
        "pack",
        "pnpm",
        "s2i",
        "skaffold",
        "task",
        "yarn",
    ]
)
"""Programs that may build images, and nobody sees which."""

OTHERS: Final[dict[str, dict[str, Spec]]] = {
    "skopeo": {
        "copy": Spec(("transport pull", "transport push")),
        "inspect": Spec(("transport name",)),
        "list-tags": Spec(("transport name",)),
    },
    "crane": {
        **dict.fromkeys(("copy", "cp"), Spec(("pull", "push"))),
        "push": Spec(("", "push")),
        "pull": Spec(("pull", "")),
        "tag": Spec(("push", "")),
        **dict.fromkeys(("digest", "manifest", "config", "ls", "validate", "export"), Spec(("name", ""))),
        "append": Spec((), (("-b", "pull"), ("--base", "pull"), ("-t", "push"), ("--new_tag", "push"))),
        "mutate": Spec(("name",), (("-t", "push"), ("--tag", "push"))),
    },
    "regctl": {"image copy": Spec(("pull", "push")), "image digest": Spec(("name", ""))},
    "oras": {"push": Spec(("push", "")), "pull": Spec(("pull",)), "cp": Spec(("pull", "push"))},
    "cosign": {
        **dict.fromkeys(("sign", "attest"), Spec(("push",))),
        **dict.fromkeys(("verify", "verify-attestation", "triangulate"), Spec(("name",))),
    },
    "trivy": {"image": Spec(("name",))},
    "executor": {"": Spec((), (("--destination", "push"), ("-d", "push"), ("--cache-repo", "push")))},
    "kubectl": {
        "set image": Spec(("", "equals name")),
        **dict.fromkeys(("run", "create deployment", "create job"), Spec((), (("--image", "name"),))),
    },
    "helm": {
        **dict.fromkeys(("upgrade", "install", "template"), Spec((), (("--set", "helm"), ("--set-string", "helm"))))
    },
}
"""Other programs, by verb."""

ALIKE: Final = frozenset({"docker", "podman", "nerdctl", "buildah"})
"""Programs with the verbs of ``docker``."""

GROUPS: Final = frozenset({"image", "container", "buildx", "builder"})
"""Words before a verb that change nothing in it: ``docker image push``."""

LOGINS: Final = {
    **dict.fromkeys((*ALIKE, "skopeo", "oras", "cosign"), ("login",)),
    "crane": ("auth", "login"),
    "helm": ("registry", "login"),
}
"""The verbs that sign in."""
