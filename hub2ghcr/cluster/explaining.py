"""The API server's refusals, each as one line in its own words, with a remedy.

Its words never show what was sent: where it prints an object (``core.PodTemplateSpec{…}``, ``{"labels":…}``) that is
left out, since an environment may hold passwords.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from ..errors import ClusterError, Conflict, Refused, Unavailable

LONGEST: Final = 400
"""Characters of the server's words that are shown."""

_KEYS: Final = 'the value of `.dockerconfigjson` must be a JSON object {"auths": {…}}'

_REMEDIES: Final = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), remedy)
    for pattern, remedy in (
        (r"because it is being terminated|is being deleted", "wait until the namespace is gone, then create it again"),
        (r"admission webhook \S+ denied", "the webhook's owner has to let this object pass"),
        (r"failed calling webhook", "the webhook does not answer: repair its service, or remove its configuration"),
        (r"ValidatingAdmissionPolicy '?([^' ]+)'?.* denied", r"the policy \1 forbids it: change it, or the object"),
        (r"violates PodSecurity", "label the namespace `pod-security.kubernetes.io/enforce` as its Pods need it"),
        (r"exceeded quota: ([^,\s]+)", r"raise the ResourceQuota \1, or free some of it"),
        (r"(minimum|maximum) .* usage per", "the LimitRange of the namespace bounds it"),
        (
            r"cannot create resource \"(?:namespaces|projectrequests)\"",
            "have it created (on OpenShift: `oc new-project`), and set `create: false`",
        ),
        (  # who may not list namespaces is told the same of one that is not there
            r"cannot get resource \"namespaces\"",
            "if it is not there, have it created (on OpenShift: `oc new-project`), and set `create: false`;"
            " else grant the verb get on namespaces to that user",
        ),
        (
            r"when ImageContentSourcePolicy resources exist",
            "`oc adm migrate icsp` makes ImageDigestMirrorSets of them, or update OpenShift; or take `mirrorSets` out",
        ),
        (
            r"cannot (\w+) resource \"([^\"]+)\" in API group \"([^\"]*)\"",
            r"grant the verb \1 on \2 of API group '\3' to that user",
        ),
        (r"data\[\.dockerconfigjson\]: (invalid|required) value", _KEYS),
        (r"data\[\.dockercfg\]", "the old type is read, not written: use kubernetes.io/dockerconfigjson"),
        (r"no objects passed to", "the input is empty: does the file hold a document?"),
        (r"type: invalid value.*field is immutable", "a Secret of that name has another type: choose another name"),
        (r"when `?immutable`? is set", "it is marked immutable: delete it first, or choose another name"),
        (r"spec\.template: .*field is immutable", "a Job's template is fixed: let it finish, or delete it first"),
        (r"spec\.selector: .*field is immutable", "the selector is fixed: keep the one that is live"),
        (r"updates to statefulset spec for fields other than", "other fields than the images differ: use `patch`"),
        (r"pod updates may not change fields other than", "a Pod is fixed but for its images: set `recreate: true`"),
        (r"already exists", "the name is taken: remove the other one, or choose another name"),
        (r"namespaces \"[^\"]+\" not found", "create the namespace, or set `create: true`"),
        (r"serviceaccount \"[^\"]+\" not found", "create the ServiceAccount first"),
        (r"field not declared in schema|unknown field", "the cluster's version does not know the field"),
        (r"request is too large|request entity too large|too long: m", "an object has at most 1 to 1.5 MiB"),
        (r"object has been modified|precondition failed", "somebody changed it meanwhile: run again"),
        (r"continue parameter is too old|too old resource version", "it took too long: run again"),
        (r"conflict with \"", "another manager owns the field: change it at its source, or name it in `takeFrom`"),
    )
)
"""What a refusal says -> what to do; the first that fits holds."""

_DUMP: Final = re.compile(r'\b(?:[a-z]\w*\.)?[A-Z]\w*\{|\{"')
_MANAGER: Final = re.compile(r'conflicts? with "([^"]+)"')
_USER: Final = re.compile(r'User "([^"]+)"')
_REASONS: Final = {404: "NotFound", 403: "Forbidden", 409: "Conflict", 422: "Invalid", 413: "RequestEntityTooLarge"}


def explained(
    code: int, status: Mapping[str, Any], cluster: str, action: str, place: str = "", url: str = ""
) -> ClusterError:
    """Return the error that an answer stands for.

    Args:
        code: of HTTP, 300 and above.
        status: the ``Status`` object of the answer, empty where it has none.
        cluster: ``cluster demo``.
        action: ``patch deployments in shop``.
        place: the object, ``Deployment shop/web``; empty where it is about none.
        url: what was asked, without its query.
    """
    at = f"{cluster}: {place}" if place else cluster
    reason = str(status.get("reason") or _REASONS.get(code, ""))
    said = words(status)
    if code == 403 and (not said or "cannot" in said):
        user = _USER.search(said)
        granted = remedy(said) or "grant it to that user"
        return Refused(f"may not {action} (403)", at, user[1] if user else "", granted, reason="Forbidden")
    if code == 409 and reason != "AlreadyExists":
        details = _mapping(status.get("details"))
        causes = [_mapping(each) for each in details.get("causes") or ()]
        fields = [str(each.get("field")) for each in causes if each.get("field")]
        managers = [name for each in causes for name in _MANAGER.findall(str(each.get("message")))]
        return Conflict(
            f"is refused: {said or 'conflict (409)'}",
            at,
            remedy=remedy(said),
            managers=tuple(sorted(set(managers or _MANAGER.findall(said)))),
            fields=tuple(sorted(set(fields))),
        )
    later = code == 429 or code >= 500
    if 400 <= code < 500 and said and not later:
        return Refused(f"is refused: {said}", at, remedy=remedy(said), reason=reason)
    what = f"answered {code}: {said}" if said else f"answered {code}"
    return (Unavailable if later else ClusterError)(what, at, url, remedy(said) or "ask again")


def remedy(said: str) -> str:
    """Return what to do about a refusal, empty where nothing is known."""
    for pattern, text in _REMEDIES:
        if found := pattern.search(said):
            return found.expand(text)
    return ""


def told(said: str) -> str:
    """Return a refusal as another client tells it in one line, without what was sent, with what to do about it."""
    text = _clean(said)
    found = remedy(text)
    return f"{text}; {found}" if found else text


def words(status: Mapping[str, Any]) -> str:
    """Return what the server says in one line: field by field where it names fields, and never what it was sent."""
    causes = [_mapping(each) for each in _mapping(status.get("details")).get("causes") or ()]
    if status.get("reason") == "Invalid" and causes:
        told = [f"{each.get('field')}: {_clean(str(each.get('message')))}" for each in causes]
        said = "; ".join(dict.fromkeys(told))
    else:
        said = _clean(str(status.get("message") or ""))
    return said if len(said) <= LONGEST else said[:LONGEST] + "…"


def _clean(said: str) -> str:
    """Return a text in one line, without an object that is printed in it, be it as Go or as JSON."""
    if dump := _DUMP.search(said):
        said = said[: dump.start()] + said[said.rindex("}") + 1 :].lstrip(":") if "}" in said else said[: dump.start()]
    return " ".join(said.split()).replace("Invalid value: field is", "field is")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
