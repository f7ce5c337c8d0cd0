"""The copy of one locked image, as a resource: made once, looked at by a refresh, left where it is when it goes."""

from typing import Any

import pulumi
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from .provider_process import ReferencedProvider, failures, reference_moved


class ImageCopyProvider(ReferencedProvider):
    """Copies by digest; all copies of a run share the connections and what is known of the target's blobs."""

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Of an image that is only required, report in previews already that it is not there."""
        if news["mode"] != "require":
            return CheckResult(news, [])
        from hub2ghcr.copying import present
        from hub2ghcr.errors import Hub2GhcrError, NotFound

        from .registry_access import registries

        try:
            if not present(news["target"], news["digest"], registries=registries()):
                remedy = "`hub2ghcr copy -s STACK`, or `images.mirror: copy`"
                raise NotFound(f"the registry has not {news['digest']}", news["target"], remedy=remedy)
        except Hub2GhcrError as error:
            return CheckResult(news, failures(error))
        return CheckResult(news, [])

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """A new digest is copied in place; another target is another image."""
        changed = [key for key in ("source", "target", "digest") if olds.get(key) != news.get(key)]
        replaces = ["target"] if "target" in changed else []
        return DiffResult(changes=bool(changed) or reference_moved(olds, news), replaces=replaces)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Copy the image unless the target has it."""
        return CreateResult(props["target"], self._copied(props))

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Copy what is locked now."""
        return UpdateResult(self._copied(news))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Ask the target by HEAD; one that is gone, or whose tag has moved, is none, so that the next run mends it."""
        from hub2ghcr.copying import present

        from .registry_access import registries

        there = present(props["target"], props["digest"], registries=registries())
        return ReadResult(id_ if there else "", dict(props) if there else {})

    def _copied(self, props: dict[str, Any]) -> dict[str, Any]:
        from hub2ghcr.copying import Job

        from .registry_access import copier

        if props["mode"] != "require":
            copier().copy(Job(props["source"], props["target"], props["digest"]))
        return dict(props)


class ImageCopy(Resource, module="hub2ghcr", name="ImageCopy"):
    """One image at its target. Deleting the resource leaves the image: workloads may run on it."""

    target: pulumi.Output[str]
    digest: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        source: str,
        target: str,
        digest: str,
        mode: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {"source": source, "target": target, "digest": digest, "mode": mode}
        super().__init__(ImageCopyProvider(), name, props, opts)
