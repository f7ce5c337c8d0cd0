"""The mirrors of one cluster's nodes, from the mapping."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..credential_ref import CredentialRef
from ..errors import Hub2GhcrError, MappingError, SettingsError
from ..mapping import Mapped
from ..platforms.containerd import NodeMirror
from ..platforms.containerd.mirror import FOLDERS, READ_AT_START
from ..platforms.containerd.routing import routes
from ..reference import GHCR, endpoint_of
from ..settings import ClusterSettings, Settings
from .nouns import Namespace

SCOPES = "https://github.com/containerd/containerd/issues/9648"


def node_mirror_of(
    settings: Settings,
    cluster: ClusterSettings,
    credentials: Mapping[str, CredentialRef],
    problems: list[Hub2GhcrError],
) -> NodeMirror | None:
    """Return what a cluster's nodes are to pull from GHCR, None where nothing is said of it; problems are added."""
    wanted = cluster.nodeMirror
    if wanted is None:
        return None

    def endpoint(host: str) -> str:
        declared = settings.registries.get(host)
        return (declared.endpoint if declared else None) or endpoint_of(host)

    try:
        found = routes(
            settings.image_mapping,
            endpoint,
            wanted.layout,
            fallback=wanted.fallback,
            same_names=wanted.sameNames,
        )
    except Hub2GhcrError as error:
        problems.append(error.at(f"cluster {cluster.name}: nodeMirror"))
        return None
    if not found:
        remedy = "add one, such as from docker.io/* to ghcr.io/OWNER/mirror/*"
        problems.append(SettingsError("there is no mapping rule", f"cluster {cluster.name}: nodeMirror", remedy=remedy))
    return NodeMirror(
        wanted.layout,
        wanted.version,
        wanted.folder or FOLDERS[wanted.layout],
        wanted.delivery,
        settings.phase != "prepare",
        wanted.fallback,
        found,
        credentials[wanted.credential] if wanted.credential else None,
        _image(wanted.image or "", settings, f"cluster {cluster.name}: nodeMirror.image", problems),
        wanted.namespace,
        wanted.pullSecret or "",
        cluster.rollOutSeconds,
    )


def _image(text: str, settings: Settings, place: str, problems: list[Hub2GhcrError]) -> str:
    """Return what the DaemonSet runs, as it is written; one that nodes would pull from where images leave is refused.

    Nothing switches it, and no guard looks at it: it would be asked of Docker Hub by every node that comes.
    """
    if not text:
        return text
    try:
        found = settings.image_mapping.decide_text(text)
    except MappingError as error:
        problems.append(error.at(place))
        return text
    if isinstance(found, Mapped):
        what = f"every node would pull it from {found.source.registry}"
        problems.append(SettingsError(what, place, text, f"name its copy, {found.target}"))
    elif found.kind in ("uncovered", "templated", "not-an-image"):
        problems.append(SettingsError(found.reason, place, text, "name an image with sh that is on GHCR"))
    return text


def mirror_warnings(
    settings: Settings, cluster: str, mirror: NodeMirror, namespaces: tuple[Namespace, ...]
) -> Iterator[str]:
    """Yield what is worth a line of a cluster's mirrors."""
    place = f"cluster {cluster}: nodeMirror"
    if mirror.delivery == "files":
        yield f"{place}: a run writes nothing on nodes: `hub2ghcr nodes -s {settings.stack}` gives the files"
    if settings.phase == "seal" and mirror.fallback:
        asked = " and ".join(each.registry for each in mirror.routes)
        yield f"{place}: in phase seal nodes still ask {asked} for what GHCR does not have: `fallback: false` ends it"
    private = sorted({each.target for namespace in namespaces for each in namespace.pulls if not each.public})
    if mirror.login is None and private:
        which = private[0] if len(private) == 1 else f"{len(private)} images ({private[0]} …)"
        yield (
            f"{place}: nodes ask as nobody, and no rule says `public: true` of {which}:"
            " make the packages public, or name a `credential`"
        )
    asks = [each for each in mirror.routes if each.home == GHCR]
    if mirror.layout in READ_AT_START and asks:
        yield (
            f"{place}: needs the containerd of {mirror.layout} from 1.7.23-k3s1 on: an older one asks GHCR for a token"
            " of the old name, too, and is refused"
        )
    elif mirror.login and any(each.path for each in asks):
        yield (
            f"{place}: a containerd that asks GHCR for a token of the old name, too, may be refused ({SCOPES}):"
            " try one node first; public packages, or the same names there, need no such token"
        )
    if mirror.login or mirror.layout in READ_AT_START:
        yield (
            f"{place}: what a Pod lists in imagePullSecrets for the old registry is shown to the mirror, which refuses"
            " it: such Pods need no Secret, or one that holds GHCR's token under the old registry's name"
        )
