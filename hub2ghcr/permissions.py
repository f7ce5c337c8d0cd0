"""Least privilege: what each credential of a plan must be allowed to do, and why. Nobody is asked."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from .cluster import Right
from .manifests import pod_kind
from .package_page import is_github
from .plan import Cluster, CredentialRef, GitHub, Namespace, Plan, Repository, Server
from .platforms.openshift import global_pull_secret, mirror_sets
from .platforms.rancher.registries import Rancher
from .reference import HUB, Reference

Kind = Literal["github", "registry", "cluster", "secret"]


@dataclass(frozen=True, slots=True, order=True)
class Need:
    """One thing that a credential must be allowed to do.

    Attributes:
        credential: its name.
        username: as whom it speaks.
        kind: whose token it is: GitHub's, another registry's, or a cluster's; or a ``secret`` for others to use.
        where: the registry's host, the owner on GitHub, the cluster, or the repository.
        scope: of a classic token of GitHub's; ``pull`` for another registry; ``RBAC`` for a cluster; empty for a
            secret, whose users alone know what for.
        permission: what a fine-grained token would need instead; empty where only a classic one will do.
        why: what is done with it.
    """

    credential: str
    username: str
    kind: Kind
    where: str
    scope: str
    permission: str
    why: str


def needs(plan: Plan) -> tuple[Need, ...]:
    """Return what every credential of a plan needs, sorted."""
    found = {*_registries(plan), *_clusters(plan)}
    if plan.github:
        found.update(_github(plan.github))
    return tuple(sorted(found))


def unused(plan: Plan) -> tuple[str, ...]:
    """Return the credentials that the plan names and needs for nothing, sorted."""
    named = {each.name for access in plan.registries for each in (access.pull, access.push) if each}
    return tuple(sorted(named - {each.credential for each in needs(plan)}))


def rights(cluster: Cluster) -> tuple[Right, ...]:
    """Return what the credential of a cluster must be allowed to do there, sorted; custom resources are left out."""
    return tuple(
        sorted(
            {right for namespace in cluster.namespaces for right in _rights(namespace)}
            | {*_guard(cluster), *_openshift(cluster), *_node_mirror(cluster), *_projects(cluster)}
        )
    )


def _rights(namespace: Namespace) -> Iterator[Right]:
    yield Right("get", "namespaces")
    if namespace.create:
        yield Right("create", "namespaces")
    every = {"pods": ["list"]}
    if namespace.pull_secret:
        every["secrets"] = ["get"] if namespace.pull_secret.project else ["get", "create", "patch"]
    if namespace.push_secret:
        every.setdefault("secrets", []).extend(["get", "create", "patch"])
    if namespace.service_accounts or namespace.builders:
        every["serviceaccounts"] = ["get", "update"]
    if namespace.builds:
        every["jobs.batch"] = ["get", "create", "patch", "delete"]
        every.setdefault("secrets", []).extend(["create", "patch", "delete"])
        every["pods/log"] = ["get"]
        if any(each.context.handed for each in namespace.builds):
            every["pods/exec"] = ["create", "get"]
    for each in namespace.workloads:
        if (kind := pod_kind(each.document)) is not None and kind.merges:
            group = each.api_version.rpartition("/")[0]
            name = f"{each.kind.lower()}s{f'.{group}' if group else ''}"
            every.setdefault(name, []).extend(["get", "list", "patch", *(["create"] if each.delivery == "own" else [])])
    for resource, verbs in every.items():
        yield from (Right(verb, resource, namespace.name) for verb in verbs)


def _projects(cluster: Cluster) -> Iterator[Right]:
    """Yield what Rancher's projects need besides: their Secrets go to namespaces that no setting names."""
    if cluster.rancher is None:
        return
    yield Right("list", "namespaces")
    yield Right("get", "secrets")
    if cluster.rancher.management is None:
        yield from managing(cluster.rancher)


def managing(rancher: Rancher) -> Iterator[Right]:
    """Yield what must be allowed in the cluster that Rancher runs in."""
    for secret in rancher.projects:
        yield Right("get", "projects.management.cattle.io", secret.project.cluster)
        for verb in ("get", "create", "patch", "delete"):
            yield Right(verb, "secrets", secret.backing_namespace or f"{secret.project.cluster}-{secret.project.name}")


def _guard(cluster: Cluster) -> Iterator[Right]:
    if cluster.guard:
        for kind in ("validatingadmissionpolicies", "validatingadmissionpolicybindings"):
            for verb in ("get", "create", "patch"):
                yield Right(verb, f"{kind}.admissionregistration.k8s.io")


def _openshift(cluster: Cluster) -> Iterator[Right]:
    wanted = cluster.openshift
    if wanted and wanted.merges:
        yield from (Right(verb, "secrets", global_pull_secret.NAMESPACE) for verb in ("get", "update"))
    for each in wanted.sets if wanted else ():
        plural = f"{mirror_sets.KINDS[each][0].lower()}s.config.openshift.io"
        yield from (Right(verb, plural) for verb in ("get", "list", "create", "patch", "delete"))
    if wanted and "digest" in wanted.sets:
        yield Right("list", "imagecontentsourcepolicies.operator.openshift.io")


def _node_mirror(cluster: Cluster) -> Iterator[Right]:
    mirror = cluster.node_mirror
    if mirror and mirror.delivery == "daemonset":
        yield Right("get", "namespaces")
        yield Right("list", "pods", mirror.namespace)
        for verb in ("get", "create", "patch", "delete"):
            yield Right(verb, "daemonsets.apps", mirror.namespace)


def _registries(plan: Plan) -> Iterator[Need]:
    copied = [each for each in plan.copies if not each.entry.published]
    targets = {Reference.parse(each.target).registry for each in plan.copies}
    for each in plan.registries:
        if each.pull and (each.host in targets or not is_github(each.host)):
            what = "reads what is at the targets" if each.host in targets else "reads sources"
            yield _pulls(each.pull, each.host, f"{what} on {each.host}")
        if each.push and is_github(each.host):
            count = sum(Reference.parse(copy.target).registry == each.host for copy in copied)
            if count:
                why = f"copies {count} image{'s' if count > 1 else ''} to {each.host}"
                yield _need(each.push, "github", each.host, "write:packages", "", why)


def _clusters(plan: Plan) -> Iterator[Need]:
    for cluster in plan.clusters:
        if isinstance(cluster.reach, Server):
            why = f"reads and changes {_counted(cluster.namespaces)} of cluster {cluster.name}"
            yield _need(cluster.reach.token, "cluster", cluster.name, "RBAC", "", why)
        if cluster.rancher and isinstance(cluster.rancher.management, Server):
            count = len(cluster.rancher.projects)
            why = f"writes the pull Secrets of {count} project{'s' if count > 1 else ''} of cluster {cluster.name}"
            yield _need(cluster.rancher.management.token, "cluster", f"Rancher of {cluster.name}", "RBAC", "", why)
        yield from _pull_secrets(cluster)
        for each in cluster.openshift.opens if cluster.openshift else ():
            why = f"lies in the global pull secret of cluster {cluster.name}: opens {each.host} for every Pod"
            yield _pulls(CredentialRef(each.credential, each.username, ""), each.host, why)
        if cluster.node_mirror and (login := cluster.node_mirror.login):
            for home in {each.home for each in cluster.node_mirror.routes}:
                yield _pulls(login, home, f"lies on the nodes of cluster {cluster.name}: opens {home}")
        yield from _builds(cluster)
        yield from _push_secrets(cluster)


def _pull_secrets(cluster: Cluster) -> Iterator[Need]:
    users: dict[tuple[CredentialRef, str], list[Namespace]] = {}
    for namespace in cluster.namespaces:
        if namespace.pull_secret:
            for host, used in namespace.pull_secret.credentials.items():
                users.setdefault((used, host), []).append(namespace)
    for (used, host), namespaces in users.items():
        why = f"lies in the pull Secrets of cluster {cluster.name} ({_counted(namespaces)}): opens {host}"
        yield _pulls(used, host, why)


def _builds(cluster: Cluster) -> Iterator[Need]:
    for namespace in cluster.namespaces:
        for each in namespace.builds:
            used = namespace.build_credentials[each.push]
            why = f"build {each.name} of cluster {cluster.name}, namespace {namespace.name}, pushes {each.image}"
            yield _need(used, "github", each.image.partition("/")[0], "write:packages", "", why)
            if each.clone:
                clones = f"build {each.name} of cluster {cluster.name}, namespace {namespace.name}, clones"
                place = each.context.where.removeprefix("https://")
                yield _need(namespace.build_credentials[each.clone], "secret", place, "", "", f"{clones} {place}")


def _push_secrets(cluster: Cluster) -> Iterator[Need]:
    """Yield what lies in the Secrets of existing builds: one credential pushes, those of other registries pull."""
    for namespace in cluster.namespaces:
        secret = namespace.push_secret
        for host, used in secret.credentials.items() if secret else ():
            why = f"lies in the push Secret of cluster {cluster.name}, namespace {namespace.name}: opens {host}"
            pushes = secret and host == secret.pushes
            yield _need(used, "github", host, "write:packages", "", why) if pushes else _pulls(used, host, why)


def _github(github: GitHub) -> Iterator[Need]:
    def administers(scope: str, permission: str, why: str) -> Need:
        return _need(github.credential, "github", github.owner, scope, permission, why)

    every = github.repositories
    if every:
        yield administers("repo", "metadata=read", f"looks at {_repositories(every)} of {github.owner}")
    for permission, kind, having in (
        ("secrets=write", "Actions", [each for each in every if each.secrets or each.removed]),
        ("dependabot_secrets=write", "Dependabot", [each for each in every if each.dependabot_secrets]),
        ("environments=write", "environments'", [each for each in every if each.environments]),
    ):
        if having:
            yield administers("repo", permission, f"writes {kind} secrets of {_repositories(having)}")
    if having := [each for each in every if each.workflow_path is not None or each.also_rewrite]:
        why = f"brings files to {_repositories(having)}"
        yield administers("repo", "contents=write, pull_requests=write", why)
    if having := [each for each in every if each.workflow_path is not None]:
        yield administers("workflow", "workflows=write", f"writes workflows of {_repositories(having)}")
        yield administers("repo", "actions=read", f"follows runs of workflows of {_repositories(having)}")
    if github.organization_secrets:
        why = f"writes Actions secrets of the organisation {github.owner}"
        yield administers("admin:org", "organization_secrets=write", why)
    if github.packages:
        many = f"{len(github.packages)} package{'s' if len(github.packages) > 1 else ''}"
        yield administers("read:packages", "", f"compares the settings of {many}: no API takes another token")
    for secret in github.organization_secrets:
        yield _unknown(secret.credential, github.owner, f"Actions secret {secret.name}")
    for each in every:
        yield from _secrets(each)


def _secrets(repository: Repository) -> Iterator[Need]:
    place = f"{repository.owner}/{repository.name}"
    for name, used in repository.secrets.items():
        yield _secret(repository, name, used)
    for name, used in repository.dependabot_secrets.items():
        yield _unknown(used, place, f"Dependabot secret {name}")
    for environment, secrets in repository.environments.items():
        for name, used in secrets.items():
            yield _unknown(used, place, f"secret {name} of the environment {environment}")
    for removed in repository.removed:
        if removed.credential:
            yield _unknown(removed.credential, place, f"secret {removed.name} that the way back writes again")


def _unknown(used: CredentialRef, place: str, what: str) -> Need:
    return _need(used, "secret", place, "", "", f"is the {what} of {place}: what for, its workflows say")


def _secret(repository: Repository, name: str, used: CredentialRef) -> Need:
    """Return what the value of an Actions secret needs, as far as our own workflow uses it."""
    place = f"{repository.owner}/{repository.name}"
    publish = repository.publish
    if publish and publish.secret == name:
        why = f"the workflow of {place} pushes {publish.image} with it"
        return _need(used, "github", publish.registry, "write:packages", "", why)
    return _unknown(used, place, f"Actions secret {name}")


def _pulls(used: CredentialRef, host: str, why: str) -> Need:
    if is_github(host):
        return _need(used, "github", host, "read:packages", "", why)
    also = ", and raises its pull limit" if host == HUB else ""
    return _need(used, "registry", host, "pull", "", f"{why}{also}")


def _need(used: CredentialRef, kind: Kind, where: str, scope: str, permission: str, why: str) -> Need:
    return Need(used.name, used.username, kind, where, scope, permission, why)


def _repositories(having: Collection[Repository]) -> str:
    return f"{len(having)} repositor{'ies' if len(having) > 1 else 'y'}"


def _counted(namespaces: tuple[Namespace, ...] | list[Namespace]) -> str:
    return f"{len(namespaces)} namespace{'s' if len(namespaces) != 1 else ''}"
