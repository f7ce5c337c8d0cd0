"""What is assumed of Docker Hub's registry."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final

import httpx

from tests.live.fact import Unchecked, Unexpected, fact
from tests.live.ground import Ground
from tests.live.service import Registry, challenge, expect, said
from tests.live.settings import Login

RULES: Final = "lab/registry_rules/hub.json: "
LIMIT: Final = "lab/front/limit.go: "
PREVIEW: Final = "ratelimitpreview/test"
"""The repository that Docker tells its users to ask when they want to know their pull limit."""


@fact("hub", "401 Bearer registry.docker.io", stand_in=RULES + "service")
def challenges_with_bearer(ground: Ground) -> str:
    """Without a token it asks for one, of the service registry.docker.io."""
    answer = ground.http.get(f"{ground.settings.hub_url}/v2/")
    return f"{answer.status_code} Bearer {challenge(answer).get('service', '')}".rstrip()


@fact("hub", "300", stand_in=RULES + "token_seconds")
def tokens_tell_their_life(ground: Ground) -> str:
    """The token endpoint tells the seconds of a token's life as expires_in."""
    answer = ground.hub.ask_token(_scope(PREVIEW))
    return str(answer.json().get("expires_in", "none")) if answer.status_code == 200 else said(answer)


@fact("hub", "401 UNAUTHORIZED", stand_in=RULES + "bad_login")
def a_bad_login_is_refused(ground: Ground) -> str:
    """A wrong password is refused by the token endpoint."""
    login = Login(f"nobody-{ground.mark}", f"wrong-{ground.mark}")
    return said(ground.hub_as(login).ask_token(_scope(PREVIEW)))


@fact("hub", "token 200, manifest 401")
def a_missing_repository_looks_private(ground: Ground) -> str:
    """Nobody gets a token for what is missing or private, but it opens nothing."""
    repository = f"{PREVIEW}-{ground.mark}"
    token = ground.hub.ask_token(_scope(repository))
    if token.status_code != 200:
        return f"token {said(token)}"
    head = ground.hub.send("HEAD", f"/v2/{repository}/manifests/latest", _scope(repository))
    return f"token 200, manifest {head.status_code}"


@fact("hub", "100;w=21600, ratelimit-remaining, docker-ratelimit-source", stand_in=RULES + "pull_limit")
def head_tells_the_limit(ground: Ground) -> str:
    """HEAD tells an anonymous limit of 100 in six hours, what remains, and who is counted."""
    return _limit(ground.hub)


@fact(
    "hub",
    "200;w=21600, ratelimit-remaining, docker-ratelimit-source",
    "unlimited",
    stand_in=RULES + "pull_limit",
)
def an_account_has_its_own_limit(ground: Ground) -> str:
    """An account's limit is 200 in six hours, or none, and then no header tells one."""
    return _limit(ground.hub_as(ground.settings.hub))


@fact("hub", "0", stand_in=LIMIT + "take")
def head_is_free(ground: Ground) -> str:
    """HEAD of a manifest costs no pull."""
    return _cost(ground, lambda repository, tag: _manifest(ground, "HEAD", repository, tag))


@fact("hub", "1", stand_in=LIMIT + "take")
def get_costs_a_pull(ground: Ground) -> str:
    """GET of an index costs one pull."""
    return _cost(ground, lambda repository, tag: _manifest(ground, "GET", repository, tag))


@fact("hub", "2", stand_in=LIMIT + "take")
def each_manifest_costs_a_pull(ground: Ground) -> str:
    """GET of an index and then of one platform's manifest costs two pulls."""

    def both(repository: str, tag: str) -> None:
        listed = _manifest(ground, "GET", repository, tag).json().get("manifests")
        if not listed:
            raise Unchecked(f"{ground.settings.image} has no platforms")
        _manifest(ground, "GET", repository, listed[0]["digest"])

    return _cost(ground, both)


@fact("hub", "same digest", stand_in="lab/registries.py: the registry itself")
def head_tells_the_digest(ground: Ground) -> str:
    """HEAD of a manifest tells the digest of what GET answers (costs one pull)."""
    repository, _, tag = ground.settings.image.rpartition(":")
    told = _manifest(ground, "HEAD", repository, tag).headers.get("docker-content-digest", "none")
    content = _manifest(ground, "GET", repository, tag).content
    return "same digest" if told == f"sha256:{hashlib.sha256(content).hexdigest()}" else "another digest"


@fact("hub", "200 application/vnd.oci.image.index.v1+json", stand_in=RULES + "referrers")
def referrers_are_told(ground: Ground) -> str:
    """The referrers API is there, for whatever is attached or not."""
    repository, _, tag = ground.settings.image.rpartition(":")
    digest = _manifest(ground, "HEAD", repository, tag).headers.get("docker-content-digest", "")
    answer = ground.hub.send("GET", f"/v2/{repository}/referrers/{digest}", _scope(repository))
    return f"{said(answer)} {answer.headers.get('content-type', '').partition(';')[0]}".rstrip()


@fact("hub", "1 and a Link to more", stand_in="lab/registries.py: the registry itself")
def tags_come_in_pages(ground: Ground) -> str:
    """tags/list gives as many tags as n asks, and a Link to the next ones."""
    repository = ground.settings.image.rpartition(":")[0]
    answer = ground.hub.send("GET", f"/v2/{repository}/tags/list?n=1", _scope(repository))
    if answer.status_code != 200:
        return said(answer)
    return f"{len(answer.json()['tags'])} and {'a Link to more' if 'next' in answer.links else 'no Link'}"


@fact("hub", "200", "307 to another host", stand_in=RULES + "no blob_redirect")
def blobs_are_here_or_elsewhere(ground: Ground) -> str:
    """GET of a blob is answered, or sent to another host with 307 (costs up to two pulls)."""
    repository, _, tag = ground.settings.image.rpartition(":")
    found = _manifest(ground, "GET", repository, tag).json()
    if found.get("manifests"):
        found = _manifest(ground, "GET", repository, found["manifests"][0]["digest"]).json()
    answer = ground.hub.send("GET", f"/v2/{repository}/blobs/{found['config']['digest']}", _scope(repository))
    if not answer.is_redirect:
        return said(answer)
    target = answer.request.url.join(answer.headers.get("location", ""))
    return f"{said(answer)} to {'the same' if target.host == answer.request.url.host else 'another'} host"


@fact("hub", "404 UNSUPPORTED", stand_in=RULES + "catalog")
def there_is_no_catalog(ground: Ground) -> str:
    """There is no list of all repositories."""
    return said(ground.hub.send("GET", "/v2/_catalog", _scope(PREVIEW)))


def _scope(repository: str) -> str:
    return f"repository:{repository}:pull"


def _manifest(ground: Ground, method: str, repository: str, reference: str) -> httpx.Response:
    answer = ground.hub.send(method, f"/v2/{repository}/manifests/{reference}", _scope(repository))
    if answer.status_code == 429:
        raise Unchecked("the pull limit of this address is spent; wait for it")
    return expect(answer, 200)


def _preview(registry: Registry) -> httpx.Headers:
    return expect(registry.send("HEAD", f"/v2/{PREVIEW}/manifests/latest", _scope(PREVIEW)), 200).headers


def _limit(registry: Registry) -> str:
    headers = _preview(registry)
    others = [name for name in ("ratelimit-remaining", "docker-ratelimit-source") if name in headers]
    limit = headers.get("ratelimit-limit")
    return ", ".join([limit, *others]) if limit else ", ".join(["unlimited", *others])


def _remaining(registry: Registry) -> int:
    told = _preview(registry).get("ratelimit-remaining")
    if told is None:
        raise Unexpected("no ratelimit-remaining")
    return int(told.partition(";")[0])


def _cost(ground: Ground, pull: Callable[[str, str], object]) -> str:
    repository, _, tag = ground.settings.image.rpartition(":")
    before = _remaining(ground.hub)
    pull(repository, tag)
    return str(before - _remaining(ground.hub))
