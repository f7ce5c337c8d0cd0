from __future__ import annotations

import pytest

from hub2ghcr import manifests
from hub2ghcr.errors import Hub2GhcrError
from hub2ghcr.sources import Kustomize
from tests.hub2ghcr.sources.conftest import Load, Write, deployment

PROJECT = {
    "base/kustomization.yaml": "resources: [web.yaml]\n",
    "base/web.yaml": deployment("web"),
    "prod/kustomization.yaml": (
        "namespace: shop\n"
        "resources: [../base]\n"
        "images: [{name: nginx, newName: acme/web, newTag: '2'}]\n"
        "patches: [{path: patch.yaml}]\n"
        "configMapGenerator: [{name: settings, files: [key=settings.ini]}]\n"
        "secretGenerator: [{name: hidden, literals: [password=s3cret-value]}]\n"
    ),
    "prod/patch.yaml": (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers:"
        " [{name: side, image: busybox}]}}}\n"
    ),
    "prod/settings.ini": "a=1\n",
    "prod/unused.yaml": deployment("unused"),
}
pytestmark = pytest.mark.usefixtures("on_path")


def test_an_overlay_gives_the_documents_that_are_applied(write: Write, load: Load) -> None:
    write(PROJECT)
    source = load(Kustomize("prod"))
    web = next(each for each in source.documents if each.kind == "Deployment")
    assert web.place == "prod: Deployment web" and web.namespace == "shop"
    assert {each.text for each in manifests.images(web)} == {"acme/web:2", "busybox"}


def test_all_that_goes_in_is_in_the_digest_and_nothing_else(write: Write, load: Load) -> None:
    write(PROJECT)
    source = load(Kustomize("prod"))
    assert source.files == (
        "base/kustomization.yaml",
        "base/web.yaml",
        "prod/kustomization.yaml",
        "prod/patch.yaml",
        "prod/settings.ini",
    )
    for name, text in PROJECT.items():
        write({name: text + "# more\n"})
        changed = load(Kustomize("prod")).digest != source.digest
        assert changed is (name in source.files), name
        write({name: text})


def test_the_same_inputs_are_rendered_once_in_a_process(
    write: Write, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(PROJECT)
    first = load(Kustomize("prod"))
    monkeypatch.setenv("PATH", "")
    assert load(Kustomize("prod")) == first
    write({"prod/settings.ini": "a=2\n"})
    with pytest.raises(Hub2GhcrError, match="kustomize is not on PATH"):
        load(Kustomize("prod"))


def test_a_secrets_value_stays_with_kustomize(write: Write, load: Load) -> None:
    write(PROJECT)
    source = load(Kustomize("prod"))
    assert "Secret" not in {each.kind for each in source.documents}
    assert "czNjcmV0" not in repr(source) and "s3cret" not in repr(source)
    [note] = source.notes
    assert note.startswith("prod: left out, since values of Secrets stay with kustomize: Secret hidden-")


def test_without_leaving_secrets_out_their_values_would_be_in_the_documents(
    write: Write, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub2ghcr.sources.kustomize.kept", lambda documents, place, program: (tuple(documents), ()))
    write(PROJECT)
    assert "czNjcmV0" in repr(load(Kustomize("prod")))


def test_what_would_ask_the_network_is_refused(write: Write, load: Load) -> None:
    write({"prod/kustomization.yaml": "resources: ['https://example.com/base?ref=v1']\n"})
    with pytest.raises(Hub2GhcrError) as caught:
        load(Kustomize("prod"))
    [line] = caught.value.lines
    assert line.startswith("prod/kustomization.yaml: resources: names what is not in the project: 'https://example.com")


def test_a_failing_build_says_what_kustomize_said_last(write: Write, load: Load) -> None:
    write({"prod/kustomization.yaml": "resources: [web.yaml]\npatches: [{path: none.yaml}]\n"})
    write({"prod/web.yaml": deployment("web")})
    with pytest.raises(Hub2GhcrError) as caught:
        load(Kustomize("prod"))
    [line] = caught.value.lines
    assert line.startswith("prod: kustomize refuses it: ") and "none.yaml" in line
    assert line.endswith("; see `kustomize build prod`")


@pytest.mark.parametrize(("folder", "what"), [("nowhere", "no such folder"), ("base", "no kustomization.yaml in it")])
def test_a_folder_without_a_kustomization_is_named(write: Write, load: Load, folder: str, what: str) -> None:
    write({"base/web.yaml": deployment("web")})
    with pytest.raises(Hub2GhcrError, match=f"{folder}: {what}"):
        load(Kustomize(folder))


def test_bases_that_name_each_other_end(write: Write, load: Load) -> None:
    write({"a/kustomization.yaml": "resources: [../b]\n", "b/kustomization.yaml": "resources: [../a]\n"})
    with pytest.raises(Hub2GhcrError, match=r"kustomize refuses it: .*cycle"):
        load(Kustomize("a"))


def test_the_projects_own_folder_may_be_an_overlay(write: Write, load: Load) -> None:
    write({"kustomization.yaml": "resources: [web.yaml]\n", "web.yaml": deployment("web")})
    source = load(Kustomize("."))
    assert (source.name, source.files) == ("kustomization", ("kustomization.yaml", "web.yaml"))
