"""Users and organisations: who there is, and how GitHub shows them."""

from __future__ import annotations

from dataclasses import replace

from lab.github_api.exchange import Answer, Call, Document, Refusal, not_found
from lab.github_api.paging import page
from lab.github_api.store import Store, identity, node

CREATED = "2020-01-01T00:00:00Z"
"""When every account of a lab was opened."""

OWNERS = {"acme": ("acme-admin",)}
"""Organisations that every lab has, and who owns them."""

_LINKS = {
    "followers_url": "followers",
    "following_url": "following{/other_user}",
    "gists_url": "gists{/gist_id}",
    "starred_url": "starred{/owner}{/repo}",
    "subscriptions_url": "subscriptions",
    "organizations_url": "orgs",
    "repos_url": "repos",
    "events_url": "events{/privacy}",
    "received_events_url": "received_events",
}
"""Further addresses that a user lists, below its own."""


def owners(store: Store, organization: str) -> tuple[str, ...]:
    """The users that own an organisation, none if there is no such organisation."""
    document = store.read("organizations", organization)
    return tuple(document["owners"]) if document else ()


def administered(call: Call) -> Document:
    """The organisation that the call names, if the caller owns it or is an App with the route's permission."""
    document = call.store.read("organizations", call.path["org"])
    if document is None or call.token is None:
        raise not_found()
    if call.token.integration or call.token.user in document["owners"]:
        return document
    raise no_owner(call)


def no_owner(call: Call) -> Refusal:
    """How what only owners of an organisation may do is kept from others, and from tokens without the scope."""
    kind = "dependabot" if "/dependabot/" in call.route else "actions"
    what = f"{kind} secrets" if "/secrets" in call.route else f"{kind} policies"
    return Refusal(403, f"You must be an org admin or have the {what} fine-grained permission.")


def simple(call: Call, login: str) -> Document:
    """A user or an organisation as every other object names it."""
    organization = call.store.read("organizations", login) is not None
    url = f"{call.api}/users/{login}"
    return {
        "login": login,
        "id": identity("account", login),
        "node_id": node("account", login),
        "avatar_url": f"{call.site}/{login}.png",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{call.site}/{login}",
        **{key: f"{url}/{template}" for key, template in _LINKS.items()},
        "type": "Organization" if organization else "User",
        "site_admin": False,
        "user_view_type": "public",
    }


def me(call: Call) -> Answer:
    """``GET /user``: the caller."""
    return Answer(200, _full(call, call.login))


def user(call: Call) -> Answer:
    """``GET /users/{username}``: any user or organisation."""
    login = call.path["username"]
    known = call.store.read("organizations", login) or call.store.read("users", login)
    if known is None:
        raise not_found()
    return Answer(200, _full(call, known["login"]))


def organizations(call: Call) -> Answer:
    """``GET /user/orgs``: those that the caller owns, without those that the token is not authorised for."""
    found = [one for one in call.store.documents("organizations") if call.login in one["owners"]]
    hidden = call.token.unauthorized if call.token else ()
    left_out = [one["login"] for one in found if one["login"] in hidden]
    listed = page(call, [one["login"] for one in found if one["login"] not in hidden], lambda login: brief(call, login))
    if left_out:
        numbers = ",".join(str(identity("account", login)) for login in left_out)
        told = {"X-GitHub-SSO": f"partial-results; organizations={numbers}"}
        listed = replace(listed, headers={**listed.headers, **told})
    return listed


def membership(call: Call) -> Answer:
    """``GET /user/memberships/orgs/{org}``."""
    known = call.store.read("organizations", call.path["org"])
    if known is None or call.login not in known["owners"]:
        raise not_found()
    login = known["login"]
    body = {
        "url": f"{call.api}/orgs/{login}/memberships/{call.login}",
        "state": "active",
        "role": "admin",
        "organization_url": f"{call.api}/orgs/{login}",
        "organization": brief(call, login),
        "user": simple(call, call.login),
    }
    return Answer(200, body)


def brief(call: Call, login: str) -> Document:
    """An organisation as lists name it."""
    url = f"{call.api}/orgs/{login}"
    return {
        "login": login,
        "id": identity("account", login),
        "node_id": node("account", login),
        "url": url,
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events",
        "hooks_url": f"{url}/hooks",
        "issues_url": f"{url}/issues",
        "members_url": f"{url}/members{{/member}}",
        "public_members_url": f"{url}/public_members{{/member}}",
        "avatar_url": f"{call.site}/{login}.png",
        "description": None,
    }


def organization(call: Call) -> Answer:
    """``GET /orgs/{org}``."""
    known = call.store.read("organizations", call.path["org"])
    if known is None:
        raise not_found()
    login = known["login"]
    body = {
        **brief(call, login),
        "name": login,
        "has_organization_projects": False,
        "has_repository_projects": False,
        "public_repos": len(call.store.documents("repositories", login)),
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "html_url": f"{call.site}/{login}",
        "type": "Organization",
        "created_at": CREATED,
        "updated_at": CREATED,
        "archived_at": None,
    }
    return Answer(200, body)


def _full(call: Call, login: str) -> Document:
    return {
        **simple(call, login),
        "name": None,
        "company": None,
        "blog": None,
        "location": None,
        "email": None,
        "hireable": None,
        "bio": None,
        "public_repos": len(call.store.documents("repositories", login)),
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": CREATED,
        "updated_at": CREATED,
    }
