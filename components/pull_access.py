"""What lets one namespace pull from GHCR: its Secret."""

import base64
from dataclasses import dataclass, field

import pulumi

from hub2ghcr.credentials import Credential, docker_config_json
from hub2ghcr.plan import CredentialRef

from . import kubernetes_object
from .secret_value import secret_value


@dataclass
class PullAccessArgs:
    """The Secret's namespace and name, and the credential for each registry host.

    With ``keep`` the Secret stays in the cluster when it leaves the stack: patched workloads stay as well, and would
    pull with it.
    """

    namespace: str
    name: str
    credentials: dict[str, CredentialRef] = field(default_factory=dict)
    keep: bool = False


class PullAccess(pulumi.ComponentResource):
    """The pull Secret of one namespace, of type ``kubernetes.io/dockerconfigjson``."""

    secret_name: pulumi.Output[str]

    def __init__(self, name: str, args: PullAccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("hub2ghcr:index:PullAccess", name, {}, opts)
        users = {host: credential.username for host, credential in args.credentials.items()}
        values = pulumi.Output.all(**{host: secret_value(each) for host, each in args.credentials.items()})

        def encode(secrets: dict[str, str]) -> str:
            text = docker_config_json({host: Credential(users[host], secrets[host]) for host in sorted(secrets)})
            return base64.b64encode(text.encode()).decode()

        document = {
            "apiVersion": "v1",
            "kind": "Secret",
            "type": "kubernetes.io/dockerconfigjson",
            "metadata": {
                "name": args.name,
                "namespace": args.namespace,
                "labels": {kubernetes_object.LABEL: "hub2ghcr"},
            },
        }
        self.secret = kubernetes_object.declare(
            name,
            document,
            properties={"data": {".dockerconfigjson": pulumi.Output.secret(values.apply(encode))}},
            patch=False,
            secret_properties=("data", "stringData"),
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=opts.depends_on if opts else None, retain_on_delete=args.keep or None
            ),
        )
        self.secret_name = pulumi.Output.from_input(args.name)
        self.register_outputs({"secret_name": self.secret_name})
