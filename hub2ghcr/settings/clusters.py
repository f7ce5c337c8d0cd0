"""The keys below ``hub2ghcr:clusters``: how a cluster is reached, its namespaces, and what holds for them."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Discriminator, Field, Tag, field_validator

from ..owning import KUBECTL
from .builds import BuildName, BuildSettings
from .containerd import NodeMirrorSettings
from .fields import (
    Account,
    Branch,
    Delivery,
    ExclusionSettings,
    InsidePath,
    LabelKey,
    LabelValue,
    Model,
    Name,
    Namespace,
    ObjectName,
    Phase,
    Pull,
    ServerUrl,
    Slug,
    Text,
)
from .openshift import OpenShiftSettings
from .rancher import RancherSettings

PULL_SECRET: Final = "hub2ghcr-ghcr"
"""The name of our pull Secrets, unless ``pullSecretName`` says otherwise."""
PUSH_SECRET: Final = "hub2ghcr-push"
"""The name of the Secrets that existing builds push with, unless ``pushSecretName`` says otherwise."""

PullPolicy = Literal["IfNotPresent", "Always", "Never"]


def _how(value: Any) -> str | None:
    if not isinstance(value, dict):
        return "[file]"
    return next((f"[{key}]" for key in ("helm", "kustomize") if key in value), None)


class KustomizeSettings(Model):
    """The folder of an overlay, rendered by ``kustomize build``."""

    kustomize: InsidePath


class HelmSettings(Model):
    """A chart (a folder, or a ``.tgz``), rendered by ``helm template`` for a release; the last values file wins."""

    helm: InsidePath
    release: ObjectName
    values: tuple[InsidePath, ...] = ()


Manifests = Annotated[
    Annotated[InsidePath, Tag("[file]")]
    | Annotated[KustomizeSettings, Tag("[kustomize]")]
    | Annotated[HelmSettings, Tag("[helm]")],
    Discriminator(
        _how,
        custom_error_type="manifests",
        custom_error_message="must be a path, {kustomize: FOLDER} or {helm: CHART, release: NAME}",
    ),
]
"""An entry of ``manifests``: a file or folder, an overlay, a chart."""


class RenderSettings(Model):
    """Where rewritten files go: a ``folder`` of the project, or ``path`` in a GitHub ``repository``, by pull request.

    ``branch`` is that of the pull request.
    """

    folder: InsidePath | None = None
    repository: Slug | None = None
    path: InsidePath | None = None
    branch: Branch | None = None


class NamespaceSettings(Model):
    """One namespace: what runs there, and what differs from its cluster (None: as the cluster or stack says).

    ``adopt`` lets delivery ``own`` take over what is there already, ``recreate`` lets bare Pods and Jobs be deleted and
    made anew, ``live`` adds every workload that the inventory knows and no manifest names. ``labels`` and
    ``annotations`` are those of the pull Secret; a namespace that is created gets the labels, too. ``push`` is the
    credential that existing builds push with once their destinations move.
    """

    create: bool = False
    delivery: Delivery | None = None
    phase: Phase | None = None
    pull: Pull | None = None
    pullSecretName: ObjectName | None = None
    push: Name | None = None
    pushSecretName: ObjectName | None = None
    manifests: tuple[Manifests, ...] = ()
    serviceAccounts: tuple[Account, ...] | None = None
    builders: tuple[ObjectName, ...] | None = None
    imagePullPolicy: PullPolicy | None = None
    onUnready: Literal["hold", "skip"] | None = None
    adopt: bool = False
    recreate: bool = False
    live: bool = False
    labels: dict[LabelKey, LabelValue] = Field(default_factory=dict)
    annotations: dict[LabelKey, str] = Field(default_factory=dict)
    render: RenderSettings | None = None
    builds: dict[BuildName, BuildSettings] = Field(default_factory=dict)


class SelectorSettings(Model):
    """Further namespaces: those that the inventory knows with all these labels, and what holds for each of them."""

    matchLabels: Annotated[dict[LabelKey, LabelValue], Field(min_length=1)]
    settings: NamespaceSettings = NamespaceSettings()


class GuardSettings(Model):
    """Whether an admission policy follows the phase (cutover audits, seal denies), and the images it lets through."""

    action: Literal["follow", "off"] = "follow"
    exceptions: tuple[ExclusionSettings, ...] = ()

    @field_validator("action", mode="before")
    @classmethod
    def _unquoted(cls, value: object) -> object:
        """Take ``off`` as people write it: YAML 1.1, which reads our files, means false, and Pulumi's YAML a text."""
        return "off" if value is False else value


class ClusterSettings(Model):
    """One cluster: how it is reached, and its namespaces.

    It is reached by ``kubeconfig`` and ``context`` (both: nothing falls to the current one), or by ``server`` and
    ``token``, the name of a credential whose value is the bearer token; ``certificateAuthority`` is a PEM file.
    ``takeFrom`` names field managers as patterns (default: kubectl's, which are people at a terminal).
    """

    name: Name
    kubeconfig: Text | None = None
    context: Text | None = None
    server: ServerUrl | None = None
    token: Name | None = None
    certificateAuthority: Text | None = None
    pull: Pull | None = None
    pullSecretName: ObjectName = PULL_SECRET
    push: Name | None = None
    pushSecretName: ObjectName = PUSH_SECRET
    delivery: Delivery = "patch"
    takeFrom: tuple[Text, ...] = KUBECTL
    serviceAccounts: tuple[Account, ...] = ()
    builders: tuple[ObjectName, ...] = ()
    imagePullPolicy: PullPolicy | None = None
    references: Literal["tag-and-digest", "digest"] = "tag-and-digest"
    onUnready: Literal["hold", "skip"] = "hold"
    rollOutSeconds: Annotated[int, Field(ge=1)] = 300
    guard: GuardSettings = GuardSettings()
    selector: SelectorSettings | None = None
    openshift: OpenShiftSettings | None = None
    nodeMirror: NodeMirrorSettings | None = None
    rancher: RancherSettings | None = None
    namespaces: dict[Namespace, NamespaceSettings] = Field(default_factory=dict)
