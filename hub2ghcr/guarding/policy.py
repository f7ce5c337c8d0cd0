"""The guard of migrated namespaces: a ValidatingAdmissionPolicy that sees images from Docker Hub, in CEL.

Two bindings say what follows: ``Audit`` and ``Warn`` (phase cutover), or ``Deny`` (phase seal). What is looked at are
Pods and everything with a pod template, ephemeral containers and image volumes included. An update is judged by the
images that it brings, so that what runs may still be scaled, labelled and deleted.

CEL has no functions of one's own. What a reference means (hub2ghcr/reference.py) is said once more below, in one
expression; tests/e2e compares the two on a real API server.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from ..errors import InvalidReference
from ..manifests import pod_spec
from ..mapping import Pattern
from ..owning import MANAGED_BY, MANAGER
from ..places.table import CONTAINER_LISTS
from ..reference import HUB, HUB_HOSTS, Reference

API: Final = "admissionregistration.k8s.io/v1"
REMEDY: Final = "write the names that `hub2ghcr rewrite` gives, or except them under clusters[].guard.exceptions"
NAME: Final = "kubernetes.io/metadata.name"
"""The label by which a namespace is chosen: its name, which the API server gives it and nobody can change."""

_TEMPLATED: Final = (
    ("apps", "v1", ("daemonsets", "deployments", "replicasets", "statefulsets")),
    ("batch", "v1", ("cronjobs", "jobs")),
    ("", "v1", ("pods", "replicationcontrollers")),
)
_SPEC: Final = (
    "{0} == null ? null : {0}.kind == 'Pod' ? {0}.spec"
    " : {0}.kind == 'CronJob' ? {0}.spec.jobTemplate.spec.template.spec"
    " : has({0}.spec.template) ? {0}.spec.template.spec : null"
)
_IMAGES: Final = "variables.{0} == null ? [] : " + " + ".join(
    [
        *(
            f"(has(variables.{{0}}.{key}) ? variables.{{0}}.{key}.filter(c, has(c.image)).map(c, c.image) : [])"
            for key in ("containers", "initContainers", "ephemeralContainers")
        ),
        "(has(variables.{0}.volumes) ? variables.{0}.volumes.filter(v, has(v.image) && has(v.image.reference))"
        ".map(v, v.image.reference) : [])",
    ]
)
_HUB: Final = (
    "(!i.contains('/')"
    " || (!i.split('/')[0].matches('[.:A-Z]') && i.split('/')[0] != 'localhost')"
    " || i.split('/')[0].lowerAscii() in [{hosts}])"
)


def policy(name: str, exceptions: Sequence[str] = (), aliases: Iterable[str] = ()) -> dict[str, Any]:
    """Return the policy.

    ``exceptions`` are patterns as in ``mapping.exclude``, ``aliases`` further hosts that are the Hub's.
    """
    hosts = sorted(_hosts(aliases))
    hub = _HUB.format(hosts=", ".join(map(_text, hosts)))
    if exceptions:
        hub += f" && !i.matches({_text(excepted(exceptions, aliases))})"
    return {
        "apiVersion": API,
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": name, "labels": {MANAGED_BY: MANAGER}},
        "spec": {
            "failurePolicy": "Fail",
            "matchConstraints": {
                "resourceRules": [
                    *(
                        {
                            "apiGroups": [group],
                            "apiVersions": [version],
                            "operations": ["CREATE", "UPDATE"],
                            "resources": list(resources),
                            "scope": "*",
                        }
                        for group, version, resources in _TEMPLATED
                    ),
                    {
                        "apiGroups": [""],
                        "apiVersions": ["v1"],
                        "operations": ["UPDATE"],
                        "resources": ["pods/ephemeralcontainers"],
                        "scope": "*",
                    },
                ]
            },
            "variables": [
                {"name": "spec", "expression": _SPEC.format("object")},
                {"name": "oldSpec", "expression": _SPEC.format("oldObject")},
                {"name": "images", "expression": _IMAGES.format("spec")},
                {"name": "before", "expression": _IMAGES.format("oldSpec")},
                {"name": "hub", "expression": f"variables.images.filter(i, !(i in variables.before) && {hub})"},
            ],
            "validations": [
                {
                    "expression": "size(variables.hub) == 0",
                    "messageExpression": "'namespace ' + request.namespace + ' has moved to GHCR, and these are on"
                    f" Docker Hub: ' + variables.hub.join(', ') + '; {REMEDY}'",
                    "reason": "Forbidden",
                }
            ],
        },
    }


def binding(name: str, policy_name: str, actions: Sequence[str], namespaces: Sequence[str]) -> dict[str, Any]:
    """Return the binding by which a policy acts in some namespaces: ``Audit`` and ``Warn``, or ``Deny``."""
    chosen = {"key": NAME, "operator": "In", "values": sorted(namespaces)}
    return {
        "apiVersion": API,
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": name, "labels": {MANAGED_BY: MANAGER}},
        "spec": {
            "policyName": policy_name,
            "validationActions": list(actions),
            "matchResources": {"namespaceSelector": {"matchExpressions": [chosen]}},
        },
    }


def deny_name(guard: str) -> str:
    """Return the name of the binding that denies."""
    return f"{guard}-deny"


def audit_name(guard: str) -> str:
    """Return the name of the binding that audits."""
    return f"{guard}-audit"


def excepted(patterns: Iterable[str], aliases: Iterable[str] = ()) -> str:
    """Return a regular expression (RE2) of every spelling of the Hub images that the patterns name.

    >>> bool(re.search(excepted(["docker.io/library/nginx"]), "index.docker.io/nginx:1.27"))
    True

    Raises:
        MappingError: a pattern that names nothing.
    """
    hosts = "|".join(re.escape(each) for each in sorted(_hosts(aliases)))
    known = {each: HUB for each in aliases}
    spelled = sorted({_spelled(Pattern.parse(each, known)) for each in patterns})
    return f"^((?i:{hosts})/)?({'|'.join(spelled)})$"


def _spelled(pattern: Pattern) -> str:
    path = re.escape(pattern.prefix.removeprefix(f"{HUB}/"))
    if not pattern.wildcard:
        return path.replace("library/", "(library/)?", 1) + r"(:[\w.-]+)?(@[\w:]+)?"
    official = path.removeprefix("library/")
    # without its library/ a name has no slash: acme/shop is none of library/*
    return rf"{path}.+|{official}[^/]+" if path.startswith("library/") else rf"{path}.+"


def from_hub(text: str, aliases: Iterable[str] = ()) -> bool:
    """Whether an image is from Docker Hub, as the policy sees it."""
    try:
        found = Reference.parse(text)
    except InvalidReference:
        return False
    return found.registry.lower() in _hosts(aliases)


def images(data: Mapping[str, Any]) -> list[str]:
    """Return the images of a Pod's or template's containers and image volumes, in their order."""
    spec = pod_spec(data) or {}
    found = [each["image"] for key in CONTAINER_LISTS for each in spec.get(key) or () if each.get("image")]
    volumes = [(each.get("image") or {}).get("reference") for each in spec.get("volumes") or ()]
    return found + [each for each in volumes if each]


def _hosts(aliases: Iterable[str]) -> set[str]:
    hosts = {host.lower() for host in (*HUB_HOSTS, *aliases)}
    return hosts | {f"{host}:443" for host in hosts if ":" not in host}


def _text(value: str) -> str:
    """Return a text as a CEL literal."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
