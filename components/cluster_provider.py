"""The pulumi-kubernetes provider of one cluster."""

import json
from pathlib import Path

import pulumi
import pulumi_kubernetes as kubernetes

from hub2ghcr.plan import Cluster, Kubeconfig, Server

from .secret_value import secret_value


def provider(name: str, cluster: Cluster, opts: pulumi.ResourceOptions) -> kubernetes.Provider:
    """Declare the provider that reaches a cluster as its settings say.

    Its identity is the cluster's name, so that a new server URL, token or context replaces nothing.
    """
    reach = cluster.reach
    return kubernetes.Provider(
        name,
        kubeconfig=reach.path if isinstance(reach, Kubeconfig) else _kubeconfig(cluster.name, reach),
        context=reach.context if isinstance(reach, Kubeconfig) else cluster.name,
        cluster_identifier=cluster.name,
        enable_server_side_apply=True,
        enable_secret_mutable=True,  # a renewed pull Secret changes in place, it is never gone for a moment
        opts=pulumi.ResourceOptions.merge(
            opts,
            None if isinstance(reach, Kubeconfig) else pulumi.ResourceOptions(additional_secret_outputs=["kubeconfig"]),
        ),
    )


def _kubeconfig(name: str, reach: Server) -> pulumi.Output[str]:
    """Return a kubeconfig's text for a server and a token: a secret, since the token stands in it."""
    server = {"server": reach.url}
    if reach.certificate_authority:
        # absolute: a text has no folder of its own that a relative path could start from
        server["certificate-authority"] = str(Path(reach.certificate_authority).absolute())

    def text(token: str) -> str:
        return json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": name,
                "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
                "clusters": [{"name": name, "cluster": server}],
                "users": [{"name": name, "user": {"token": token}}],
            }
        )

    return pulumi.Output.secret(secret_value(reach.token).apply(text))
