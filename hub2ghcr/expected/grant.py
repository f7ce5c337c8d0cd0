"""What one namespace is to pull with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..pull_secrets.pulling import Image


@dataclass(frozen=True, slots=True)
class Grant:
    """The pull Secret of a namespace, and what it has to open.

    Attributes:
        namespace: its name.
        secret: the Secret's name.
        credentials: what the Secret is to hold: registry host -> name of a credential.
        images: what is pulled with it; nothing as long as no workload of the namespace is switched.
    """

    namespace: str
    secret: str
    credentials: Mapping[str, str]
    images: tuple[Image, ...] = ()

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What the Secret is called in a cluster."""
        return "v1", "Secret", self.namespace, self.secret

    @property
    def name(self) -> str:
        """How the Secret is told from those of other namespaces: ``shop/hub2ghcr-ghcr``."""
        return f"{self.namespace}/{self.secret}"

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Grant:
        """Return one from its plain values, as `dataclasses.asdict` gives them."""
        images = (Image(each["target"], each["digest"], tuple(each["platforms"])) for each in data["images"])
        return cls(data["namespace"], data["secret"], data["credentials"], tuple(images))
