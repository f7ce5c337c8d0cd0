"""What is assumed of GHCR as a registry."""

from __future__ import annotations

from typing import Final

import httpx

from lab import oci
from tests.live.fact import Unchecked, fact
from tests.live.ground import Ground
from tests.live.service import Registry, challenge, expect, said
from tests.live.settings import Login

RULES: Final = "lab/registry_rules/ghcr.json: "
CHUNK: Final = 4 * 1024 * 1024
"""Bytes that a PATCH with Content-Range may carry."""


@fact("ghcr", "401 Bearer ghcr.io", stand_in=RULES + "service")
def challenges_with_bearer(ground: Ground) -> str:
    """Without a token it asks for one, of the service ghcr.io."""
    answer = ground.http.get(f"{ground.settings.ghcr_url}/v2/")
    return f"{answer.status_code} Bearer {challenge(answer).get('service', '')}".rstrip()


@fact("ghcr", "401 UNAUTHORIZED", stand_in="lab/registry_config.py: auth of the registry")
def basic_is_no_token(ground: Ground) -> str:
    """Basic authentication straight to /v2 fails, even with the owner's token."""
    login = httpx.BasicAuth(ground.settings.ghcr.user, ground.settings.ghcr.secret)
    return said(
        ground.http.get(f"{ground.settings.ghcr_url}/v2/{ground.repository}/manifests/{ground.tag}", auth=login)
    )


@fact("ghcr", "300", stand_in=RULES + "token_seconds")
def tokens_tell_their_life(ground: Ground) -> str:
    """The token endpoint tells the seconds of a token's life as expires_in."""
    answer = ground.ghcr.ask_token(_scope(ground.repository))
    return str(answer.json().get("expires_in", "none")) if answer.status_code == 200 else said(answer)


@fact("ghcr", "403 DENIED", stand_in=RULES + "no_access")
def no_token_for_what_is_missing(ground: Ground) -> str:
    """Nobody gets a token for a repository that does not exist."""
    return said(ground.anybody.ask_token(_scope(f"{ground.repository}/missing-{ground.mark}")))


@fact("ghcr", "403 DENIED", stand_in=RULES + "no_access")
def no_token_for_what_is_private(ground: Ground) -> str:
    """Nobody gets a token for a private repository."""
    return said(ground.anybody.ask_token(_scope(ground.repository)))


@fact("ghcr", "token 200, manifest 200", stand_in="lab/front/token.go: allowed")
def anybody_pulls_what_is_public(ground: Ground) -> str:
    """Nobody's token pulls a public image."""
    repository, _, tag = ground.settings.public.rpartition(":")
    return _pull(ground.anybody, repository, tag)


@fact("ghcr", "403 DENIED", stand_in=RULES + "bad_login")
def a_bad_login_breaks_public_pulls(ground: Ground) -> str:
    """A credential that is no longer good is refused even for a public image."""
    login = Login(ground.settings.ghcr.user, f"expired-{ground.mark}")
    repository = ground.settings.public.rpartition(":")[0]
    return said(ground.ghcr_as(login, "GHCR_TOKEN").ask_token(_scope(repository)))


@fact("ghcr", "403 DENIED", stand_in=RULES + "bad_login")
def fine_grained_tokens_are_refused(ground: Ground) -> str:
    """A fine-grained token is refused as a bad login is."""
    return said(ground.ghcr_as(ground.settings.fine_grained, "FINE_GRAINED_TOKEN").ask_token(_scope(ground.repository)))


@fact("ghcr", "token 200, manifest 401", "token 200, manifest 403", "token 200, manifest 404")
def app_tokens_log_in_and_cannot_pull(ground: Ground) -> str:
    """An installation token of a GitHub App logs in, and its pulls are refused."""
    return _pull(ground.ghcr_as(ground.settings.app, "APP_TOKEN"), ground.repository, ground.tag)


@fact("ghcr", "403 DENIED", stand_in=RULES + "no_push")
def a_pull_token_does_not_push(ground: Ground) -> str:
    """A token that was asked for pulling opens no upload."""
    path = f"/v2/{ground.repository}/blobs/uploads/"
    return said(ground.ghcr.send("POST", path, _scope(ground.repository)))


@fact("ghcr", "same digest, same bytes", stand_in="lab/registries.py: the registry itself")
def manifests_stay_byte_for_byte(ground: Ground) -> str:
    """A manifest is answered with the bytes that were pushed, HEAD with their digest."""
    head = ground.read(ground.repository, f"manifests/{ground.tag}", "HEAD")
    answer = ground.read(ground.repository, f"manifests/{ground.tag}")
    if head.status_code != 200 or answer.status_code != 200:
        return f"HEAD {head.status_code}, GET {said(answer)}"
    digest = "same" if head.headers.get("docker-content-digest") == ground.image.digest else "another"
    return f"{digest} digest, {'same' if answer.content == ground.image.index.data else 'other'} bytes"


@fact("ghcr", "307 to another host", stand_in=RULES + "blob_redirect")
def blobs_are_elsewhere(ground: Ground) -> str:
    """GET of a blob is sent to another host with 307."""
    answer = ground.read(ground.repository, f"blobs/{ground.image.blobs[0].digest}")
    return f"{said(answer)} to {_where(answer)}" if answer.is_redirect else said(answer)


@fact("ghcr", "200, same bytes", stand_in="lab/front/blobs.go: serveBlob")
def the_other_host_needs_no_token(ground: Ground) -> str:
    """The blob's other host wants no Authorization."""
    blob = ground.image.blobs[0]
    answer = ground.http.get(_link(ground))
    return f"{said(answer)}, {'same' if answer.content == blob.data else 'other'} bytes"


@fact("ghcr", "400", "401", "403", stand_in="lab/front/blobs.go: serveBlob")
def the_other_host_refuses_a_token(ground: Ground) -> str:
    """The blob's other host refuses a request that brings an Authorization along."""
    # No token of the caller's: that host has no right to one.
    return str(ground.http.get(_link(ground), headers={"Authorization": "Bearer none"}).status_code)


@fact("ghcr", "202", stand_in=RULES + "max_chunk")
def a_chunk_of_4_mib_is_taken(ground: Ground) -> str:
    """A PATCH with Content-Range may carry 4 MiB."""
    return _patch(ground, CHUNK, ranged=True)


@fact("ghcr", "416", stand_in=RULES + "max_chunk")
def a_larger_chunk_is_refused(ground: Ground) -> str:
    """A PATCH with Content-Range over 4 MiB is refused with 416."""
    return _patch(ground, CHUNK + 1, ranged=True)


@fact("ghcr", "202", stand_in=RULES + "max_chunk")
def a_stream_has_no_chunks(ground: Ground) -> str:
    """A PATCH without Content-Range may carry more than 4 MiB."""
    return _patch(ground, CHUNK + 1, ranged=False)


@fact("ghcr", "201", stand_in=RULES + "max_chunk")
def one_put_takes_a_whole_blob(ground: Ground) -> str:
    """One streamed PUT takes a blob of more than 4 MiB."""
    blob = oci.Blob(oci.LAYER_TYPE, ground.mark.encode() + bytes(CHUNK))
    ground.push_blob(ground.repository, blob)
    return "201"


@fact("ghcr", "201", "202", stand_in=RULES + "mount")
def a_mount_is_made_or_becomes_an_upload(ground: Ground) -> str:
    """A mount from another repository of the owner answers 201, or 202 and an upload."""
    nested = f"{ground.repository}/nested"
    scopes = f"repository:{nested}:pull,push {_scope(ground.repository)}"
    query = {"mount": ground.image.blobs[0].digest, "from": ground.repository}
    answer = ground.ghcr.send("POST", f"/v2/{nested}/blobs/uploads/", scopes, params=query)
    return said(answer) + ("" if answer.headers.get("location") or answer.is_error else " without a Location")


@fact("ghcr", "404", "200, empty", stand_in=RULES + "referrers")
def referrers_are_not_told(ground: Ground) -> str:
    """The referrers API is not there, or lists nothing, whatever is attached."""
    ground.attach()
    answer = ground.read(ground.repository, f"referrers/{ground.image.digest}")
    if answer.status_code != 200:
        return str(answer.status_code)
    return f"200, {len(answer.json().get('manifests') or ()) or 'empty'}"


@fact("ghcr", "no OCI-Subject", stand_in=RULES + "referrers")
def subjects_are_not_noted(ground: Ground) -> str:
    """A manifest with a subject is taken without OCI-Subject, so that its pusher keeps the fallback tag."""
    return "OCI-Subject" if "oci-subject" in ground.attach().headers else "no OCI-Subject"


@fact("ghcr", "200", stand_in="lab/registries.py: the registry itself")
def the_fallback_tag_is_a_tag(ground: Ground) -> str:
    """The fallback tag of the referrers API, sha256-<hex>, is written and read as any tag."""
    tag = ground.image.manifests[0].digest.replace(":", "-")
    ground.put(ground.repository, tag, ground.image.index)
    return str(ground.read(ground.repository, f"manifests/{tag}", "HEAD").status_code)


@fact("ghcr", "100 and a Link to more", stand_in=RULES + "tags_page")
def tags_come_by_the_hundred(ground: Ground) -> str:
    """A page of tags/list has 100 at most, whatever n asks, and a Link to the next one."""
    _ = ground.tags
    answer = ground.read(ground.repository, "tags/list?n=1000")
    if answer.status_code != 200:
        return said(answer)
    following = "a Link to more" if "next" in answer.links else "no Link"
    return f"{len(answer.json()['tags'])} and {following}"


@fact("ghcr", "oldest first")
def tags_come_oldest_first(ground: Ground) -> str:
    """tags/list begins with the oldest tag."""
    pushed = ground.tags
    answer = ground.read(ground.repository, "tags/list?n=1000")
    if answer.status_code != 200:
        return said(answer)
    listed = [tag for tag in answer.json()["tags"] if tag in pushed]
    if not listed:
        raise Unchecked("the package has a page of older tags")
    orders = {"oldest first": list(pushed), "newest first": list(reversed(pushed)), "by name": sorted(pushed)}
    return next((name for name, tags in orders.items() if listed == tags[: len(listed)]), "in another order")


@fact("ghcr", "404 UNSUPPORTED", stand_in=RULES + "catalog")
def there_is_no_catalog(ground: Ground) -> str:
    """There is no list of all repositories."""
    return said(ground.ghcr.send("GET", "/v2/_catalog", _scope(ground.repository)))


@fact("ghcr", "405 UNSUPPORTED", stand_in=RULES + "manifest_delete")
def manifests_are_not_deleted(ground: Ground) -> str:
    """A manifest cannot be deleted through the registry."""
    path, scope = f"/v2/{ground.repository}/manifests/{ground.image.digest}", f"repository:{ground.repository}:delete"
    # GHCR may know no such action; the one that it knows is as good a proof.
    if ground.ghcr.ask_token(scope).status_code != 200:
        scope = f"repository:{ground.repository}:pull,push"
    return said(ground.ghcr.send("DELETE", path, scope))


@fact("ghcr", "400 NAME_INVALID", stand_in=RULES + "lower_case_only")
def names_are_in_lower_case(ground: Ground) -> str:
    """A name with an upper-case letter is refused."""
    path = f"/v2/{ground.repository.title()}/manifests/{ground.tag}"
    return said(ground.ghcr.send("GET", path, _scope(ground.repository)))


@fact("ghcr", "200", stand_in="lab/registries.py: the registry itself")
def names_are_nested(ground: Ground) -> str:
    """A name may have more than two parts."""
    repository = f"{ground.settings.owner}/{ground.nested}"
    return str(ground.read(repository, f"manifests/{ground.tag}", "HEAD").status_code)


@fact("ghcr", "no pull limit", stand_in=RULES + "no pull_limit")
def pulls_are_not_counted(ground: Ground) -> str:
    """Answers tell no pull limit."""
    answer = ground.read(ground.repository, f"manifests/{ground.tag}")
    told = any(name.startswith("ratelimit") for name in answer.headers)
    return ("a pull limit" if told else "no pull limit") if answer.status_code == 200 else said(answer)


def _scope(repository: str) -> str:
    return f"repository:{repository}:pull"


def _pull(registry: Registry, repository: str, tag: str) -> str:
    token = registry.ask_token(_scope(repository))
    if token.status_code != 200:
        return f"token {said(token)}"
    head = registry.send("HEAD", f"/v2/{repository}/manifests/{tag}", _scope(repository))
    return f"token 200, manifest {head.status_code}"


def _patch(ground: Ground, size: int, *, ranged: bool) -> str:
    location, scope = ground.open_upload(ground.repository), f"repository:{ground.repository}:pull,push"
    headers = {"Content-Type": "application/octet-stream", "Content-Length": str(size)}
    if ranged:
        headers["Content-Range"] = f"0-{size - 1}"
    answer = ground.ghcr.send("PATCH", location, scope, content=bytes(size), headers=headers)
    return said(answer)


def _where(answer: httpx.Response) -> str:
    target = answer.request.url.join(answer.headers.get("location", ""))
    return "the same host" if target.host == answer.request.url.host else "another host"


def _link(ground: Ground) -> str:
    answer = expect(ground.read(ground.repository, f"blobs/{ground.image.blobs[0].digest}"), 301, 302, 303, 307, 308)
    return str(answer.request.url.join(answer.headers.get("location", "")))
