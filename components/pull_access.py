"""What lets one namespace pull: its Secret, and the ServiceAccounts that list it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pulumi

from hub2ghcr.credentials import Credential
from hub2ghcr.errors import Hub2GhcrError, raise_all
from hub2ghcr.owning import MANAGED_BY, MANAGER
from hub2ghcr.plan import Plan, PullSecret, Reach
from hub2ghcr.plan.secret_sharing import secret_sharing
from hub2ghcr.plan.sharing import sharing
from hub2ghcr.pull_secrets import secret as pull_secret

from . import kubernetes_object
from .project_secret import ProjectSecret
from .secret_value import NAMESPACE, secret_value
from .service_account_entry import ServiceAccountEntry

if TYPE_CHECKING:
    from hub2ghcr.pull_secrets.service_account import Listing
    from hub2ghcr.settings import Settings


@dataclass
class PullAccessArgs:
    """The cluster and how it is reached, the namespace, its Secret, and the ServiceAccounts that list it.

    Pods of ``service_accounts`` pull with it, builds of OpenShift that run as ``builders`` pull and push with it.
    With ``keep`` all of it stays in the cluster when it leaves the stack: workloads that were switched stay as well,
    and go on pulling with it. ``copied_from`` is the Secret of a project of Rancher's: then none is written here.
    """

    cluster: str
    reach: Reach
    namespace: str
    secret: PullSecret
    service_accounts: Sequence[str] = ()
    keep: bool = False
    builders: Sequence[str] = ()
    copied_from: ProjectSecret | None = None


class PullAccess:
    """The pull Secret of one namespace, of type ``kubernetes.io/dockerconfigjson``, and its entries.

    ``granted`` is what a workload waits for. ``secret_version`` changes whenever the Secret does.
    """

    def __init__(self, name: str, args: PullAccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        after = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(retain_on_delete=args.keep or None))
        self.secret: pulumi.CustomResource
        self.secret_version: pulumi.Output[str]
        if args.copied_from is not None:
            self.secret, self.secret_version = args.copied_from, args.copied_from.version
        else:
            self.secret, self.secret_version = _declared(name, args, after)
        after_secret = pulumi.ResourceOptions.merge(after, pulumi.ResourceOptions(depends_on=[self.secret]))
        listed: list[tuple[str, str, Listing]] = [
            *((account, "", "imagePullSecrets") for account in sorted(args.service_accounts)),
            *((account, "/secrets", "secrets") for account in sorted(args.builders)),
        ]
        self.entries = [
            ServiceAccountEntry(
                f"{name}/ServiceAccount/{account}{suffix}",
                cluster=args.cluster,
                reach=args.reach,
                namespace=args.namespace,
                account=account,
                secret=args.secret.name,
                listing=listing,
                opts=after_secret,
            )
            for account, suffix, listing in listed
        ]
        self.granted: list[pulumi.Resource] = [self.secret, *self.entries]


def _declared(
    name: str, args: PullAccessArgs, opts: pulumi.ResourceOptions
) -> tuple[pulumi.CustomResource, pulumi.Output[str]]:
    """Declare a Secret of the namespace's own; return it, and what changes whenever it does."""
    secret = args.secret
    values = pulumi.Output.all(**{host: secret_value(each) for host, each in secret.credentials.items()})

    def data(values: dict[str, str]) -> dict[str, str]:
        named = {host: secret.credentials[host] for host in values}
        opened = {host: Credential(each.username, values[host], each.email) for host, each in named.items()}
        found: dict[str, str] = pull_secret.document(secret.name, args.namespace, opened)["data"]
        return {**found, **dict.fromkeys(secret.keys, found[pull_secret.KEYS[pull_secret.TYPE]])}

    document: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": pull_secret.TYPE,
        "metadata": {
            "name": secret.name,
            "namespace": args.namespace,
            "labels": {**secret.labels, MANAGED_BY: MANAGER},
            "annotations": dict(secret.annotations),
        },
    }
    declared = kubernetes_object.declare(
        name, document, formerly=f"PullAccess::{name}", properties={"data": values.apply(data)}, opts=opts
    )
    metadata: pulumi.Output[Any] = getattr(declared, "metadata")  # noqa: B009 - an output of any Kubernetes object
    return declared, metadata.apply(lambda each: f"{each.get('uid', '')}/{each.get('resourceVersion', '')}")


def check(plan: Plan) -> None:
    """Make every pull or push Secret of a plan once: what nobody would take is refused before anything is sent.

    Raises:
        Problems: values that are empty or malformed, names and labels that the API server would refuse; no value is
            shown.
    """
    config, problems = pulumi.Config(NAMESPACE), list[Hub2GhcrError]()
    for cluster in plan.clusters:
        for namespace in cluster.namespaces:
            for secret in filter(None, (namespace.pull_secret, namespace.push_secret)):
                try:
                    opened = {
                        host: Credential(each.username, config.get(each.secret_key) or "", each.email)
                        for host, each in secret.credentials.items()
                    }
                    pull_secret.document(
                        secret.name, namespace.name, opened, labels=secret.labels, annotations=secret.annotations
                    )
                except Hub2GhcrError as error:
                    place = f"cluster {cluster.name}, namespace {namespace.name}: Secret {secret.name}"
                    problems.append(error.at(place))
    raise_all(problems)


def with_sharing(plan: Plan, settings: "Settings") -> Plan:
    """Return a plan that warns of credentials that are one token, whatever their keys: here the values are known.

    The warnings name credentials, clusters, namespaces and repositories; neither a value nor anything made of one.
    """
    config = pulumi.Config(NAMESPACE)

    def token(key: str) -> str:
        return config.get(key) or key

    by_key = {*sharing(settings, plan.clusters), *secret_sharing(settings, plan.github, plan.clusters)}
    by_value = {*sharing(settings, plan.clusters, token), *secret_sharing(settings, plan.github, plan.clusters, token)}
    return replace(plan, warnings=tuple(sorted({*plan.warnings} - by_key | by_value)))
