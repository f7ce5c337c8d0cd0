"""The ground of a run: throw-away packages on GHCR that hold a few bytes, made before and removed after.

Nothing is removed but what the run itself has made: packages that did not exist before it, and in a package that did,
the versions that it pushed.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, TypeVar

import httpx

from lab import oci
from tests.live.fact import Unchecked, Unexpected
from tests.live.service import Packages, Registry, expect, said
from tests.live.settings import PREFIX, Login, NotReady, Settings

T = TypeVar("T")

SOURCE: Final = "org.opencontainers.image.source"
TAGS: Final = 101
"""Tags beside the image's own: more than a page of GHCR's."""
EMPTY: Final = oci.Blob("application/vnd.oci.empty.v1+json", b"{}")


@dataclass
class Ground:
    """A run's packages and services. What a probe needs is made when it is first asked for, and once.

    ``mark`` is no other run's. ``patience`` is how many seconds GitHub may take to notice at one side what happened at
    the other.
    """

    settings: Settings
    http: httpx.Client
    mark: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    patience: float = 60.0
    _new: set[str] = field(default_factory=set)
    _pushed: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    """Repository to digest to tags."""

    @property
    def repository(self) -> str:
        """The repository that most facts are asked of."""
        return self.settings.repository

    @property
    def tag(self) -> str:
        """The image's tag, in each package."""
        return f"smoke-{self.mark}"

    @property
    def packages(self) -> tuple[str, ...]:
        """Every package that a run may make."""
        linked = (f"{self.settings.package}/linked",) if self.settings.source_repository else ()
        return (self.settings.package, f"{self.settings.package}/nested", *linked)

    @cached_property
    def ghcr(self) -> Registry:
        """GHCR, asked by the owner of the token."""
        return Registry(self.http, self.settings.ghcr_url, self.settings.ghcr)

    @cached_property
    def anybody(self) -> Registry:
        """GHCR, asked by nobody."""
        return Registry(self.http, self.settings.ghcr_url)

    @cached_property
    def hub(self) -> Registry:
        """Docker Hub, asked by nobody."""
        return Registry(self.http, self.settings.hub_url)

    @cached_property
    def rest(self) -> Packages:
        """GitHub's packages API."""
        return Packages(self.http, self.settings.github_url, self.settings.owner, self.settings.github_token)

    @cached_property
    def image(self) -> oci.Image:
        """An image of two platforms with a few bytes, other ones in each run."""
        return self.make({})

    def ghcr_as(self, login: Login | None, name: str) -> Registry:
        """GHCR, asked by another login; raises ``Unchecked`` where that was not set."""
        return Registry(self.http, self.settings.ghcr_url, _set(login, name))

    def hub_as(self, login: Login | None) -> Registry:
        """Docker Hub, asked by an account; raises ``Unchecked`` where none was set."""
        return Registry(self.http, self.settings.hub_url, _set(login, "HUB_USER"))

    def prepare(self, *, use_existing: bool = False) -> None:
        """Push the image to the throw-away package; raises ``NotReady`` where that exists or is refused."""
        try:
            there = [name for name in self.packages if self._exists(name)]
            if there and not use_existing:
                raise NotReady(
                    *(f"{self._repository(name)} exists and may be in use" for name in there),
                    "remedy: name a package that does not exist; or --use-existing, which pushes to these, too, and "
                    "removes from them what it pushed",
                )
            self._new.update(set(self.packages).difference(there))
            self.push(self.repository, self.tag, self.image)
        except (Unexpected, ValueError) as error:
            raise NotReady(f"the throw-away package cannot be prepared: {error}") from error

    def push(self, repository: str, reference: str, image: oci.Image) -> None:
        """Push an image; raises ``Unexpected`` when the registry refuses a part."""
        for blob in image.blobs:
            self.push_blob(repository, blob)
        for manifest in (*image.manifests, image.index):
            self.put(repository, manifest.digest if manifest is not image.index else reference, manifest)

    def push_blob(self, repository: str, blob: oci.Blob) -> None:
        """Upload a blob as one streamed PUT."""
        scope = f"repository:{repository}:pull,push"
        location = httpx.URL(self.open_upload(repository)).copy_add_param("digest", blob.digest)
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(len(blob.data))}
        expect(self.ghcr.send("PUT", str(location), scope, content=iter((blob.data,)), headers=headers), 201)

    def open_upload(self, repository: str, **query: str) -> str:
        """The URL of a new upload."""
        scope = f"repository:{repository}:pull,push"
        answer = self.ghcr.send("POST", f"/v2/{repository}/blobs/uploads/", scope, params=query)
        return str(answer.request.url.join(expect(answer, 202).headers.get("location", "")))

    def put(self, repository: str, reference: str, manifest: oci.Blob) -> httpx.Response:
        """Put a manifest at a tag or at its digest."""
        path, scope = f"/v2/{repository}/manifests/{reference}", f"repository:{repository}:pull,push"
        headers = {"Content-Type": manifest.media_type}
        answer = expect(self.ghcr.send("PUT", path, scope, content=manifest.data, headers=headers), 201)
        tags = self._pushed.setdefault(repository, {}).setdefault(manifest.digest, set())
        tags.update({reference} - {manifest.digest})
        return answer

    def read(self, repository: str, path: str, method: str = "GET", **more: Any) -> httpx.Response:
        """Read below ``/v2/REPOSITORY/`` with the owner's token."""
        return self.ghcr.send(method, f"/v2/{repository}/{path}", f"repository:{repository}:pull", **more)

    def attach(self) -> httpx.Response:
        """Attach an artefact to the image; the answer to its PUT."""
        subject = self.image.index.descriptor()
        artefact = oci.manifest_of(self._empty, (), artifactType="application/vnd.hub2ghcr.smoke", subject=subject)
        return self.put(self.repository, artefact.digest, artefact)

    @cached_property
    def nested(self) -> str:
        """A package with a slash in its name, with the image in it."""
        repository = f"{self.repository}/nested"
        self.push(repository, self.tag, self.image)
        return f"{self.settings.package}/nested"

    @cached_property
    def linked(self) -> str:
        """A package whose image names a repository as its source."""
        name = _set(self.settings.source_repository, "SOURCE_REPOSITORY")
        label = {SOURCE: f"https://github.com/{self.settings.owner}/{name}"}
        self.push(f"{self.repository}/linked", self.tag, self.make(label))
        return f"{self.settings.package}/linked"

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """The tags of this run in the order in which they were pushed, which is not the order of their names."""
        names = tuple(f"{self.tag}-{number * 37 % TAGS:03}" for number in range(TAGS))
        for name in names:
            self.put(self.repository, name, self.image.index)
        return names

    @cached_property
    def _empty(self) -> oci.Blob:
        self.push_blob(self.repository, EMPTY)
        return EMPTY

    def is_new(self, package: str) -> bool:
        """Whether this run made a package."""
        return package in self._new

    def soon(self, question: Callable[[], httpx.Response], *statuses: int) -> httpx.Response:
        """The first answer with one of these statuses; after that patience the last one, whatever it is."""
        answers: list[httpx.Response] = []

        def answered() -> bool:
            answers.append(question())
            return answers[-1].status_code in statuses

        self._until(answered)
        return answers[-1]

    def _until(self, happened: Callable[[], bool]) -> None:
        end, pause = time.monotonic() + self.patience, 0.1
        while not happened() and time.monotonic() + pause < end:
            time.sleep(pause)
            pause = min(2 * pause, 5.0)

    def versions(self, package: str) -> dict[str, dict[str, Any]]:
        """The newest 100 versions of a package by their names, which are digests."""
        answer = self.rest.send("GET", package, "/versions", params={"per_page": 100})
        return {str(each["name"]): each for each in expect(answer, 200).json()}

    def remove(self) -> tuple[str, ...]:
        """Remove what this run made; what became of it, one line for each package."""
        return tuple(self._remove(name) for name in self.packages if self._pushed.get(self._repository(name)))

    def _remove(self, package: str) -> str:
        repository = self._repository(package)
        try:
            versions = self.noticed(package)
            if package in self._new:
                answer = self.rest.send("DELETE", package)
                done = f"{repository}: deleted (GitHub keeps it for 30 days)"
                return (
                    done
                    if answer.status_code == 204
                    else f"{repository}: LEFT: {said(answer)}: look, and delete it by hand"
                )
            own = [versions[digest]["id"] for digest in sorted(self._pushed[repository]) if digest in versions]
            gone = sum(self.rest.send("DELETE", package, f"/versions/{each}").status_code == 204 for each in own)
            return f"{repository}: {gone} versions of this run deleted, {len(self._pushed[repository]) - gone} left"
        except (httpx.TransportError, Unexpected, ValueError, LookupError, TypeError) as error:
            return f"{repository}: LEFT: {type(error).__name__}: delete it by hand"

    def noticed(self, package: str) -> dict[str, dict[str, Any]]:
        """The versions, once GitHub knows all that was pushed: what it hears of later would come back once deleted."""
        pushed = self._pushed[self._repository(package)]
        known: dict[str, dict[str, Any]] = {}

        def all_known() -> bool:
            known.clear()
            if self.rest.send("GET", package).status_code == 200:
                known.update(self.versions(package))
            return all(digest in known and tags <= tags_of(known[digest]) for digest, tags in pushed.items())

        self._until(all_known)
        return known

    def _repository(self, package: str) -> str:
        return f"{self.settings.owner}/{package}"

    def _exists(self, package: str) -> bool:
        if expect(self.rest.send("GET", package), 200, 404).status_code == 200:
            return True
        token = self.ghcr.ask_token(f"repository:{self._repository(package)}:pull")
        # A login that is refused tells nothing of the package: the push will say so.
        if token.status_code != 200:
            return False
        listed = self.read(self._repository(package), "tags/list")
        return listed.status_code == 200 and bool(listed.json().get("tags"))

    def make(self, labels: Mapping[str, str]) -> oci.Image:
        """An image of two platforms with this run's mark and these labels."""
        own = oci.layer({"mark": self.mark.encode()})
        layers = {"amd64": (own,), "arm64": (own,)}
        return oci.image(oci.Content(("/mark",), layers, {"mark": self.mark, **labels}))


def tags_of(version: Mapping[str, Any]) -> set[str]:
    """The tags that a version lists."""
    return set((version.get("metadata") or {}).get("container", {}).get("tags", ()))


def _set(value: T | None, name: str) -> T:
    if not value:
        raise Unchecked(f"{PREFIX}{name} is not set")
    return value
