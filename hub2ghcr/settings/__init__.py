"""The configuration of one stack: typed, frozen, with names of credentials and never their values."""

from .load import file_of, from_config, load, partial, stacks
from .schema import (
    ClusterSettings,
    CredentialSettings,
    ExclusionSettings,
    GitHubSettings,
    ImagesSettings,
    MappingSettings,
    NamespaceSettings,
    PackageSettings,
    PlaceSettings,
    RegistrySettings,
    RepositorySettings,
    RuleSettings,
    Settings,
    WorkflowSettings,
)

__all__ = [
    "ClusterSettings",
    "CredentialSettings",
    "ExclusionSettings",
    "GitHubSettings",
    "ImagesSettings",
    "MappingSettings",
    "NamespaceSettings",
    "PackageSettings",
    "PlaceSettings",
    "RegistrySettings",
    "RepositorySettings",
    "RuleSettings",
    "Settings",
    "WorkflowSettings",
    "file_of",
    "from_config",
    "load",
    "partial",
    "stacks",
]
