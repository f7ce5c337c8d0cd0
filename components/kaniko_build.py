"""An image that is built in a cluster by kaniko, and pushed to GHCR."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from hub2ghcr.plan import Reach
from hub2ghcr.platforms.kaniko.build import HOW, Build

from .provider_process import ReferencedProvider, reference_moved

if TYPE_CHECKING:
    from hub2ghcr.platforms.kaniko.building import Site

_WHERE = ("cluster", "namespace")


@dataclass
class KanikoBuildArgs:
    """The cluster and how it is reached, the namespace of the Job, and what is built."""

    cluster: str
    reach: Reach
    namespace: str
    build: Build


class KanikoBuildProvider(ReferencedProvider):
    """Builds when something is new: the declaration, or the content of a context from this machine."""

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compare what was built; how the cluster is reached is no part of it, nor is `HOW`."""
        replaces = [key for key in _WHERE if olds.get(key) != news[key]]
        changed = _built(olds) != _built(news)
        return DiffResult(changes=bool(replaces) or changed or reference_moved(olds, news), replaces=replaces)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Build it."""
        return CreateResult(f"{props['cluster']}/{props['namespace']}/{props['build']['name']}", _build(props))

    def update(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Build it again, unless only what is no part of it has changed."""
        if _built(olds) == _built(news) and olds.get("digest"):
            return UpdateResult({**news, "digest": olds["digest"]})
        return UpdateResult(_build(news))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Change nothing: what was pushed then was proven then."""
        return ReadResult(id_, dict(props))

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        """Remove the Job, if it is still there with its log; the image stays."""
        from .cluster_access import cluster

        cluster(props).delete("batch/v1", "Job", props["namespace"], _of(props).object_name())


class KanikoBuild(Resource, module="hub2ghcr", name="KanikoBuild"):
    """One image, built and pushed: ``digest`` is what the Job told, and what the registry holds.

    Leaving it leaves the image. The context of a folder or an archive is read when the program runs, and again when it
    is handed over.
    """

    digest: pulumi.Output[str]

    def __init__(self, name: str, args: KanikoBuildArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        from hub2ghcr.platforms.kaniko.local import ready

        from .cluster_access import reaching

        with ready(args.build, Path.cwd()) as made:
            build = asdict(made.build)
        props = {**reaching(args.cluster, args.reach), "namespace": args.namespace, "build": build, "digest": None}
        super().__init__(KanikoBuildProvider(), name, props, opts)


def _built(props: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in (props.get("build") or {}).items() if key not in HOW}


def _of(props: Mapping[str, Any]) -> Build:
    return Build.of(props["build"])


def _build(props: dict[str, Any]) -> dict[str, Any]:
    from hub2ghcr.errors import SettingsError
    from hub2ghcr.platforms.kaniko.building import build
    from hub2ghcr.platforms.kaniko.local import ready

    wanted = _of(props)
    with ready(wanted, Path.cwd()) as made:
        if made.build.content != wanted.content:
            raise SettingsError("changed while the run went on", wanted.context.where, remedy="run it again")
        # the Job stays with its log until its time is over; what it pushed with does not
        digest = build(wanted, _site(wanted, props), made.archive, keep=True).digest
    return {**props, "digest": digest}


def _site(wanted: Build, props: Mapping[str, Any]) -> "Site":
    from hub2ghcr.platforms.kaniko.building import Site

    from .cluster_access import cluster
    from .registry_access import credential, pusher

    push = credential(wanted.push)
    registry = pusher(wanted.image.partition("/")[0], push)
    clone = credential(wanted.clone) if wanted.clone else None
    return Site(cluster(props), props["namespace"], registry, push, _unheard, clone)


def _unheard(_: str) -> None:
    """Let a line of the log go: a provider has nobody to tell, and the Job keeps it."""
