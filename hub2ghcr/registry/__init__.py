"""The registry client: one registry's operations (`Registry`), and all registries of a run by host (`Registries`)."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Self

from ..errors import RegistryError
from ..reference import endpoint_of, one_host
from .client import Registry
from .content import Descriptor, Manifest
from .patience import Patience
from .reading import Content
from .transport import Access, Observe

__all__ = ["Access", "Content", "Descriptor", "Manifest", "Observe", "Patience", "Registries", "Registry"]


class Registries:
    """The registries of one run. A host that was not declared is reached anonymously at ``https://HOST``.

    ``observe`` is told the host and the headers (names in lower case) of every answer that tells a pull allowance,
    from many threads.

    Raises:
        RegistryError: a host is declared twice.
    """

    def __init__(
        self,
        accesses: Iterable[Access] = (),
        patience: Patience | None = None,
        *,
        observe: Observe | None = None,
    ) -> None:
        self._patience = patience or Patience()
        self._observe = observe
        self._accesses: dict[str, Access] = {}
        for access in accesses:
            if self._accesses.setdefault(one_host(access.host), access) is not access:
                raise RegistryError("a registry is declared twice", value=access.host, remedy="keep one")
        self._open: dict[str, Registry] = {}
        self._lock = threading.Lock()

    def at(self, host: str) -> Registry:
        """Return the client of a registry, as a reference names it."""
        host = one_host(host)
        with self._lock:
            if host not in self._open:
                default = Access(host, endpoint_of(host))
                self._open[host] = Registry(self._accesses.get(host, default), self._patience, self._observe)
            return self._open[host]

    def close(self) -> None:
        """Close all connections; the object can be used again."""
        with self._lock:
            for registry in self._open.values():
                registry.close()
            self._open.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
