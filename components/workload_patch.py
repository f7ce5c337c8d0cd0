"""The switch of one live workload: a server-side apply of the fields that move, under a field manager of ours.

A resource of ours, since pulumi-kubernetes' patches cannot do it (docs/adr/0006): one resource stands for a workload in
every phase, writes nothing before the first switch, takes fields from no manager that is not named, and goes back.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from hub2ghcr.owning import signed
from hub2ghcr.plan import Reach

from .provider_process import ReferencedProvider, reference_moved

if TYPE_CHECKING:
    from hub2ghcr.switching.patching import Switch


class WorkloadPatchProvider(ReferencedProvider):
    """Switches and goes back; ``mark`` stands for the object as it was last written, empty where it never was."""

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compare what is applied, in which the images stand, so that a preview shows each before and after.

        Where nothing else changed, look whether it is there: what somebody put back is switched by the next run.
        """
        from .drift import drifted

        replaces = [] if olds["cluster"] == news["cluster"] else ["cluster"]
        changed = bool(replaces) or any(olds.get(key) != news[key] for key in ("document", "switched"))
        changed = changed or bool(olds.get("unready")) != bool(news.get("unready"))
        changed = changed or reference_moved(olds, news)
        return DiffResult(changes=changed or drifted(news, lambda: not _stands(news)), replaces=replaces)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Switch; the object has to be there."""
        return CreateResult(_id_of(props), {**props, "mark": "" if props.get("unready") else _switched(props)})

    def update(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Switch, or go back."""
        mark = olds.get("mark") or "" if news.get("unready") else _switched(news)
        if mark != olds.get("mark"):
            _written.add(_id_of(news))
        return UpdateResult({**news, "mark": mark})

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Look; fields that somebody changed are seen, and the next run applies them again."""
        from hub2ghcr.switching.patching import as_live, switched

        from .cluster_access import cluster

        wanted = _switch(props)
        live = cluster(props).get(*wanted.key)
        if live is None:
            return ReadResult("", {})
        if not wanted.switched and not switched(live):
            return ReadResult(id_, dict(props))
        return ReadResult(id_, {**props, "document": as_live(props["document"], live)})


class WorkloadPatch(Resource, module="hub2ghcr", name="WorkloadPatch"):
    """The fields of one workload that move, and the name of their stack. When the resource goes they stay as they are.

    As long as ``unready`` tells why its images cannot be pulled, nothing is written.
    """

    mark: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        cluster: str,
        reach: Reach,
        document: Mapping[str, Any],
        switched: bool,
        take_from: Sequence[str] = (),
        recreate: bool = False,
        unready: pulumi.Input[Sequence[str]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        from .cluster_access import reaching

        props = {
            **reaching(cluster, reach),
            "document": signed(document, pulumi.get_stack()) if switched else dict(document),
            "switched": switched,
            "takeFrom": "\n".join(take_from),  # one text: the engine takes a list apart, once more for each workload
            "recreate": recreate,
            "unready": unready,
            "mark": None,
        }
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(retain_on_delete=True))
        super().__init__(WorkloadPatchProvider(), name, props, opts)


def written(id_: str) -> bool:
    """Whether this process has written to a workload that the state knew: its Pods with these images are all new."""
    return id_ in _written


def _switch(props: Mapping[str, Any]) -> "Switch":
    from hub2ghcr.switching.patching import Switch

    return Switch(props["document"], bool(props["switched"]), tuple(props["takeFrom"].splitlines()))


def _switched(props: Mapping[str, Any]) -> str:
    from hub2ghcr.switching.patching import switch
    from hub2ghcr.switching.recreating import recreate

    from .cluster_access import cluster

    return (recreate if props.get("recreate") else switch)(cluster(props), _switch(props))


def _stands(props: Mapping[str, Any]) -> bool:
    from hub2ghcr.switching import patching, recreating

    from .cluster_access import cluster

    wanted = _switch(props)
    live = cluster(props).get(*wanted.key)
    if props.get("recreate"):
        return recreating.stands(live, wanted) and not recreating.begun(cluster(props), wanted)
    return patching.stands(live, wanted)


def _id_of(props: Mapping[str, Any]) -> str:
    _, kind, namespace, name = _switch(props).key
    return f"{props['cluster']}/{namespace}/{kind}/{name}"


_written: set[str] = set()
