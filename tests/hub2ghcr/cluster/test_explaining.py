from __future__ import annotations

from typing import Any

import pytest

from hub2ghcr.cluster.explaining import LONGEST, explained, words
from hub2ghcr.errors import ClusterError, Conflict, Refused, Unavailable

SENT = "what-was-sent"


def status(message: str, reason: str = "Invalid", causes: list[dict[str, str]] | None = None) -> dict[str, Any]:
    return {"kind": "Status", "message": message, "reason": reason, "details": {"causes": causes or []}}


@pytest.mark.parametrize(
    ("code", "message", "reason", "remedy"),
    [
        (400, "no objects passed to create", "BadRequest", "the input is empty"),
        (
            422,
            'data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": unexpected end of JSON input',
            "Invalid",
            "must be a JSON object",
        ),
        (422, 'Secret "s" is invalid: type: Invalid value: "Opaque": field is immutable', "Invalid", "another type"),
        (409, 'secrets "s" already exists', "AlreadyExists", "the name is taken"),
        (422, "data: Forbidden: field is immutable when `immutable` is set", "Invalid", "marked immutable"),
        (
            422,
            f'spec.template: Invalid value: core.PodTemplateSpec{{X: {{"{SENT}"}}}}: field is immutable',
            "Invalid",
            "a Job's template is fixed",
        ),
        (
            422,
            f'spec.selector: Invalid value: {{"matchLabels":{{"a":"{SENT}"}}}}: field is immutable',
            "Invalid",
            "the selector is fixed",
        ),
        (403, 'pods "p" is forbidden: exceeded quota: few, requested: pods=1', "Forbidden", "ResourceQuota few"),
        (403, 'admission webhook "w.example.com" denied the request: no', "Forbidden", "the webhook's owner"),
        (
            403,
            "deployments \"w\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no",
            "Forbidden",
            "the policy p forbids it",
        ),
        (
            403,
            'secrets "s" is forbidden: unable to create new content in namespace shop because it is being terminated',
            "Forbidden",
            "wait until the namespace is gone",
        ),
        (404, 'namespaces "shop" not found', "NotFound", "create the namespace"),
        (413, "Request entity too large: limit is 3145728", "RequestEntityTooLarge", "MiB"),
    ],
)
def test_a_refusal_is_one_line_with_a_remedy(code: int, message: str, reason: str, remedy: str) -> None:
    error = explained(code, status(message, reason), "cluster demo", "create secrets in shop", "Secret shop/s")
    line = str(error)
    assert isinstance(error, Refused) and error.reason == reason
    assert line.startswith("cluster demo: Secret shop/s: is refused: ")
    assert remedy in line
    assert "\n" not in line and SENT not in line


def test_who_may_not_is_told_the_verb_and_the_user() -> None:
    said = (
        'deployments.apps "w" is forbidden: User "u" cannot patch resource "deployments" in API group "apps" in the …'
    )
    line = str(explained(403, status(said, "Forbidden"), "cluster demo", "patch deployments.apps in shop"))
    assert line == (
        "cluster demo: may not patch deployments.apps in shop (403): 'u'; "
        "grant the verb patch on deployments of API group 'apps' to that user"
    )


def test_a_conflict_knows_managers_and_fields_wherever_it_is_told() -> None:
    field = '.spec.template.spec.containers[name="web"].image'
    causes = [{"message": f'conflict with "{name}" using apps/v1', "field": field} for name in ("kubectl", "helm")]
    error = explained(409, status("Apply failed", "Conflict", causes), "cluster demo", "patch", "Deployment shop/web")
    assert isinstance(error, Conflict)
    moved = error.at("namespace shop")
    assert (moved.managers, moved.fields) == (("helm", "kubectl"), (field,))
    assert moved.path == "namespace shop: cluster demo: Deployment shop/web"


def test_fields_are_told_one_by_one_and_never_with_what_was_sent() -> None:
    causes = [
        {"field": "spec.a", "message": f'Invalid value: v1.Thing{{Env: "{SENT}",\n}}: field is immutable'},
        {"field": "spec.b", "message": "Required value"},
    ]
    assert words(status("long", causes=causes)) == "spec.a: field is immutable; spec.b: Required value"
    diff = [{"field": "spec", "message": f'Forbidden: may not change\n  core.PodSpec{{\n-  "{SENT}"\n  }}\n'}]
    assert words(status("long", causes=diff)) == "spec: Forbidden: may not change"


def test_words_are_bounded() -> None:
    assert len(words(status("x" * 5000, "BadRequest"))) == LONGEST + 1


@pytest.mark.parametrize(
    ("code", "kind"), [(429, Unavailable), (500, Unavailable), (503, Unavailable), (302, ClusterError)]
)
@pytest.mark.parametrize("said", ["", "try again later"])
def test_what_is_no_refusal_is_asked_again(code: int, kind: type[ClusterError], said: str) -> None:
    error = explained(code, {"message": said}, "cluster demo", "get x", url="https://server/x")
    assert type(error) is kind
    assert str(error) == f"cluster demo: answered {code}{said and ': '}{said}: 'https://server/x'; ask again"


def test_mirror_sets_that_openshift_does_not_admit_beside_older_ones_are_told_with_the_way() -> None:
    said = (
        'ImageTagMirrorSet.config.openshift.io "ours" is invalid: Kind.ImageTagMirrorSet: Forbidden: '
        "can't create ImageTagMirrorSet when ImageContentSourcePolicy resources exist"
    )
    line = str(explained(422, status(said, "Invalid"), "cluster demo", "patch imagetagmirrorsets", "ImageTagMirrorSet"))
    assert "when ImageContentSourcePolicy resources exist; `oc adm migrate icsp` makes" in line


def test_a_namespace_that_may_not_be_looked_at_may_not_be_there_yet() -> None:
    """As on OpenShift for everybody who administers projects alone."""
    said = (
        'namespaces "shop" is forbidden: User "ann" cannot get resource "namespaces" in API group "" '
        'in the namespace "shop"'
    )
    line = str(explained(403, status(said, "Forbidden"), "cluster demo", "get namespaces in shop", "Namespace shop"))
    assert "if it is not there, have it created (on OpenShift: `oc new-project`), and set `create: false`" in line


def test_who_may_not_create_namespaces_is_told_how_they_come() -> None:
    said = (
        'namespaces is forbidden: User "ann" cannot create resource "namespaces" in API group "" at the cluster scope'
    )
    line = str(explained(403, status(said, "Forbidden"), "cluster demo", "create namespaces", "Namespace shop"))
    assert line.startswith("cluster demo: Namespace shop: may not create namespaces (403)")
    assert line.endswith("have it created (on OpenShift: `oc new-project`), and set `create: false`")
