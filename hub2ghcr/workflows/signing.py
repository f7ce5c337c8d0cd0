"""Where workflows sign in: to GHCR, as far as the images of their jobs are there now."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ..reference import HUB, HUB_HOSTS
from . import keys
from .draft import Draft
from .fates import Known, key
from .migration import Flavour
from .moving import Edit, registry_options
from .settling import Want
from .texts import UNKNOWN, Origin, Text
from .uses import Given, Job, SignIn, host_of

USERNAME: Final = "${{ github.actor }}"

PAT: Final = "${{ secrets.CR_PAT }}"  # the name of an Actions secret

_REMEDY: Final = "sign in to ghcr.io here, or remove it with the secrets"


@dataclass(frozen=True, slots=True)
class Moving:
    """A place that signs in to GHCR from now on; ``want``: what becomes of the registry's name."""

    sign: SignIn
    registry: str
    want: Want


def host(sign: SignIn) -> str | None:
    """Return the registry that somebody signs in to; None: nobody knows."""
    if sign.registry is None or not sign.registry.plain.strip():
        return HUB
    return None if UNKNOWN in sign.registry.plain else host_of(sign.registry.plain)


def moving(
    jobs: list[Job], known: dict[str, list[Known]], flavour: Flavour, draft: Draft, wants: list[Want]
) -> list[Moving]:
    """Return the places that sign in to GHCR from now on.

    Args:
        jobs: the repository's.
        known: their images.
        flavour: what signs in.
        draft: is told of what cannot be decided.
        wants: get the names of registries, those that stay among them.
    """
    places: dict[Origin, dict[SignIn, list[Job]]] = {}
    for job in jobs:
        for sign in job.signs_in:
            places.setdefault(sign.place, {}).setdefault(sign, []).append(job)
    found: list[Moving] = []
    for place, signs in places.items():
        hub = [sign for sign in signs if host(sign) in HUB_HOSTS]
        verdicts = [_verdict(job, sign, known[key(job)]) for sign in hub for job in signs[sign]]
        registry = _one_registry(place, set(signs), verdicts, draft)
        if registry and all(_can(sign, flavour, draft) for sign in hub):
            draft.notes |= {f"{draft.where(place)}: {why}" for _, why in verdicts if why}
            moved = [Moving(sign, registry, _want(sign, registry, draft)) for sign in hub]
            wants += [each.want for each in moved]
            found += moved
            continue
        if registry:
            draft.problem(place, "cannot sign in to GHCR as it is written", None, "change it by hand")
        wants += [Want(sign.registry, []) for sign in signs if sign.registry is not None]
    return found


def _one_registry(place: Origin, signs: set[SignIn], verdicts: list[tuple[str, str]], draft: Draft) -> str:
    """Return the registry that a place signs in to from now on, empty where it stays; what speaks against it is told.

    One step may sign in for several jobs, and to several registries (a matrix, an action's inputs): whatever it signs
    in with would be sent to all of them.
    """
    targets = {target for target, _ in verdicts}
    others = {host(sign) for sign in signs} - HUB_HOSTS - targets
    if len(targets) == 1 and not others:
        if "" not in targets:
            return targets.pop()
    elif len(targets) > 1 or ("" not in targets and verdicts):
        what = "signs in to several registries" if others else "signs in for images that move and for others"
        draft.problem(place, what, None, "give each a step of its own")
        return ""
    for _, why in verdicts:
        if why:
            draft.problem(place, why, None, _REMEDY)
    return ""


def _want(sign: SignIn, registry: str, draft: Draft) -> Want:
    if sign.registry is None:
        return Want(Text(()), [])
    return Want(sign.registry, draft.possible(registry_options(sign.registry, registry)))


def _verdict(job: Job, sign: SignIn, known: list[Known]) -> tuple[str, str]:
    """Return the registry that a job needs instead, empty for none; and a remark."""
    moved = sorted({each.fate.target.partition("/")[0] for each in known if each.moved})
    stays = [each for each in known if each.fate.source.startswith(f"{HUB}/") and not each.moved]
    stays = [each for each in stays if each.fate.state != "local"]
    if any(each.kept for each in known):
        return "", ""
    if not moved:
        if any(each.fate.state in ("unknown", "move", "problem") for each in known):
            return "", "signs in to Docker Hub, and which images of its job move is not known"
        if stays:
            return "", "signs in to Docker Hub, where the images of its job stay"
        return "", "signs in to Docker Hub, and no image of it is named here"
    if any(host(each) in moved for each in job.signs_in if each != sign):
        return "", f"signs in to Docker Hub, and to {moved[0]} besides"
    pushed = [each.fate.source for each in stays if each.pushed]
    if pushed:
        return "", f"signs in to Docker Hub, where {pushed[0]} is still pushed to"
    if stays:
        names = ", ".join(sorted({each.fate.source for each in stays}))
        return moved[0], f"does not sign in to Docker Hub any more; its job pulls from there without: {names}"
    return moved[0], ""


def _can(sign: SignIn, flavour: Flavour, draft: Draft) -> bool:
    given = [each for each in (sign.username, sign.password) if each is not None]
    places = [each.place for each in given] + ([sign.at] if isinstance(sign.at, Origin) else [])
    # All of it or nothing: GitHub's token must not be sent to Docker Hub
    if sign.password is None or any(draft.located(each) is None for each in places):
        return False
    return flavour == "token" or sign.secrets


def sign_in(moving: list[Moving], flavour: Flavour, draft: Draft) -> None:
    """Let places sign in to GHCR, but where the name of the registry cannot be written."""
    broken = {each.sign.place for each in moving if each.sign.registry is not None and not each.want.taken}
    able = [each for each in moving if each.sign.place not in broken]
    for place in broken:
        draft.problem(place, "the registry's name is used for other things, too", None, "write it out")
    for each in able:
        _sign_in(each, [other.sign for other in able], flavour, draft)


def _sign_in(moving: Moving, signs: list[SignIn], flavour: Flavour, draft: Draft) -> None:
    sign, registry = moving.sign, moving.registry
    if sign.registry is None:
        if isinstance(sign.at, Origin):
            draft.edit(Edit(sign.at, f" {registry}"))
        else:
            path, said = sign.place.file, f"registry: {registry}"
            draft.put(path, keys.before(draft.data(path), sign.at[1], [said]), said)
    for given, value in zip((sign.username, sign.password), _values(flavour, sign.secrets), strict=True):
        if given is not None:
            place = _place(given, draft.data(given.place.file), _uses(given, signs))
            if place.text != value:
                draft.edit(Edit(place, value))


def open_containers(jobs: list[Job], known: dict[str, list[Known]], flavour: Flavour, draft: Draft) -> None:
    """Let containers and services be pulled with credentials of GHCR, where they had some and their images move."""
    for job in jobs:
        moved = {each.image: each.fate.target.partition("/")[0] for each in known[key(job)] if each.moved}
        there = {each.image: each.fate.source.partition("/")[0] for each in known[key(job)]} | moved
        for container in job.containers:
            alike = [other for other in job.containers if other.password == container.password]
            if container.image not in moved:
                continue
            if len({there[other.image] for other in alike}) > 1:
                what = "credentials of images that move and of others"
                at = None if container.password is None else container.password.place
                draft.problem(at, what, None, "give each image a job of its own")
                continue
            for each, value in zip((container.username, container.password), _values(flavour, True), strict=True):
                if each is not None:
                    draft.edit(Edit(each.place, value))


def _values(flavour: Flavour, secrets: bool) -> tuple[str, str]:
    """Return username and password; a composite action cannot read ``secrets`` and has the token elsewhere."""
    if flavour == "pat":
        return USERNAME, PAT
    return USERNAME, "${{ secrets.GITHUB_TOKEN }}" if secrets else "${{ github.token }}"


def _uses(given: Given, signs: list[SignIn]) -> int:
    """Return in how many places that sign in to GHCR now the same variable is used."""
    said = [each for sign in signs for each in (sign.username, sign.password)]
    origins = [(each.place, each.text.chunks[0].origin) for each in said if each is not None and each.text.chunks]
    return len({place for place, origin in origins if given.text.chunks and origin == given.text.chunks[0].origin})


def _place(given: Given, data: bytes, uses: int) -> Origin:
    """Return where a credential is written anew: where its variable is set, if nothing else in the file uses that.

    Args:
        given: the credential.
        data: the file that uses it.
        uses: places that sign in with the same variable.
    """
    chunks = given.text.chunks
    if len(chunks) != 1 or chunks[0].use is None or chunks[0].origin.file != given.place.file:
        return given.place
    names = re.findall(rb"[A-Za-z_]\w*", chunks[0].use.text.encode())
    if not names:
        return given.place
    named = rb"(?<![\w.-])(?:env\.)?" + names[-1] + rb"(?![\w-])"
    return chunks[0].origin if len(re.findall(named, data)) == uses + 1 else given.place
