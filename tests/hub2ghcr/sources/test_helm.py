from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from hub2ghcr import manifests
from hub2ghcr.errors import Hub2GhcrError
from hub2ghcr.sources import Helm
from tests.hub2ghcr.sources.conftest import Load, Write

WEB = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}-web
  namespace: {{ .Release.Namespace }}
  annotations: {kube: {{ .Capabilities.KubeVersion.Version | quote }}}
spec:
  template:
    spec:
      containers:
        - name: web
          image: {{ required "image is required" .Values.image }}
          args: ["---"]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data:
  text: |
    ---
    # Source: shop/templates/other.yaml
"""
PROJECT = {
    "shop/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
    "shop/.helmignore": "*.tmp\n",
    "shop/values.yaml": "image: nginx:1.27\n",
    "shop/templates/web.yaml": WEB,
    "shop/templates/secret.yaml": (
        "apiVersion: v1\nkind: Secret\nmetadata: {name: hidden}\nstringData: {password: s3cret-value}\n"
    ),
    "shop/templates/hook.yaml": (
        "apiVersion: batch/v1\nkind: Job\nmetadata: {name: migrate, annotations: {helm.sh/hook: pre-upgrade}}\n"
        "spec: {template: {spec: {containers: [{name: a, image: busybox}]}}}\n"
    ),
    "shop/templates/tests/test.yaml": (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: probe, annotations: {helm.sh/hook: test}}\n"
        "spec: {containers: [{name: a, image: busybox}]}\n"
    ),
    "shop/templates/role.yaml": "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r}\n",
    "shop/crds/crd.yaml": "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: x}\n",
    "prod.yaml": "image: acme/web:2\n",
}
pytestmark = pytest.mark.usefixtures("on_path")


def test_a_chart_gives_the_documents_of_a_release_each_with_its_template(write: Write, load: Load) -> None:
    write(PROJECT)
    source = load(Helm("shop", "green", ("prod.yaml",)))
    assert sorted(each.place for each in source.documents) == [
        "shop (templates/web.yaml): ConfigMap settings",
        "shop (templates/web.yaml): Deployment green-web",
    ]
    web = next(each for each in source.documents if each.kind == "Deployment")
    assert web.namespace == "shop"
    assert [each.text for each in manifests.images(web)] == ["acme/web:2"]
    settings = next(each for each in source.documents if each.kind == "ConfigMap")
    assert settings.data["data"]["text"] == "---\n# Source: shop/templates/other.yaml\n"


def test_what_helm_alone_runs_and_what_is_no_namespaces_is_left_out_and_said(write: Write, load: Load) -> None:
    write(PROJECT)
    assert load(Helm("shop", "green")).notes == (
        "shop: left out, since Helm alone runs hooks (their images move in the chart's values): Pod probe, Job migrate",
        "shop: left out, since they belong to no namespace: ClusterRole r",
        "shop: left out, since values of Secrets stay with helm: Secret hidden",
    )


def test_a_secrets_value_stays_with_helm(write: Write, load: Load) -> None:
    write(PROJECT)
    assert "s3cret" not in repr(load(Helm("shop", "green")))


def test_chart_and_values_are_in_the_digest(write: Write, load: Load) -> None:
    write(PROJECT)
    entry = Helm("shop", "green", ("prod.yaml",))
    source = load(entry)
    assert source.files == (*sorted(name for name in PROJECT if name != "prod.yaml"), "prod.yaml")
    for name, text in PROJECT.items():
        write({name: text + "# more\n"})
        assert load(entry).digest != source.digest, name
        write({name: text})


def test_templates_may_ask_for_the_clusters_version(write: Write, load: Load) -> None:
    write(PROJECT)

    def told(version: str) -> str:
        found = load(Helm("shop", "green"), version=version).documents
        return str(next(each for each in found if each.kind == "Deployment").data["metadata"]["annotations"]["kube"])

    assert (told("v1.29.3"), told("")) == ("v1.29.3", "v1.34.0")


def test_a_packed_chart_is_the_same(write: Write, load: Load, tmp_path: Path) -> None:
    write(PROJECT)
    subprocess.run(["helm", "package", "shop"], cwd=tmp_path, check=True, capture_output=True, timeout=60)
    packed = load(Helm("shop-1.0.0.tgz", "green"))
    assert [each.data for each in packed.documents] == [each.data for each in load(Helm("shop", "green")).documents]
    assert packed.files == ("shop-1.0.0.tgz",)


def test_a_failing_template_says_what_helm_said_last(write: Write, load: Load) -> None:
    write({**PROJECT, "shop/values.yaml": "{}\n"})
    with pytest.raises(Hub2GhcrError) as caught:
        load(Helm("shop", "green"))
    [line] = caught.value.lines
    assert line.startswith("shop: helm refuses it: execution error at (shop/templates/web.yaml:")
    assert line.endswith("image is required; see `helm template shop`")


def test_dependencies_must_be_in_the_project(write: Write, load: Load) -> None:
    chart = (
        PROJECT["shop/Chart.yaml"] + "dependencies: [{name: db, version: 1.0.0, repository: 'https://example.com'}]\n"
    )
    write({**PROJECT, "shop/Chart.yaml": chart})
    with pytest.raises(Hub2GhcrError, match="run `helm dependency build shop`, and keep charts/ in the project"):
        load(Helm("shop", "green"))


def test_a_chart_elsewhere_and_missing_values_are_refused(write: Write, load: Load) -> None:
    write(PROJECT)
    with pytest.raises(Hub2GhcrError, match="no chart"):
        load(Helm("oci:/ghcr.io/acme/shop", "green"))
    with pytest.raises(Hub2GhcrError, match=r"shop: values: no such values file: 'none.yaml'"):
        load(Helm("shop", "green", ("none.yaml",)))


def test_a_missing_program_is_named_with_its_remedy(write: Write, load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    write(PROJECT)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Hub2GhcrError, match="shop: helm is not on PATH; install helm, or render it beforehand"):
        load(Helm("shop", "green"))


def test_a_program_that_does_not_end_is_given_up(
    write: Write, load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write({**PROJECT, "bin/helm": "#!/bin/sh\nexec sleep 60\n"})
    (tmp_path / "bin" / "helm").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    monkeypatch.setattr("hub2ghcr.sources.program.SECONDS", 0.2)
    with pytest.raises(Hub2GhcrError, match="shop: helm took longer than 0 s"):
        load(Helm("shop", "green"))
