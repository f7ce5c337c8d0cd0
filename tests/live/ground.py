"""The ground of a run: throw-away packages on GHCR that hold a few bytes, made before and removed after.

Nothing is removed but what the run itself has made: packages that did not exist before it, and in a package that did,
the versions that it pushed.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
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
    _pushed: dict[str, set[str]] = field(default_factory=dict)

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
        return self._image({})

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
                    *(f"{self.settings.owner}/{name} exists and may be in use" for name in there),
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
        self._pushed.setdefault(repository, set()).add(manifest.digest)
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
        self.push(f"{self.repository}/linked", self.tag, self._image(label))
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
        end = time.monotonic() + self.patience
        pause = 0.1
        while (answer := question()).status_code not in statuses and time.monotonic() + pause < end:
            time.sleep(pause)
            pause = min(2 * pause, 5.0)
        return answer

    def remove(self) -> tuple[str, ...]:
        """Remove what this run made; what became of it, one line for each package."""
        return tuple(line for name in self.packages if (line := self._remove(name)))

    def _remove(self, package: str) -> str:
        repository = f"{self.settings.owner}/{package}"
        pushed = self._pushed.get(repository, set())
        if not pushed:
            return ""
        try:
            if package in self._new:
                answer = self.soon(lambda: self.rest.send("DELETE", package), 204)
                done = f"{repository}: deleted (GitHub keeps it for 30 days)"
                return done if answer.status_code == 204 else f"{repository}: LEFT: {said(answer)}: delete it by hand"
            left = sum(not self._remove_version(package, digest) for digest in sorted(pushed))
            return f"{repository}: {len(pushed) - left} versions of this run deleted, {left} left"
        except (httpx.TransportError, Unexpected) as error:
            return f"{repository}: LEFT: {type(error).__name__}: delete it by hand"

    def _remove_version(self, package: str, digest: str) -> bool:
        found = self.version(package, digest)
        return found is not None and self.rest.send("DELETE", package, f"/versions/{found['id']}").status_code == 204

    def version(self, package: str, digest: str) -> dict[str, Any] | None:
        """The version of a package that has this digest as its name, among the newest 100."""
        answer = self.rest.send("GET", package, "/versions", params={"per_page": 100})
        listed: list[dict[str, Any]] = expect(answer, 200).json()
        return next((each for each in listed if each.get("name") == digest), None)

    def _exists(self, package: str) -> bool:
        if expect(self.rest.send("GET", package), 200, 404).status_code == 200:
            return True
        token = self.ghcr.ask_token(f"repository:{self.settings.owner}/{package}:pull")
        # A login that is refused tells nothing of the package: the push will say so.
        if token.status_code != 200:
            return False
        listed = self.read(f"{self.settings.owner}/{package}", "tags/list")
        return listed.status_code == 200 and bool(listed.json().get("tags"))

    def _image(self, labels: dict[str, str]) -> oci.Image:
        own = oci.layer({"mark": self.mark.encode()})
        layers = {"amd64": (own,), "arm64": (own,)}
        return oci.image(oci.Content(("/mark",), layers, {"mark": self.mark, **labels}))


def _set(value: T | None, name: str) -> T:
    if not value:
        raise Unchecked(f"{PREFIX}{name} is not set")
    return value
