"""What a stack renders, from its settings to the bytes of its files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hub2ghcr.errors import Hub2GhcrError
from hub2ghcr.plan import Planned, of_stack
from hub2ghcr.rendering import Branch, Folder, Rendering, checked, differences, renderings, write
from hub2ghcr.rendering.proposing import proposal
from tests.hub2ghcr.conftest import DIGEST, Project

WEB = f"ghcr.io/acme/mirror/nginx:1.27@{DIGEST}"
DEPLOYMENT = """# the shop's web server
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - name: web   # first
          image: 'nginx:1.27'
"""
RENDERED = DEPLOYMENT.replace("nginx:1.27", WEB).replace(
    "      containers:\n", "      imagePullSecrets:\n        - name: hub2ghcr-ghcr\n      containers:\n"
)
OTHER = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {a: '1'}\n"
CHART = {
    "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
    "chart/templates/web.yaml": DEPLOYMENT,
    "chart/templates/secret.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a: s3cret-value}\n",
}


def rendering_to(project: Project, render: dict[str, Any], *manifests: Any, **more: Any) -> None:
    """Let the stack's one namespace be rendered."""

    def change(config: dict[str, Any]) -> None:
        shop = {"delivery": "render", "manifests": list(manifests), "render": render, **more}
        config["clusters"][0]["namespaces"] = {"shop": shop}
        config["github"]["packages"] = {}  # what is public needs no pull Secret

    project.change(change)


def rendered(project: Project) -> tuple[Rendering, ...]:
    found = planned(project)
    return renderings(found.plan, found.survey.sites, project.root)


def planned(project: Project) -> Planned:
    return of_stack("test", project.save().root)


@pytest.fixture
def project(project: Project) -> Project:
    for name, text in {"apps/web.yaml": DEPLOYMENT, "apps/deep/other.yaml": OTHER, **CHART}.items():
        project.write(name, text)
    return project


def test_a_folder_is_copied_and_only_what_moves_changes(project: Project) -> None:
    rendering_to(project, {"folder": "out/shop"}, "apps")
    [found] = rendered(project)
    assert found.target == Folder("out/shop")
    assert found.data == {"deep/other.yaml": OTHER.encode(), "web.yaml": RENDERED.encode()}


def test_a_pull_policy_is_set_where_it_is_asked_for(project: Project) -> None:
    rendering_to(project, {"folder": "out"}, "apps/web.yaml", imagePullPolicy="IfNotPresent")
    [found] = rendered(project)
    name = "        - name: web   # first\n"
    policy = f"{name}          imagePullPolicy: IfNotPresent\n"
    assert found.data["web.yaml"].decode() == RENDERED.replace(name, policy)


def test_a_single_file_goes_by_its_name(project: Project) -> None:
    rendering_to(project, {"folder": "out"}, "apps/web.yaml")
    [found] = rendered(project)
    assert found.data == {"web.yaml": RENDERED.encode()}


def test_lists_are_rewritten_item_by_item(project: Project) -> None:
    item = "\n".join(
        f"    {line}" if number else f"  - {line}" for number, line in enumerate(DEPLOYMENT.splitlines()[1:])
    )
    project.write("apps/web.yaml", f"apiVersion: v1\nkind: List\nitems:\n{item}\n")
    rendering_to(project, {"folder": "out"}, "apps/web.yaml")
    [found] = rendered(project)
    assert WEB in found.data["web.yaml"].decode() and "name: hub2ghcr-ghcr" in found.data["web.yaml"].decode()


@pytest.mark.usefixtures("on_path")
def test_a_chart_becomes_one_file_without_its_secrets(project: Project) -> None:
    rendering_to(project, {"folder": "out"}, {"helm": "chart", "release": "green"})
    [found] = rendered(project)
    text = found.data["green.yaml"].decode()
    assert text.startswith("# Rendered by hub2ghcr from chart; what went in is sha256:")
    assert WEB in text and "name: hub2ghcr-ghcr" in text
    assert "Secret\n" not in text and "s3cret" not in text


def test_a_secret_is_not_copied(project: Project) -> None:
    project.write("apps/secret.yaml", CHART["chart/templates/secret.yaml"])
    rendering_to(project, {"folder": "out"}, "apps")
    with pytest.raises(Hub2GhcrError, match=r"apps/secret.yaml: holds a Secret, which is not copied") as caught:
        rendered(project)
    assert "s3cret" not in str(caught.value)


def test_a_workload_beside_what_moves_is_in_its_file_as_it_was(project: Project) -> None:
    text = (
        DEPLOYMENT + "---\n" + DEPLOYMENT.replace("name: web}", "name: other}").replace("nginx:1.27", "ghcr.io/a/b:1")
    )
    project.write("apps/web.yaml", text)
    rendering_to(project, {"folder": "out"}, "apps/web.yaml")
    [found] = rendered(project)
    assert found.data["web.yaml"].decode() == RENDERED + text[len(DEPLOYMENT) :]


def test_in_phase_prepare_files_are_as_they_were(project: Project) -> None:
    rendering_to(project, {"folder": "out"}, "apps/web.yaml", phase="prepare")
    [found] = rendered(project)
    assert b"nginx:1.27" in found.data["web.yaml"] and WEB.encode() not in found.data["web.yaml"]


def test_namespaces_that_share_a_repository_share_a_pull_request(project: Project) -> None:
    def change(config: dict[str, Any]) -> None:
        config["clusters"][0]["namespaces"] = {
            name: {
                "delivery": "render",
                "manifests": ["apps/web.yaml"],
                "render": {"repository": "acme/deploy", "path": f"apps/{name}", "branch": "ghcr"},
            }
            for name in ("one", "two")
        }

    project.change(change)
    [found] = rendered(project)
    assert found.target == Branch("acme/deploy", "ghcr")
    assert list(found.data) == ["apps/one/web.yaml", "apps/two/web.yaml"]


@pytest.mark.parametrize(
    "change",
    [
        lambda namespaces: namespaces["shop"]["manifests"].append("more/web.yaml"),
        lambda namespaces: namespaces.update(two={**namespaces["shop"], "manifests": ["more/web.yaml"]}),
    ],
    ids=["of one namespace", "of two"],
)
def test_two_files_with_one_path_are_refused(project: Project, change: Callable[[Any], None]) -> None:
    project.write("more/web.yaml", OTHER)
    rendering_to(project, {"folder": "out"}, "apps/web.yaml")
    project.change(lambda config: change(config["clusters"][0]["namespaces"]))
    with pytest.raises(Hub2GhcrError, match=r"apps/web.yaml and .*more/web.yaml"):
        rendered(project)


def test_a_pull_request_says_what_moves_and_why_something_stays(project: Project) -> None:
    project.write("apps/web.yaml", DEPLOYMENT + "        - {name: side, image: 'quay.io/x/side:1'}\n")
    rendering_to(project, {"repository": "acme/deploy", "path": ".", "branch": "ghcr"}, "apps/web.yaml")
    [found] = rendered(project)
    said = proposal(found, planned(project).plan)
    assert (said.owner, said.repository, said.branch, said.title) == (
        "acme",
        "deploy",
        "ghcr",
        "shop: images from GHCR",
    )
    assert list(said.files) == ["web.yaml"]
    assert f"| one, shop | Deployment web | `nginx:1.27` | `{WEB}` |" in said.text
    assert "- `quay.io/x/side:1` of Deployment web: lives on quay.io, which no rule claims" in said.text
    assert "- [ ] pull Secret `hub2ghcr-ghcr` is in namespace shop of cluster one: `pulumi up -s test`" in said.text


def test_what_is_not_up_to_date_is_a_warning(project: Project) -> None:
    rendering_to(project, {"folder": "out"}, "apps")

    def warned() -> tuple[str, ...]:
        found = planned(project)
        return checked(found.plan, found.survey.sites, project.root).warnings

    assert warned() == ("out: 2 rendered files are not up to date: run `hub2ghcr render -s test`",)
    [found] = rendered(project)
    write(project.root, "out", found.data, differences(project.root, "out", found.data))
    assert warned() == ()
    project.write("apps/web.yaml", DEPLOYMENT + "# more\n")
    assert warned() == ("out: 1 rendered file is not up to date: run `hub2ghcr render -s test`",)
    project.write("out/deep/other.yaml", "mine\n")
    [line] = warned()
    assert line.startswith("out/deep/other.yaml: was changed since it was written")


def test_the_same_input_gives_the_same_bytes(project: Project) -> None:
    rendering_to(project, {"folder": "out"}, "apps")
    assert rendered(project) == rendered(project)


BUILD = """apiVersion: batch/v1
kind: CronJob
metadata: {name: build}
spec:
  jobTemplate:
    spec:
      template:
        spec:
          containers:
          - name: build
            image: gcr.io/kaniko-project/executor:v1.24.0
            args: ['--destination=acme/built:1']  # every night
            volumeMounts: [{name: auth, mountPath: /kaniko/.docker}]
          volumes:
          - name: auth
            secret: {secretName: 'regcred', items: [{key: .dockerconfigjson, path: config.json}]}  # of the team
"""


def test_a_build_is_written_with_the_secret_that_it_pushes_with_and_the_request_asks_for_it(project: Project) -> None:
    project.write("apps/web.yaml", BUILD)
    branch = {"repository": "acme/fleet", "path": ".", "branch": "ghcr"}
    rendering_to(project, branch, "apps/web.yaml", push="publish")
    found = planned(project)
    [one] = renderings(found.plan, found.survey.sites, project.root)
    after = BUILD.replace("acme/built:1", "ghcr.io/acme/built:1").replace("'regcred'", "'hub2ghcr-push'")
    assert one.data == {"web.yaml": after.encode()}
    asked = "- [ ] push Secret `hub2ghcr-push` is in namespace shop of cluster one: `pulumi up -s test`"
    assert asked in proposal(one, found.plan).text
    # The control: without a credential both are as they were
    rendering_to(project, branch, "apps/web.yaml")
    found = planned(project)
    [one] = renderings(found.plan, found.survey.sites, project.root)
    assert b"'regcred'" in one.data["web.yaml"] and "push Secret" not in proposal(one, found.plan).text
