"""The publish workflow of a repository: builds its image and pushes it to GHCR.

A push to the default branch publishes ``latest``, a tag ``v1.2.3`` publishes ``1.2.3`` (where it is wanted ``1.2`` and
``1``, too, but for a pre-release). A pull request is built and tested in a job of its own that may read the repository
and nothing more: no secret is in it, whoever opened it, and nothing is pushed.

Flavour ``token`` signs in with ``GITHUB_TOKEN``, ``pat`` with the Actions secret ``CR_PAT``. While clusters may still
pull from Docker Hub the same build is pushed there, too: one build, one digest.
"""

from .needs import missing
from .publish import PAT_SECRET, Attest, Flavour, HubImage, Publish
from .rendering import render

__all__ = ["PAT_SECRET", "Attest", "Flavour", "HubImage", "Publish", "missing", "render"]
