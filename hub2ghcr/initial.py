"""A user's own repository, begun from what a scan found: program, first stack file, pinned requirements.

The program imports the components that the wheel ships, so an upgrade is another version in ``requirements.txt``.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .errors import Hub2GhcrError, InvalidReference, SettingsError, raise_all
from .reference import GHCR, HUB, Reference
from .scanning import Row, Scan

_PROJECT: Final = """\
name: {name}
description: Moves what runs on Docker Hub images to GitHub Container Registry
runtime:
  name: python
  options:
    toolchain: pip
    virtualenv: .venv
stackConfigDir: stacks
"""

_PROGRAM: Final = '''\
"""The Pulumi program: everything it does is said in stacks/."""

from hub2ghcr_components.program import run

run()
'''

_STACK: Final = """\
# Stack {stack}. `hub2ghcr plan -s {stack}` reads this file and says what is missing; TODO marks what only you know.
config:
  pulumi:disable-default-providers:
    - kubernetes
    - github

  # prepare: copy images and write pull Secrets, switch nothing. cutover: switch the workloads.
  hub2ghcr:phase: prepare

  hub2ghcr:mapping:
{mapping}
  # TODO: a token with write:packages pushes, one with read:packages pulls in the clusters. Then set their values:
  #   hub2ghcr secret set ghcr-push -s {stack}
  #   hub2ghcr secret set ghcr-pull -s {stack}
  # hub2ghcr:registries:
  #   ghcr.io:
  #     push: ghcr-push
  # hub2ghcr:credentials:
  #   ghcr-push:
  #     username: {owner}
  #     secretKey: ghcrPushToken
  #   ghcr-pull:
  #     username: {owner}
  #     secretKey: ghcrPullToken

  # TODO: each cluster by its kubeconfig and context, and in which namespace each manifest belongs.
  # hub2ghcr:clusters:
  #   - name: {stack}
  #     kubeconfig: ${{KUBECONFIG}}
  #     context: TODO
  #     pull: ghcr-pull
  #     namespaces:
  #       TODO:
  #         manifests:
{manifests}"""

_WORKLOADS: Final = frozenset(
    {
        "CronJob",
        "DaemonSet",
        "Deployment",
        "Job",
        "Pod",
        "ReplicaSet",
        "ReplicationController",
        "StatefulSet",
    }
)


@dataclass(frozen=True, slots=True)
class File:
    """A file to write: ``path`` below the new repository's folder."""

    path: str
    text: str


def files(scan: Scan, owner: str, stack: str, version: str, project: str) -> tuple[File, ...]:
    """Return the files of a new repository.

    Args:
        scan: what is to be moved.
        owner: the GitHub owner that the packages belong to.
        stack: the name of the first stack.
        version: the version of hub2ghcr to pin.
        project: Pulumi's name of the project.

    Raises:
        Problems: an owner or a stack that cannot be.
    """
    problems: list[Hub2GhcrError] = []
    try:
        Reference.parse(f"{GHCR}/{owner.lower()}/x")
        sound = owner.replace("-", "").isalnum() and len(owner) <= 39
    except InvalidReference:
        sound = False
    if not sound:
        problems.append(SettingsError("not a GitHub owner's name", "--owner", owner, "letters, digits and '-'"))
    if not stack.isascii() or not stack.replace("-", "").replace("_", "").replace(".", "").isalnum():
        problems.append(SettingsError("not a stack's name", "--stack", stack, "letters, digits, '-', '_' and '.'"))
    raise_all(problems)
    text = _STACK.format(
        stack=stack,
        owner=owner,
        mapping="\n".join(_mapping(scan, owner.lower())) + "\n",
        manifests="".join(f"  #           - {file}\n" for file in _manifests(scan) or ("TODO",)),
    )
    return (
        File("Pulumi.yaml", _PROJECT.format(name=project)),
        File("__main__.py", _PROGRAM),
        File("requirements.txt", f"hub2ghcr=={version}\n"),
        File(f"stacks/Pulumi.{stack}.yaml", text),
    )


def write(files: tuple[File, ...], folder: Path) -> tuple[tuple[File, ...], tuple[File, ...]]:
    """Write the files that are not there, and return them and the others, which are left as they are.

    Raises:
        Problems: what cannot be written.
    """
    written: list[File] = []
    kept: list[File] = []
    problems: list[Hub2GhcrError] = []
    for file in files:
        path = folder / file.path
        if os.path.lexists(path):
            kept.append(file)
            continue
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(path, "x", encoding="utf-8") as opened:
                try:
                    opened.write(file.text)
                    opened.flush()
                except OSError:
                    path.unlink()
                    raise
        except OSError as error:
            problems.append(SettingsError(f"cannot be written: {error.strerror}", str(path)))
            continue
        written.append(file)
    raise_all(problems)
    return tuple(written), tuple(kept)


def _mapping(scan: Scan, owner: str) -> Iterator[str]:
    """Yield the lines of the mapping: a rule for each Docker Hub owner that was met, a to-do for each registry."""
    owners: Counter[str] = Counter()
    elsewhere: Counter[str] = Counter()
    for row in scan.rows:
        reference = _reference(row)
        if reference is None or row.state == "place":
            continue
        if reference.registry == HUB:
            owners[reference.repository.partition("/")[0]] += 1
        elif row.state == "other-registry":
            elsewhere[reference.registry] += 1
    if not owners:
        yield "    # TODO: no Docker Hub image was found. A rule looks like this:"
        yield "    #   - from: docker.io/library/*"
        yield f"    #     to: {GHCR}/{owner}/mirror/*"
        yield "    rules: []"
    else:
        yield "    # TODO: read these rules. `hub2ghcr scan -s` shows what each image becomes; exclude what shall stay."
        yield "    rules:"
    for name, count in sorted(owners.items()):
        where = "*" if name == owner else "mirror/*" if name == "library" else f"mirror/{name}/*"
        yield f"      - from: {HUB}/{name}/* # {count} {'reference' if count == 1 else 'references'}"
        yield f"        to: {GHCR}/{owner}/{where}"
    for host, count in sorted(elsewhere.items()):
        yield f"    # TODO: {count} on {host} stay, unless a rule claims them: from: {host}/*"
    yield "    # exclude:"
    yield f"    #   - match: {HUB}/library/TODO"
    yield "    #     reason: TODO"


def _reference(row: Row) -> Reference | None:
    try:
        return Reference.parse(row.text)
    except InvalidReference:
        return None


def _manifests(scan: Scan) -> list[str]:
    return sorted({row.place for row in scan.rows if row.kind in _WORKLOADS and row.place != "-"})
