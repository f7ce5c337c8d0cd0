"""What a stack does to a whole OpenShift cluster: entries of its global pull secret, mirror sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..credential_ref import CredentialRef
from ..errors import Hub2GhcrError
from ..platforms.openshift import Opens, OpenShift
from ..platforms.openshift.mirror_rules import mirror_rules, unsayable
from ..settings import ClusterSettings, Settings
from .access import is_hub
from .guards import guard_name
from .nouns import Cluster


def openshift_of(
    settings: Settings,
    cluster: ClusterSettings,
    credentials: Mapping[str, CredentialRef],
    problems: list[Hub2GhcrError],
) -> OpenShift | None:
    """Return it, None where the settings say nothing of it; what mirrors cannot say is added to the problems."""
    wanted = cluster.openshift
    if wanted is None:
        return None
    asked = wanted.globalPullSecret
    opens = {settings.home: asked} if isinstance(asked, str) else dict(asked or {})
    mapping = settings.image_mapping
    sets = tuple(sorted(set(wanted.mirrorSets)))
    if sets:
        at = f"cluster {cluster.name}: openshift.mirrorSets"
        problems += (each.at(at) for each in unsayable(mapping, sets, wanted.sourcePolicy))
    sealed = settings.phase == "seal"
    return OpenShift(
        settings.stack,
        guard_name(settings.stack),
        tuple(
            Opens(host, name, credentials[name].username)
            for host, name in sorted(opens.items())
            if not (sealed and is_hub(host, settings))
        ),
        sets,
        mirror_rules(mapping) if sets else (),
        wanted.sourcePolicy if sealed else "AllowContactingSource",
        settings.phase != "prepare",
        settings.phase != "prepare",
        bool(opens),
    )


def cautions(cluster: Cluster, version: str) -> Iterator[str]:
    """Yield what OpenShift does to the nodes of a cluster, and what its mirrors cannot pull.

    ``version`` is that of Kubernetes, as the inventory knows it; empty where it does not.
    """
    wanted, at = cluster.openshift, f"cluster {cluster.name}, openshift"
    if wanted is None:
        return
    if wanted.opens and _before_4_8(version):
        yield f"{at}: versions before 4.7.4 drain and restart every node when the global pull secret changes"
    if wanted.sets:
        yield (
            f"{at}: nodes are drained and restarted, one after the other, when an ImageTagMirrorSet comes,"
            " and when a mirror set of either kind changes or goes"
        )
    private = any(not pull.public for namespace in cluster.namespaces for pull in namespace.pulls)
    closed = {rule.mirror.partition("/")[0] for rule in wanted.rules} - {each.host for each in wanted.opens}
    if closed and private:
        hosts = ", ".join(sorted(closed))
        yield f"{at}: from mirrors nodes pull with the global pull secret alone: name {hosts} in `globalPullSecret`"


def _before_4_8(version: str) -> bool:
    """Whether it may be older than OpenShift 4.8, which is Kubernetes 1.21."""
    major, _, rest = version.removeprefix("v").partition(".")
    minor = rest.partition(".")[0]
    return not (major.isdecimal() and minor.isdecimal()) or (int(major), int(minor)) < (1, 21)
