"""Whether a namespace can pull its images, with the very Secret that lies there: proven before a workload needs it.

The Secret is read back from the cluster, decoded as the kubelet does it, compared with what should have been written,
and every image is asked for with what it holds. No value of it leaves this process.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from hub2ghcr.plan import Pull, Reach

from .provider_process import ReferencedProvider, reference_moved

if TYPE_CHECKING:
    from hub2ghcr.credentials import Credential
    from hub2ghcr.credentials.keyring import Entry
    from hub2ghcr.pull_secrets.pulling import Puller

_WHERE = ("cluster", "namespace")
_PROVEN = ("secret", "secretVersion", "credentials", "images", "project")


class PullCheckProvider(ReferencedProvider):
    """Proves when something is new: an image, a Secret, a workload that is about to be switched.

    What only leaves, as on the way back, needs no proof, and no registry that answers.
    """

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compare what was proven and for whom; how the cluster is reached is no part of it."""
        replaces = [key for key in _WHERE if olds.get(key) != news[key]]
        changed = any(olds.get(key) != news.get(key) for key in (*_PROVEN, "switches")) or bool(olds.get("unready"))
        return DiffResult(changes=bool(replaces) or changed or reference_moved(olds, news), replaces=replaces)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Prove all of it."""
        return CreateResult(f"{props['cluster']}/{props['namespace']}", {**props, "unready": _unready(props)})

    def update(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Prove all of it again, unless workloads leave and none comes."""
        before, after = set(olds.get("switches") or ()), set(news.get("switches") or ())
        leaving = before > after and (not after or olds.get("images") == news["images"])
        return UpdateResult({**news, "unready": [] if leaving else _unready(news)})

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Change nothing: what was true then was proven then."""
        return ReadResult(id_, dict(props))


class PullCheck(Resource, module="hub2ghcr", name="PullCheck"):
    """The proof for images of one namespace; what is switched to them depends on it.

    ``secret`` is the pull Secret's name and ``credentials`` what it should hold: registry host -> name of a credential;
    None where images are pulled by anyone; with ``project`` it is Rancher's copy of that project's, and waited for.
    ``secret_version`` changes whenever the Secret does. ``switches`` names the
    workloads that run on these images from now on. With ``skips`` it does not fail: ``unready`` tells why it would.
    """

    unready: pulumi.Output[list[str]]

    def __init__(
        self,
        name: str,
        *,
        cluster: str,
        reach: Reach,
        namespace: str,
        images: Sequence[Pull],
        switches: Sequence[str] = (),
        secret: str | None = None,
        secret_version: pulumi.Input[str] | None = None,
        credentials: Mapping[str, str] | None = None,
        project: str = "",
        skips: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        from .cluster_access import reaching

        listed = [
            {"target": each.target, "digest": each.digest, "platforms": list(each.platforms), "public": each.public}
            for each in sorted(images, key=lambda each: each.target)
        ]
        props = {
            **reaching(cluster, reach),
            "namespace": namespace,
            "secret": secret,
            "secretVersion": secret_version,
            "credentials": dict(credentials or {}),
            "images": listed,
            "switches": sorted(switches),
            "skips": skips,
            "unready": None,
        }
        if project:
            props["project"] = project
        super().__init__(PullCheckProvider(), name, props, opts)


@cache
def puller() -> "Puller":
    """Return the one that asks in this process: the same credential and image are asked about once in a run."""
    from hub2ghcr.pull_secrets.pulling import Puller

    from .registry_access import reader

    return Puller(reader)


def _unready(props: Mapping[str, Any]) -> list[str]:
    """Return why the images cannot be pulled, where that is no failure."""
    from hub2ghcr.errors import Hub2GhcrError

    try:
        _prove(props)
    except Hub2GhcrError as error:
        if not props.get("skips"):
            raise
        return list(error.lines)
    return []


def _prove(props: Mapping[str, Any]) -> None:
    from hub2ghcr.errors import ClusterError, Hub2GhcrError, raise_all
    from hub2ghcr.pull_secrets import secret as pull_secret
    from hub2ghcr.pull_secrets.pulling import Image, differences, pull_with

    from .registry_access import credentials

    place = f"cluster {props['cluster']}, namespace {props['namespace']}"
    problems: list[Hub2GhcrError] = []
    found: Mapping[str, Entry] = {}
    if props.get("secret"):
        wanted = credentials(props.get("credentials") or {})
        secret = _copy(props, wanted) if props.get("project") else _own(props, place)
        found = pull_secret.read(secret, place).entries
        remedy = "somebody else writes it: end that, then `pulumi refresh` and `pulumi up`"
        at = f"{place}: Secret {props['secret']}"
        problems += [ClusterError(each, at, remedy=remedy) for each in differences(found, wanted)]
    for each in props["images"]:
        image = Image(each["target"], each["digest"], tuple(each.get("platforms") or ()))
        try:
            # workloads of public images alone list no Secret: what they need is that anyone can pull
            pull_with(puller(), image, {} if each.get("public") else found)
        except Hub2GhcrError as error:
            problems.append(error.at(place))
    raise_all(problems)


def _own(props: Mapping[str, Any], place: str) -> Mapping[str, Any]:
    from hub2ghcr.errors import ClusterError

    from .cluster_access import cluster

    secret = cluster(props).get("v1", "Secret", props["namespace"], props["secret"])
    if secret is None:
        remedy = "`pulumi refresh`, then `pulumi up` writes it anew"
        raise ClusterError(f"Secret {props['secret']} is not there", place, remedy=remedy)
    return secret


def _copy(props: Mapping[str, Any], wanted: "Mapping[str, Credential]") -> Mapping[str, Any]:
    from hub2ghcr.platforms.rancher.awaiting import awaited, not_copied

    from .cluster_access import cluster

    secret = awaited(cluster(props), props["namespace"], props["secret"], wanted)
    if secret is None:
        raise not_copied(props["cluster"], props["namespace"], props["secret"], props["project"])
    return secret
