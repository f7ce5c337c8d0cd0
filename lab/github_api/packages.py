"""Container packages and their versions: what GHCR holds, as GitHub's packages API shows it.

A package is the part of a repository's name on GHCR after its owner, and may contain slashes, which callers write
``%2F``. Nothing here changes visibility, link or access, because no API of GitHub's does.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import quote

from lab.github_api import people, repositories
from lab.github_api.exchange import Answer, Call, Document, Refusal, invalid, not_found
from lab.github_api.paging import page
from lab.github_api.registry import Registry
from lab.github_api.store import Store, identity, now

SOURCE = "org.opencontainers.image.source"
"""The label that links a package to a repository when it is first pushed."""

WORKFLOW = "repo:"
"""Before the repository in the subject of what a workflow's GITHUB_TOKEN pushes."""

TYPES = ("npm", "maven", "rubygems", "docker", "nuget", "container")


def pushed(
    store: Store,
    registry: Registry,
    repository: str,
    digest: str,
    tag: str,
    hosts: tuple[str, ...] = (),
    subject: str = "",
) -> None:
    """A manifest arrived at GHCR: its package and version appear, and the tag moves to it.

    A new package is linked to the repository whose GITHUB_TOKEN pushed it (``subject``, see ``access.subject``), else
    to that which its label names, else to none. ``hosts`` are further roots of links, beside GitHub's own.
    """
    owner, _, name = repository.partition("/")
    moment = now()
    package = store.read("packages", owner, name)
    if package is None or package["deleted_at"]:
        link = subject.removeprefix(WORKFLOW) if subject.startswith(WORKFLOW) else None
        link = link or _link(store, owner, registry.labels(digest).get(SOURCE, ""), hosts)
        package = {
            "owner": owner,
            "name": name,
            "visibility": "private",
            "repository": link,
            "created_at": moment,
            "versions": {},
            "deleted_at": None,
        }
    version = package["versions"].setdefault(digest, {"created_at": moment, "tags": [], "deleted_at": None})
    version |= {"updated_at": moment, "deleted_at": None}
    if tag:
        for other in package["versions"].values():
            other["tags"] = [kept for kept in other["tags"] if kept != tag]
        version["tags"].append(tag)
    package["updated_at"] = moment
    store.write(package, "packages", owner, name)


def listing(call: Call) -> Answer:
    """``GET …/packages``: those that the caller may see, sorted by name, by ``package_type`` and ``visibility``."""
    owner = _owner(call)
    kind = call.query.get("package_type")
    if kind not in TYPES:
        raise (
            Refusal(400, "Package type is required") if kind is None else Refusal(400, f"Invalid package type: {kind}")
        )
    chosen = [one for one in call.store.documents("packages", owner) if kind == "container" and _seen(call, one)]
    if wanted := call.query.get("visibility"):
        chosen = [one for one in chosen if _visibility(call, one) == wanted]
    chosen.sort(key=lambda one: str(one["name"]))
    return page(call, chosen, lambda one: _package(call, one))


def get(call: Call) -> Answer:
    """``GET …/packages/container/{package_name}``."""
    return Answer(200, _package(call, _find(call)))


def remove(call: Call) -> Answer:
    """``DELETE …/packages/container/{package_name}``: it can be restored."""
    package = _find(call, administer=True)
    package["deleted_at"] = now()
    for digest in _active(package):
        call.registry.withdraw(f"{package['owner']}/{package['name']}", digest)
    return _save(call, package)


def restore(call: Call) -> Answer:
    """``POST …/packages/container/{package_name}/restore``."""
    package = _find(call, administer=True, deleted=True)
    package["deleted_at"] = None
    call.registry.bring_back(f"{package['owner']}/{package['name']}", _active(package))
    return _save(call, package)


def versions(call: Call) -> Answer:
    """``GET …/versions``, newest first; ``state=deleted`` for those that can be restored."""
    package = _find(call)
    deleted = call.query.get("state", "active") == "deleted"
    chosen = [(digest, kept) for digest, kept in package["versions"].items() if bool(kept["deleted_at"]) is deleted]
    chosen = sorted(reversed(chosen), key=lambda one: str(one[1]["created_at"]), reverse=True)
    paged = not call.route.startswith("/users/")  # GitHub's description declares no paging for this one
    return page(call, chosen, lambda one: _version(call, package, *one), paged=paged)


def version(call: Call) -> Answer:
    """``GET …/versions/{package_version_id}``."""
    package = _find(call)
    return Answer(200, _version(call, package, *_find_version(call, package)))


def remove_version(call: Call) -> Answer:
    """``DELETE …/versions/{package_version_id}``; the last one goes only with its package."""
    package = _find(call, administer=True)
    digest, kept = _find_version(call, package)
    if len(_active(package)) == 1:
        raise Refusal(400, "You cannot delete the last version of a package. You must delete the package instead.")
    kept["deleted_at"] = now()
    call.registry.withdraw(f"{package['owner']}/{package['name']}", digest)
    return _save(call, package)


def restore_version(call: Call) -> Answer:
    """``POST …/versions/{package_version_id}/restore``."""
    package = _find(call, administer=True)
    digest, kept = _find_version(call, package, deleted=True)
    kept["deleted_at"] = None
    call.registry.bring_back(f"{package['owner']}/{package['name']}", {digest: kept["tags"]})
    return _save(call, package)


def set_visibility(store: Store, registry: Registry, owner: str, name: str, wanted: str) -> None:
    """What the settings page does, and no API: a public package stays public."""
    package = _existing(store, owner, name)
    if wanted not in ("public", "private"):
        raise invalid("Package", "visibility", "invalid")
    known = registry.visibility(f"{owner}/{name}") or package["visibility"]
    if known == "public" and wanted == "private":
        raise Refusal(422, "A public package cannot be made private again.")
    package["visibility"] = wanted
    store.write(package, "packages", owner, name)
    registry.set_visibility(f"{owner}/{name}", "public" if wanted == "public" else "private")


def connect(store: Store, owner: str, name: str, repository: str) -> None:
    """What the settings page does, and no API: link a package to a repository (``owner/name``), or to none."""
    package = _existing(store, owner, name)
    package["repository"] = repository or None
    store.write(package, "packages", owner, name)


def allow(store: Store, owner: str, name: str, repository: str, role: str) -> None:
    """What the settings page does, and no API: let a repository's workflows read or write; an empty role ends that."""
    package = _existing(store, owner, name)
    access = package.setdefault("access", {})
    if role:
        access[repository.lower()] = role
    else:
        access.pop(repository.lower(), None)
    store.write(package, "packages", owner, name)


def _existing(store: Store, owner: str, name: str) -> Document:
    package = store.read("packages", owner, name)
    if package is None or package["deleted_at"]:
        raise not_found()
    return package


def _owner(call: Call) -> str:
    if "org" in call.path:
        if call.store.read("organizations", call.path["org"]) is None:
            raise not_found()
        return call.path["org"]
    if "username" in call.path:
        known = call.store.read("users", call.path["username"]) or call.store.read(
            "organizations", call.path["username"]
        )
        if known is None:
            raise not_found()
        return str(known["login"])
    return call.login


def _find(call: Call, *, administer: bool = False, deleted: bool = False) -> Document:
    package = call.store.read("packages", _owner(call), call.path["package_name"])
    if call.path["package_type"] != "container" or package is None or bool(package["deleted_at"]) is not deleted:
        raise Refusal(404, "Package not found.")
    if not deleted and not _seen(call, package):
        raise Refusal(404, "Package not found.")
    if administer and not _administers(call, package):
        raise Refusal(403, "You must have admin permission on the package.")
    return package


def _find_version(call: Call, package: Document, *, deleted: bool = False) -> tuple[str, Document]:
    for digest, kept in package["versions"].items():
        if str(_id(package, digest)) == call.path["package_version_id"] and bool(kept["deleted_at"]) is deleted:
            return digest, kept
    raise Refusal(404, "Package version not found.")


def _save(call: Call, package: Document) -> Answer:
    package["updated_at"] = now()
    call.store.write(package, "packages", package["owner"], package["name"])
    return Answer(204)


def _administers(call: Call, package: Document) -> bool:
    return call.login in (*people.owners(call.store, package["owner"]), package["owner"])


def _seen(call: Call, package: Document) -> bool:
    if package["deleted_at"]:
        return False
    if _visibility(call, package) == "public" or _administers(call, package):
        return True
    repository = f"{package['owner']}/{package['name']}"
    return any(fnmatchcase(repository, pattern) for pattern, _ in (call.token.grants if call.token else ()))


def _visibility(call: Call, package: Document) -> str:
    return call.registry.visibility(f"{package['owner']}/{package['name']}") or str(package["visibility"])


def _link(store: Store, owner: str, source: str, hosts: tuple[str, ...]) -> str | None:
    """``owner/name`` of the repository that a label names, if the owner of the package has such a repository."""
    for host in ("https://github.com", *hosts):
        if source.startswith(f"{host}/"):
            named, _, name = source.removeprefix(f"{host}/").removesuffix(".git").partition("/")
            if named.lower() == owner.lower() and store.read("repositories", named, name):
                return f"{named}/{name}"
    return None


def _active(package: Mapping[str, Any]) -> dict[str, list[str]]:
    """The versions that are not deleted: digest to tags."""
    return {digest: kept["tags"] for digest, kept in package["versions"].items() if not kept["deleted_at"]}


def _id(package: Document, digest: str) -> int:
    return identity("version", package["owner"], package["name"], digest)


def _base(call: Call, package: Document) -> tuple[str, str]:
    """The package's address in the API, and on the site."""
    owner, name = package["owner"], quote(package["name"], safe="")
    kind = "orgs" if call.store.read("organizations", owner) else "users"
    return (
        f"{call.api}/{kind}/{owner}/packages/container/{name}",
        f"{call.site}/{kind}/{owner}/packages/container/package/{name}",
    )


def _package(call: Call, package: Document) -> Document:
    url, html = _base(call, package)
    body: Document = {
        "id": identity("package", package["owner"], package["name"]),
        "name": package["name"],
        "package_type": "container",
        "owner": people.simple(call, package["owner"]),
        "version_count": len(_active(package)),
        "visibility": _visibility(call, package),
        "url": url,
        "html_url": html,
        "created_at": package["created_at"],
        "updated_at": package["updated_at"],
    }
    if package["repository"]:
        linked = call.store.read("repositories", *package["repository"].split("/"))
        if linked:
            body["repository"] = repositories.minimal(call, linked)
    return body


def _version(call: Call, package: Document, digest: str, kept: Document) -> Document:
    url, html = _base(call, package)
    number = _id(package, digest)
    body = {
        "id": number,
        "name": digest,
        "url": f"{url}/versions/{number}",
        "package_html_url": html,
        "html_url": f"{html}/{number}",
        "created_at": kept["created_at"],
        "updated_at": kept["updated_at"],
        "metadata": {"package_type": "container", "container": {"tags": list(kept["tags"])}},
    }
    return body | ({"deleted_at": kept["deleted_at"]} if kept["deleted_at"] else {})
