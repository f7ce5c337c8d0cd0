"""The pull secret of all nodes, ``openshift-config/pull-secret``: our entries beside what is there, and no other.

OpenShift's own registries stand in it, so it is merged and never replaced: read, changed and put back under the
``resourceVersion`` that was read; where another writer was faster, that begins anew. Which entries are whose stands on
the Secret itself, in an annotation that is written in the same request: a run that was killed finds its own again.
"""

from __future__ import annotations

import base64
import json
import random
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from ...cluster import Cluster
from ...credentials import Credential, docker_config_json, key_of
from ...credentials.keyring import Entry, entries, location
from ...errors import ClusterError, Conflict, CredentialError
from ...pull_secrets.secret import KEYS, TYPE
from ...reference import HUB, HUB_HOSTS

NAMESPACE: Final = "openshift-config"
NAME: Final = "pull-secret"
MARK: Final = "hub2ghcr/global-pull-secret"
"""The annotation that says which entries are ours: key of ``auths`` -> stack and user name, as JSON."""
ATTEMPTS: Final = 40
"""How often a change is begun anew because another writer was faster."""

_KEY: Final = KEYS[TYPE]

Marks = dict[str, dict[str, str]]
Wanted = Mapping[str, Credential]
"""Registry host -> what opens it."""


def refusals(cluster: Cluster, stack: str, wanted: Wanted) -> Iterator[ClusterError | CredentialError]:
    """Yield why entries cannot be written: there is no such Secret, it cannot be read, or others have some already.

    Raises:
        ClusterError: the cluster cannot be asked.
    """
    live = cluster.get("v1", "Secret", NAMESPACE, NAME)
    if live is None:
        remedy = "an OpenShift cluster has one; elsewhere take `openshift.globalPullSecret` out"
        yield ClusterError("does not exist", _place(cluster), remedy=remedy)
        return
    try:
        yield from _taken(cluster, live, stack, wanted)
    except (ClusterError, CredentialError) as error:
        yield error


def write(cluster: Cluster, stack: str, wanted: Wanted, sleep: Callable[[float], None] = time.sleep) -> None:
    """Add or renew our entries, and take out those that are not wanted any more.

    Raises:
        ClusterError: as `refusals` says; or it changed under us `ATTEMPTS` times.
        CredentialError: the Secret cannot be read.
    """

    def change(live: Mapping[str, Any]) -> dict[str, Any]:
        for refusal in _taken(cluster, live, stack, wanted):
            raise refusal
        return _changed(cluster, live, stack, wanted)

    if not _change(cluster, change, sleep):
        raise ClusterError("does not exist", _place(cluster), remedy="take `openshift.globalPullSecret` out")


def remove(cluster: Cluster, stack: str, sleep: Callable[[float], None] = time.sleep) -> None:
    """Take out our entries, unless somebody has put another user in their place; a Secret that is gone is left at that.

    Raises:
        ClusterError: it changed under us `ATTEMPTS` times.
        CredentialError: the Secret cannot be read.
    """
    _change(cluster, lambda live: _changed(cluster, live, stack, {}), sleep)


def stands(cluster: Cluster, stack: str, wanted: Wanted) -> bool:
    """Whether the Secret is there, and has what is wanted and nothing of ours besides.

    Raises:
        CredentialError: the Secret cannot be read.
    """
    live = cluster.get("v1", "Secret", NAMESPACE, NAME)
    if live is None:
        return False
    after = _changed(cluster, live, stack, wanted)
    return bool(after == live)


def _change(
    cluster: Cluster, change: Callable[[Mapping[str, Any]], dict[str, Any]], sleep: Callable[[float], None]
) -> bool:
    """Change the Secret; whether it is there."""
    for attempt in range(ATTEMPTS):
        live = cluster.get("v1", "Secret", NAMESPACE, NAME)
        if live is None:
            return False
        after = change(live)
        if after == live:
            return True
        try:
            cluster.replace(after)
            return True
        except Conflict:
            sleep(random.uniform(0, min(0.5, 0.01 * 2**attempt)))
    remedy = "who writes it so often? run again once that has ended"
    raise ClusterError(f"was written by others each of {ATTEMPTS} times", _place(cluster), remedy=remedy)


def _taken(cluster: Cluster, live: Mapping[str, Any], stack: str, wanted: Wanted) -> Iterator[ClusterError]:
    """Yield the entries of others for registries that we want to open with something else."""
    found, marks = _auths(cluster, live)[1], _marks(live)
    opened = entries(json.dumps({"auths": found}), f"{_place(cluster)}: {_KEY}")
    for host, credential in sorted(wanted.items()):
        for key in [key for key in found if _at(key) == _at(key_of(host))]:
            owner = _owner(marks.get(key, {}), opened[key])
            same = (opened[key].username, opened[key].secret) == (credential.username, credential.secret)
            if owner == stack or (not owner and same):
                continue
            whose = f"of stack {owner}" if owner else f"of {opened[key].username or 'nobody'}, and not ours"
            what = f"has an entry for {key} already, {whose}"
            yield ClusterError(what, _place(cluster), remedy="take it out, or `openshift.globalPullSecret`")


def _changed(cluster: Cluster, live: Mapping[str, Any], stack: str, wanted: Wanted) -> dict[str, Any]:
    """Return the Secret with what is wanted; all else of it, and the values of others' entries, as it was."""
    config, auths = _auths(cluster, live)
    marks, after = _marks(live), dict(auths)
    opened = entries(json.dumps({"auths": auths}), f"{_place(cluster)}: {_KEY}")
    ours = json.loads(docker_config_json(wanted))["auths"] if wanted else {}
    for key, mark in list(marks.items()):
        if mark.get("stack") == stack and key not in ours:
            if key in after and _owner(mark, opened[key]) == stack:
                del after[key]
            del marks[key]
    for key, value in ours.items():
        theirs = [each for each in auths if _at(each) == _at(key) and not _owner(marks.get(each, {}), opened[each])]
        if not theirs:  # else what opens it already is somebody's, and the same
            after[key] = {"auth": value["auth"], **({"email": value["email"]} if "email" in value else {})}
            marks[key] = {"stack": stack, "username": value["username"]}
    if after == auths and marks == _marks(live):
        return dict(live)
    annotations = {**(live["metadata"].get("annotations") or {}), MARK: json.dumps(marks, sort_keys=True)}
    if not marks:
        del annotations[MARK]
    text = json.dumps({**config, "auths": after}, separators=(",", ":"))
    data = {**live["data"], _KEY: base64.b64encode(text.encode()).decode()}
    return {**live, "metadata": {**live["metadata"], "annotations": annotations}, "data": data}


def _auths(cluster: Cluster, live: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the Secret holds, and its entries.

    Raises:
        CredentialError: it holds no such thing. No value is shown.
    """
    try:
        found = json.loads(base64.b64decode(live["data"][_KEY], validate=True))
        auths = found["auths"]
    except (KeyError, TypeError, ValueError, RecursionError):
        found, auths = None, None
    if not isinstance(found, dict) or not isinstance(auths, dict):
        remedy = "repair it first: nodes cannot pull with it either"
        raise CredentialError(
            "holds no JSON object with `auths`", f"{_place(cluster)}: {_KEY}", remedy=remedy
        ) from None
    return found, auths


def _marks(live: Mapping[str, Any]) -> Marks:
    try:
        found = json.loads((live["metadata"].get("annotations") or {}).get(MARK) or "{}")
    except ValueError:
        found = {}
    known = found.items() if isinstance(found, dict) else ()
    return {key: dict(each) for key, each in known if isinstance(each, dict)}


def _owner(mark: Mapping[str, str], entry: Entry) -> str:
    """Return the stack whose entry it is; empty where it is somebody's, who may have put another user in its place."""
    return mark.get("stack", "") if mark.get("username") == entry.username else ""


def _at(key: str) -> str | None:
    """Return what a key opens: every name of Docker Hub is one."""
    at = location(key)
    return HUB if at in HUB_HOSTS or at == HUB else at


def _place(cluster: Cluster) -> str:
    return f"cluster {cluster.name}: Secret {NAMESPACE}/{NAME}"
