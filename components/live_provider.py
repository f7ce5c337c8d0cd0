"""What is alike in our resources that lie in a cluster and can be changed there by others.

Every run looks at what is there, and writes anew what is not as it should be; so every step can be repeated.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from pulumi.dynamic import CreateResult, DiffResult, ReadResult, UpdateResult

from .drift import drifted
from .provider_process import ReferencedProvider, reference_moved


class LiveProvider(ReferencedProvider):
    """A dynamic provider that compares, looks, and writes.

    Attributes:
        identity: the properties that its ID is made of; another value is another resource.
        fixed: further properties that cannot change in place (default: none).
        compared: the properties that are written anew where they change.
        delete_before_replace: whether the old one is taken away before the new one is written (default: it is, since
            the two may be one object of the cluster).
    """

    identity: ClassVar[tuple[str, ...]]
    fixed: ClassVar[tuple[str, ...]] = ()
    compared: ClassVar[tuple[str, ...]]
    delete_before_replace: ClassVar[bool] = True

    def write(self, props: dict[str, Any]) -> Mapping[str, Any] | None:
        """Write what is wanted, which may be there already; return further properties that are known by that."""
        raise NotImplementedError

    def stands(self, props: dict[str, Any]) -> bool:
        """Return whether the cluster has what is wanted."""
        raise NotImplementedError

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compare, and where nothing else changed look at the cluster: no run leaves it otherwise."""
        replaces = [key for key in (*self.identity, *self.fixed) if olds.get(key) != news[key]]
        changed = bool(replaces) or reference_moved(olds, news)
        changed = changed or any(olds.get(key) != news[key] for key in self.compared)
        return DiffResult(
            changes=changed or drifted(news, lambda: not self.stands(news)),
            replaces=replaces,
            delete_before_replace=self.delete_before_replace,
        )

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Write it."""
        return CreateResult("/".join(props[key] for key in self.identity), self._written(props))

    def update(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Write what is wanted now."""
        return UpdateResult(self._written(news))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Change nothing: the next run looks at what is there."""
        return ReadResult(id_, dict(props))

    def _written(self, props: dict[str, Any]) -> dict[str, Any]:
        return {**props, **(self.write(props) or {})}
