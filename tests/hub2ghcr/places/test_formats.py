"""What each format may say, and what keeps an image from being edited."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub2ghcr import places
from hub2ghcr.errors import Hub2GhcrError
from hub2ghcr.places import Found, Place, Places
from hub2ghcr.reference import Reference
from hub2ghcr.source import apply

DIGEST = "sha256:" + "1" * 64
TARGET = Reference.parse(f"ghcr.io/acme/x:1@{DIGEST}")


def find(text: str, place: str = "m.yaml", extra: Places | None = None) -> list[tuple[str, str]]:
    return [(each.text, each.why) for each in places.find(text.encode(), place, extra)]


def pinned(text: str, place: str) -> str:
    (found,) = places.find(text.encode(), place)
    return apply(text.encode(), places.edits(found, TARGET)).decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "image: {registry: docker.io, repository: x, tag: '1'}",
            f"image: {{registry: ghcr.io, repository: acme/x, tag: '1@{DIGEST}'}}",
        ),
        (
            "image: {repository: x, tag: '1', digest: ''}",
            f"image: {{repository: ghcr.io/acme/x, tag: '1', digest: '{DIGEST}'}}",
        ),
        (
            "image: {repository: x, tag: '1', sha: ''}",
            f"image: {{repository: ghcr.io/acme/x, tag: '1', sha: '{'1' * 64}'}}",
        ),
        (
            "image: {registry: '', repository: x, tag: '1'}",
            f"image: {{registry: '', repository: ghcr.io/acme/x, tag: '1@{DIGEST}'}}",
        ),
        ("image: {repository: x}", "image: {repository: ghcr.io/acme/x}"),
        ("image: {name: x, tag: v1}", f"image: {{name: ghcr.io/acme/x, tag: 1@{DIGEST}}}"),
        ("image: x\nimageTag: 'y'", f"image: ghcr.io/acme/x\nimageTag: '1@{DIGEST}'"),
        ("image: x:1", f"image: ghcr.io/acme/x:1@{DIGEST}"),
        (
            "image: {repository: 'x:1', pullPolicy: Always}",
            f"image: {{repository: 'ghcr.io/acme/x:1@{DIGEST}', pullPolicy: Always}}",
        ),
    ],
)
def test_a_group_of_helm_values_keeps_its_split(before: str, after: str) -> None:
    assert pinned(before, "values.yaml") == after


@pytest.mark.parametrize(
    "text",
    [
        "source: {repository: 'https://example.org/x'}",
        "chart: {repository: acme/charts}",
        "persistence: {name: data, tag: x}",
        "image: true",
        "logo: {image: logo.png/}",
    ],
)
def test_other_values_are_no_images(text: str) -> None:
    assert find(text, "values.yaml") == []


def test_a_registry_over_all_images_of_a_chart_is_reported() -> None:
    text = "global: {imageRegistry: docker.io}\nimage: {registry: '', repository: acme/x, tag: a}"
    assert find(text, "values.yaml") == [("docker.io/acme/x:a", "elsewhere")]
    assert find(text.replace("docker.io", "''"), "values.yaml") == [("acme/x:a", "")]


def test_a_tag_that_helm_writes_otherwise_is_reported() -> None:
    assert find("image: {repository: x, tag: 1.10}", "values.yaml") == [("x:1.10", "not-a-string")]
    assert find("image: {repository: x, tag: 1.11}", "values.yaml") == [("x:1.11", "")]


def test_kustomize_entries_over_bases_from_elsewhere_are_reported() -> None:
    text = "resources: [%s]\nimages: [{name: nginx, newTag: '1'}]"
    assert find(text % "a.yaml", "kustomization.yaml") == [("nginx:1", "")]
    assert find(text % "'https://example.org/x?ref=1'", "kustomization.yaml") == [("nginx:1", "elsewhere")]


def test_argo_cd_images_are_reported() -> None:
    text = (
        "{apiVersion: argoproj.io/v1alpha1, kind: Application, spec: {source: {kustomize: {images: ['a=acme/b:1']}}}}"
    )
    assert find(text) == [("acme/b:1", "elsewhere")]


def test_values_inside_a_quoted_text_are_reported_and_inside_a_block_are_edited() -> None:
    head = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    helm:\n      values: "
    quoted = head + '"image: acme/x:1\\n"\n'
    assert find(quoted) == [("acme/x:1", "elsewhere")]
    assert pinned(head + "|\n        image: acme/x:1\n", "m.yaml").endswith(f"|\n        image: {TARGET}\n")
    crlf = (head + "|-\n\n        image: acme/x:1\n").replace("\n", "\r\n")
    assert pinned(crlf, "m.yaml") == crlf.replace("acme/x:1", str(TARGET))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("FROM a AS b\nFROM b", ["a"]),
        ("FROM a\nFROM 0", ["a"]),
        ("from a as B\ncopy --from=b / /\nCOPY --from=c / /", ["a", "c"]),
        ("ARG X=a:1\nFROM ${X}", ["a:1"]),
        ("ARG X=a:1\nARG Y=$X\nFROM $Y", ["a:1"]),
        ("ARG V=1\nFROM a:$V", ["a:1"]),
        ("FROM a:$V", ["a"]),
        ("FROM a:${V:-2}-x", ["a:2-x"]),
        ("ARG V\nFROM a:${V}", ["a"]),
        ("\ufeffFROM a", ["a"]),
        ("#syntax=a\n#escape=`\nFROM `\n\n# c\n  b", ["a", "b"]),
        ("# c\n# syntax=a\nFROM b", ["b"]),
        ("FROM a\nRUN <<-X cat <<'Y'\nFROM no\n\tX\nFROM no\nY\nFROM b", ["a", "b"]),
        ("FROM a\nONBUILD COPY --from=b / /", ["a", "b"]),
        ("FROM a\nRUN echo FROM b --mount=from=c", ["a"]),
        ("FROM a \\\n# c\n AS b\nCOPY --from=b x y", ["a"]),
    ],
)
def test_a_dockerfile_names_images_and_its_stages_are_none(text: str, wanted: list[str]) -> None:
    assert [each[0] for each in find(text, "Dockerfile")] == wanted


def test_an_image_composed_of_arguments_is_reported() -> None:
    text = "ARG R=docker.io\nARG N=node:1\nFROM $R/acme/x:1\nFROM $N\nFROM $M\nFROM ${N}-slim"
    assert sorted(find(text, "Dockerfile")) == [
        ("$M", "templated"),
        ("docker.io/acme/x:1", "elsewhere"),
        ("node:1", ""),
        ("node:1-slim", "elsewhere"),
    ]


@pytest.mark.parametrize("name", ["Dockerfile", "Dockerfile.dev", "api.Dockerfile", "x/Containerfile", "Dockerfile-ci"])
def test_dockerfiles_are_known_by_name(name: str) -> None:
    assert find("FROM a", name) == [("a", "")]


@pytest.mark.parametrize("name", ["Dockerfile.md", ".dockerignore", "notes.txt", "Dockerfile.dockerignore"])
def test_other_files_are_not_read(name: str) -> None:
    assert find("FROM a\nimage: acme/a:1", name) == []


def test_templates_are_never_edited() -> None:
    for place, text in (
        ("c/templates/a.yaml", "image: {{ .Values.image }}:1\n"),
        ("a.yaml", "image: {{ .Values.image }}\n"),
        ("a.yaml", "{{- if .Values.x }}\nimage: {{ .Values.image }}\n{{- end }}\n"),
    ):
        (found,) = places.find(text.encode(), place)
        assert found.why == "templated" and ".Values.image of its values" in found.note
        assert places.edits(found, TARGET) == ()


def test_broken_yaml_that_is_no_template_is_refused() -> None:
    with pytest.raises(Hub2GhcrError, match=r"a\.yaml:\d:"):
        find("image: [", "a.yaml")


def test_a_variable_in_the_tag_stays_and_one_in_the_name_is_reported() -> None:
    text = "{apiVersion: v1, kind: Pod, spec: {containers: [{image: '%s'}]}}"
    assert find(text % "acme/x:${V}") == [("acme/x", "")]
    assert "'ghcr.io/acme/x:${V}'" in pinned(text % "acme/x:${V}", "m.yaml")
    for value in ("$(params.x)", "${R}/x:1", "{{inputs.parameters.image}}", "localhost:${PORT}/x"):
        assert find(text % value) == [(value, "templated")]
    assert find(text.replace("'%s'", "1.27")) == [("1.27", "not-a-string")]


DECLARED = Places(
    (
        Place("*", "*", env=("*_IMAGE",), args=("--image=", "--destination="), annotations=("acme.io/image",)),
        Place(
            "apps", "Deployment", pods=("spec.template.spec",), env=("*_IMAGE",), args=("--image=", "--destination=")
        ),
        Place("", "ConfigMap", name="images", images=("data.*",)),
    )
)


def test_declared_places_are_edited_and_others_reported() -> None:
    text = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: n, annotations: {acme.io/image: acme/a:1}}
spec:
  template:
    spec:
      containers:
      - env: [{name: SIDE_IMAGE, value: acme/b:1}]
        args: [--image=acme/c:1, --image, acme/d:1, "--destination=acme/e:1"]
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: images}, data: {side: acme/f:1}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: others}, data: {side: acme/g:1, image: acme/h:1}}
"""
    assert find(text, extra=DECLARED) == [*((f"acme/{each}:1", "") for each in "abcdef"), ("acme/h:1", "uncovered")]
    plain = find(text)
    assert plain == [(f"acme/{each}:1", "uncovered") for each in "abceh"]
    edits = [
        edit
        for each in places.find(text.encode(), "m.yaml", DECLARED)
        for edit in places.edits(each, Reference.parse("ghcr.io/x:2"))
    ]
    after = apply(text.encode(), edits).decode()
    assert 'args: [--image=ghcr.io/x:2, --image, ghcr.io/x:2, "--destination=ghcr.io/x:2"]' in after


def secret(text: str, type_: str = "dockerconfigjson") -> Found:
    data = {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": f"kubernetes.io/{type_}",
        "metadata": {"name": "s"},
        "data": {f".{type_}": text},
    }
    (found,) = places.find(json.dumps(data).encode(), "m.json")
    assert (found.text, found.why) == ("", "pull-secret")
    return found


def encoded(value: object) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


def test_pull_secrets_are_described_and_never_shown() -> None:
    entry = {"auth": "c2VjcmV0OnRva2Vu", "password": "token-of-somebody"}
    both = {"https://index.docker.io/v1/": entry, "quay.io": entry}
    assert secret(encoded({"auths": both})).note == "a pull Secret for Docker Hub, quay.io; not ghcr.io"
    assert secret(encoded(both), "dockercfg").note == "a pull Secret for Docker Hub, quay.io; not ghcr.io"
    assert secret(encoded({"auths": {"ghcr.io": entry}})).note == "a pull Secret for ghcr.io"
    for broken, note in (("###token", "is not base64"), (base64.b64encode(b"{token").decode(), "holds no JSON")):
        assert secret(broken).note.endswith(note) and "token" not in secret(broken).note
    assert secret(encoded({"auths": {"https://me:token@quay.io": entry}})).note.startswith("a pull Secret for quay.io;")
    assert secret(encoded({})).note.endswith("lists no registries")


def test_pull_secrets_in_a_wrong_place_are_remarked() -> None:
    text = """
apiVersion: apps/v1
kind: Deployment
spec:
  imagePullSecrets: [{name: a}]
  template:
    spec:
      imagePullSecrets: [{name: right}, {nme: b}, c]
      containers:
      - {name: x, imagePullSecrets: [{name: d}]}
"""
    notes = [(each.parts[0][1].line, each.note) for each in places.find(text.encode(), "m.yaml")]
    right = "move it to spec.template.spec.imagePullSecrets"
    assert notes == [
        (5, f"imagePullSecrets here has no effect: {right}"),
        (8, "an entry of imagePullSecrets without a name has no effect: write - name: …"),
        (8, "an entry of imagePullSecrets without a name has no effect: write - name: …"),
        (10, f"imagePullSecrets inside a container has no effect: {right}"),
    ]


PIECES = (
    *("image: ", "acme/x:1", "\n", "  ", "- ", "FROM ", "ARG X=", "$X", "${X", "}", "{{ ", "repository: ", "tag: 1"),
    *("images:\n- name: a\n", "<<EOF", "\\\n", '"', "'", "|\n", "registry: ", "services:\n", "a:\n", "é", "\r\n"),
)


@given(
    st.sampled_from(
        ["Dockerfile", "values.yaml", "compose.yaml", "kustomization.yaml", "a.yaml", "t/templates/a.yaml"]
    ),
    st.lists(st.sampled_from(PIECES), max_size=25),
)
def test_whatever_a_file_holds_is_found_or_refused_in_a_line(place: str, pieces: list[str]) -> None:
    data = "".join(pieces).encode()
    try:
        found = places.find(data, place)
    except Hub2GhcrError as error:
        assert len(error.lines) == 1
        return
    for each in found:
        for _, scalar in each.parts:
            assert 0 <= scalar.start <= scalar.end <= len(data)
        if not each.note:
            apply(data, places.edits(each, TARGET))


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("Dockerfile", "FROM " + "${" * 50_000),
        ("Dockerfile", "FROM a\n" * 20_000),
        ("Dockerfile", "RUN " + "<<A " * 50_000 + "\n"),
        ("t/templates/a.yaml", "{{\nimage: x" + " " * 100_000 + "y\n"),
        ("values.yaml", "image: '" + "{{" * 50_000 + "'\n"),
        ("a.yaml", "args: ['" + "-image" * 50_000 + "']\n"),
        ("a.yaml", "x: '" + "docker.io/a-" * 20_000 + "'\n"),
        ("a.yaml", "x: |\n" + " image: a/b:1\n" * 10_000),
    ],
)
def test_long_texts_are_read_to_their_end(place: str, text: str) -> None:
    """Whatever is quadratic in the length of a text takes minutes here, and what is linear a second."""
    places.find(text.encode(), place)


def test_the_image_of_a_ceph_volume_is_a_block_device() -> None:
    assert find("{apiVersion: v1, kind: Pod, spec: {volumes: [{name: a, rbd: {image: test, pool: p}}]}}") == []


def test_a_compose_file_of_any_name_may_have_services_without_an_image() -> None:
    text = "services:\n  a:\n    image: alpine\n  b:\n    extends: a\n  c:\n  d:\n    provider: {type: x}\n"
    assert [(each.kind, each.name, each.text) for each in places.find(text.encode(), "stack.yaml")] == [
        ("Compose", "a", "alpine")
    ]


def test_the_entries_of_flux_select_images_of_a_source_and_are_not_edited() -> None:
    data = b"""apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: k}
spec: {images: [{name: nginx, newTag: "1"}]}
"""
    (found,) = places.find(data, "m.yaml")
    assert (found.text, found.why) == ("nginx:1", "elsewhere")


def uncovered(text: str, place: str = "any.yaml") -> list[tuple[str, str]]:
    found = places.find(text.encode(), place)
    assert all(each.why == "uncovered" for each in found)
    return [(each.field, each.text) for each in found]


@pytest.mark.parametrize(
    ("text", "images"),
    [
        ("job: {image: busybox}", [("job.image", "busybox")]),
        ("image: ruby", [("image", "ruby")]),
        ("build: {Image: redis, imageName: acme/x}", [("build.Image", "redis"), ("build.imageName", "acme/x")]),
        ("test: {image: {name: 'ruby:3', entrypoint: ['']}}", [("test.image.name", "ruby:3")]),
        ("a: {image: {repository: acme/x, tag: '1'}}", [("a.image.repository", "acme/x:1")]),
        ("a: {initImage: {repository: acme/x}}", [("a.initImage.repository", "acme/x")]),
        ("apiVersion: a/v1\nkind: A\nspec: {image: {repository: x, tag: '1'}}", [("spec.image.repository", "x:1")]),
    ],
)
def test_what_looks_like_an_image_is_reported_in_yaml_of_any_kind(text: str, images: list[tuple[str, str]]) -> None:
    assert uncovered(text) == images


@pytest.mark.parametrize(
    "value",
    [
        "true",
        "null",
        "''",
        "3",
        "logo.png",
        "./pics/x.svg",
        "pics/x.svg",
        "disk.qcow2",
        "https://example.org/x.png",
        "A sunset",
        "{type: string}",
        "{name: ubuntu}",
        "{url: x}",
        "{repository: quay.io/acme/x, tag: '1'}",
        "{registry: quay.io, repository: acme/x, tag: '1'}",
        "quay.io/acme/x:1",
        "[a, b]",
    ],
)
def test_what_is_no_image_of_docker_hub_is_not_reported_as_one(value: str) -> None:
    assert uncovered(f"page: {{image: {value}}}") == []
    assert uncovered("page: {vmImage: ubuntu-latest, My Image: guides/use, run: IMAGE_PLATFORMS=linux/amd64}") == []


def test_the_images_of_a_json_patch_are_rewritten() -> None:
    patch = """- op: test
  path: /metadata/name
  value: acme/x:1
- op: replace
  path: /spec/template/spec/containers/0/image
  value: acme/x:1  # ours
- {op: add, path: /spec/initContainers/-, value: {name: i, image: "acme/x:1"}}
- {op: remove, path: /spec/containers/1}
"""
    data = ("patches:\n- patch: |\n" + "".join(f"    {line}\n" for line in patch.splitlines())).encode()
    found = places.find(data, "kustomization.yaml")
    assert [(each.field, each.note) for each in found] == [
        ("patches[0].patch: [1].value", ""),
        ("patches[0].patch: [2].value.image", ""),
    ]
    after = apply(data, [edit for each in found for edit in places.edits(each, TARGET)]).decode()
    assert after.count(str(TARGET)) == 2
    assert after.replace(f"value: {TARGET}", "value: acme/x:1").replace(str(TARGET), "acme/x:1") == data.decode()


def test_a_dockerfile_inside_a_compose_file_is_rewritten_there() -> None:
    data = (
        b"services:\n  a:\n    build:\n      dockerfile_inline: |\n        FROM golang:1 AS b\n        FROM acme/x:1\n"
        b"        COPY --from=b /a /a\n"
    )
    golang, found = places.find(data, "compose.yaml")
    assert (golang.text, found.text, found.name) == ("golang:1", "acme/x:1", "a")
    assert apply(data, places.edits(found, TARGET)) == data.replace(b"acme/x:1", str(TARGET).encode())


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("a: {environment: [APP_IMAGE=acme/x:1, OTHER=acme/no:1]}", "a.environment[0]"),
        ("a: {from: 'docker://acme/x:1'}", "a.from"),
        ("a: {contexts: ['base=docker-image://acme/x:1']}", "a.contexts[0]"),
        ("a: {volumes: [{type: image, source: acme/x}, {type: bind, source: a/b}]}", "a.volumes[0].source"),
    ],
)
def test_other_ways_to_name_an_image_are_reported(text: str, field: str) -> None:
    ((at, image),) = uncovered(text)
    assert (at, image.partition(":")[0]) == (field, "acme/x")


def test_no_image_is_nothing_to_tell() -> None:
    data = b"apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a, image: ''}, {name: b, image: ' '}]}\n"
    assert places.find(data, "m.yaml") == ()


def test_the_items_of_a_typed_list_are_what_the_list_says() -> None:
    pod = "{metadata: {name: p}, spec: {containers: [{image: 'nginx:1'}]}}"
    block = "  - metadata:\n      name: p\n    spec:\n      containers:\n      - image: nginx:1\n"
    for text in (
        f"apiVersion: v1\nkind: PodList\nitems: [{pod}]\n",
        f"apiVersion: v1\nkind: PodList\nitems:\n{block}",
        f"apiVersion: v1\nkind: PodList\nitems:\n  - kind: Pod\n    apiVersion: v1\n{block.replace('- ', '  ', 1)}",
    ):
        assert [(each.kind, each.name, each.text, each.why) for each in places.find(text.encode(), "l.yaml")] == [
            ("Pod", "p", "nginx:1", "")
        ]
