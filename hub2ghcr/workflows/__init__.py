"""Existing workflows of GitHub Actions, migrated: what they do at Docker Hub is done at GHCR."""

from .migrating import migrate
from .migration import Change, Flavour, Migrated, Migration
from .project import kind_of_path

__all__ = ["Change", "Flavour", "Migrated", "Migration", "kind_of_path", "migrate"]
