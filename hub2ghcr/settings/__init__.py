"""The configuration of one stack: typed, frozen, with names of credentials and never their values."""

from .clusters import (
    PULL_SECRET,
    ClusterSettings,
    GuardSettings,
    HelmSettings,
    KustomizeSettings,
    NamespaceSettings,
    RenderSettings,
    SelectorSettings,
)
from .fields import ExclusionSettings
from .load import file_of, from_config, load, partial, stacks
from .schema import (
    CredentialSettings,
    GitHubSettings,
    ImagesSettings,
    MappingSettings,
    PackageSettings,
    PlaceSettings,
    RegistrySettings,
    RepositorySettings,
    RuleSettings,
    Settings,
    WorkflowSettings,
)

__all__ = [
    "PULL_SECRET",
    "ClusterSettings",
    "CredentialSettings",
    "ExclusionSettings",
    "GitHubSettings",
    "GuardSettings",
    "HelmSettings",
    "ImagesSettings",
    "KustomizeSettings",
    "MappingSettings",
    "NamespaceSettings",
    "PackageSettings",
    "PlaceSettings",
    "RegistrySettings",
    "RenderSettings",
    "RepositorySettings",
    "RuleSettings",
    "SelectorSettings",
    "Settings",
    "WorkflowSettings",
    "file_of",
    "from_config",
    "load",
    "partial",
    "stacks",
]
