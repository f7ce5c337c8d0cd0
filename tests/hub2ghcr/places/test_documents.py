"""What is read without a full parse is found as if it had been parsed whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub2ghcr.errors import ManifestError
from hub2ghcr.places import Found, documents, find
from hub2ghcr.places.rows import Place
from hub2ghcr.places.table import Places
from hub2ghcr.source import Node, trees


def outcome(data: bytes, place: str, extra: Places | None) -> object:
    try:
        return find(data, place, extra)
    except ManifestError as error:
        return "refused" if "YAML" in str(error) else str(error)


def whole(data: bytes, place: str, table: Places, find: documents.Find, span: object) -> Iterator[list[Found]]:
    return (find(number, tree) for number, tree in enumerate(trees(data, place)))


def same(text: str, place: str = "a.yaml", extra: Places | None = None) -> None:
    data = text.encode()
    fast = outcome(data, place, extra)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(documents, "found", whole)
        assert fast == outcome(data, place, extra)


WORKLOAD = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  labels: {}
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: |
      {"image": "docker.io/library/nginx:1.27"}
    note: "a text"
spec:
  template:
    metadata:
      labels:
        app: web
    spec:
      imagePullSecrets:
      - name: pull
      initContainers:
      - name: init
        image: busybox:1.36
      containers:
      - name: web
        image: "nginx:1.27"  # why
        imagePullPolicy: Always
        command: ["sh", "-c"]
        args:
        - --flag=x
        env:
        - name: LEVEL
          value: info
        resources:
          limits:
            cpu: 1
      - name: side
        image: ghcr.io/acme/side@sha256:0000000000000000000000000000000000000000000000000000000000000000
      volumes:
      - name: model
        image:
          reference: acme/model:1
          pullPolicy: Always
"""
LINES = WORKLOAD.splitlines()
OTHERS = """\
kind: Job|kind: Secret|kind: ServiceAccount|kind: Rollout|apiVersion: argoproj.io/v1alpha1|kind: CronJob
kind: List|items:|apiVersion: v1|apiVersion: batch/v1|kind: Pod|kind: ConfigMap|---|- name: REDIS_IMAGE
value: redis:7|path: x.image|image:|image: docker.io/x|other: docker.io/library/x:1
a: registry-1.docker.io/b/c|- --image=redis:7|- --destination=acme/x:1|imagePullSecrets:
imagePullSecrets: []|imagePullSecrets: [a]|baseImage: nginx:1|imageName: x/y|IMAGE: nginx:1|script: >-
script: |image: nginx:2|image: {repository: x, tag: y}|image: {}|image: 1.5|image: true|image: ${X}
image: $(X)|status:|type: kubernetes.io/dockerconfigjson|.dockerconfigjson: e30=|data:|- {image: nginx}
- image: &a nginx|image: *a|- name: x|- image: side:1|reference: x|imagePullPolicy: Always # image: no|#
# image: x|name: my-image|generateName: x-|metadata: {}|image: 'it''s'|image: "a\\"b"|image: |- 
metadata: {name: y}|imagePullPolicy: "Always"|imagePullPolicy: 'image'|a: b\tc|\timage: x
metadata: {labels: {name: y}}|- {name: REDIS_IMAGE, value: redis:7}|imagePullSecrets: [{name: x}]
env: [{name: A, value: b}]|ports: [{containerPort: 80}, {containerPort: 81}]|- {name: side, image: side:1}|items: [a]
containers: [{name: a, image: b/c:1}]|template: {spec: {containers: []}}|x: {a: 1, a: 2}
"kind": Service|'image': a/b
- {kind: Pod}|volumes: [{name: m, image: {reference: a/b:1}}]|x: {other: docker.io/x}|kind: [a]|x: [a, b
template:|spec:|spec: {}|x: "\\n image: y"|x: 'image: y'|status: {image: nginx}"""
NASTY = st.sampled_from([*OTHERS.replace("\n", "|").split("|"), "script: |", "image: |", "image: >-", "- |", "- >"])


@st.composite
def texts(draw: st.DrawFn) -> str:
    lines = list(LINES)
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(lines) - 1))
        indent = len(lines[at]) - len(lines[at].lstrip())
        match draw(st.integers(0, 4)):
            case 0:
                lines[at] = " " * indent + draw(NASTY)
            case 1:
                lines.insert(at, " " * indent + draw(NASTY))
            case 2:
                lines.insert(at + 1, " " * (indent + 2) + draw(NASTY))
            case 3:
                del lines[at : at + draw(st.integers(1, 4))]
                lines = lines or [""]
            case _:
                lines[at] = " " * draw(st.integers(0, 8)) + lines[at].lstrip()
    return "\n".join(lines) + "\n"


@settings(max_examples=400, deadline=None)
@given(st.lists(texts(), min_size=1, max_size=2), st.sampled_from(["a.yaml", "kustomization.yaml", "values.yaml", "-"]))
def test_the_same_is_found_in_any_workload(objects: list[str], place: str) -> None:
    same("---\n".join(objects), place)


@settings(max_examples=150, deadline=None)
@given(st.lists(texts(), min_size=1, max_size=3))
def test_the_same_is_found_in_any_list(objects: list[str]) -> None:
    items = "".join("- " + text.replace("\n", "\n  ").rstrip(" ") for text in objects)
    same("apiVersion: v1\nkind: List\nitems:\n" + items)


EXTRA = Places((Place("apps", "Deployment", pods=("spec.template.spec",), env=("LEVEL",), annotations=("note",)),))


def test_rows_of_settings_are_looked_at() -> None:
    same(WORKLOAD, extra=EXTRA)
    assert len(find(WORKLOAD.encode(), "a.yaml", EXTRA)) == len(find(WORKLOAD.encode(), "a.yaml")) + 2


def test_common_objects_need_no_full_parse(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*args: Any, **more: Any) -> Iterator[Node]:
        raise AssertionError("parsed whole")

    monkeypatch.setattr("hub2ghcr.source.pruned.trees", refused)
    service = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  ports:\n  - port: 80\n"
    data = f"{service}---\n{WORKLOAD}---\n{service}".encode()
    assert {each.document for each in find(data, "a.yaml")} == {1}
    with pytest.raises(AssertionError, match="parsed whole"):
        find(WORKLOAD.replace("{}", "{app: &a web}").encode(), "a.yaml")


def test_brackets_on_one_line_and_texts_need_no_full_parse(monkeypatch: pytest.MonkeyPatch) -> None:
    text = WORKLOAD.replace("labels: {}", "labels: {app: web, 'b': [80, \"c, d\"]}  # why")
    text = text.replace("- name: pull", "- {name: pull}").replace("- name: LEVEL", "- {name: LEVEL, value: x}", 1)
    text = text.replace("          value: info\n", "").replace(
        "metadata:\n  name: web\n", "metadata: {name: web}\nx:\n"
    )
    text = text.replace("      - name: init\n", "      - {name: a, image: b:1}\n      - name: init\n")
    text = text.replace(
        "        - --flag=x\n", "        - |\n          if true; then\n          \ttrue\n          fi\n"
    )
    text = text.replace("imagePullPolicy: Always", 'imagePullPolicy: "Always"')
    same(text)
    monkeypatch.setattr("hub2ghcr.source.pruned.trees", None)
    assert [each.name for each in find(text.encode(), "a.yaml")] == ["web"] * 5


PLAIN = (
    WORKLOAD[: WORKLOAD.index("  annotations:")]
    + WORKLOAD[WORKLOAD.index("spec:\n") : WORKLOAD.index("      volumes:")]
)
PLAIN = PLAIN.replace('"nginx:1.27"  # why', "nginx:1.27")


def test_workloads_of_one_shape_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    documents._SHAPES.known.clear()
    other = PLAIN.replace("nginx:1.27", "redis:7").replace("name: web", "name: cache").replace(": shop", ": s")
    before = find(PLAIN.encode(), "a.yaml")
    assert len(documents._SHAPES.known) == 1

    def refused(*args: Any) -> None:
        raise AssertionError("read")

    monkeypatch.setattr("hub2ghcr.source.block.Block.read", refused)
    found = find(f"---\n{other}".removeprefix("---\n").encode(), "a.yaml")
    assert [each.name for each in found] == ["cache"] * 3
    assert [each.text for each in found] == ["busybox:1.36", "redis:7", before[2].text]
    monkeypatch.undo()
    same(other)


@pytest.mark.parametrize(
    "value", ["null", "Null", "NULL", '"null"', "~", "true", "1.5", '""', "docker.io/x", "my-image"]
)
@pytest.mark.parametrize("line", ["  name: web", "      - name: pull", "        image: nginx:1.27", "kind: Deployment"])
def test_a_value_that_counts_is_no_part_of_a_shape(line: str, value: str) -> None:
    head = line.partition(": ")[0]
    same(PLAIN + "---\n" + PLAIN.replace(line + "\n", f"{head}: {value}\n", 1))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{a: \"b\", c: [d, 'e']}", "{a: \"f, g\", c: [h, 'i']}"),
        ("{'k \"x\", y': 1}", "{'k \"': {bad \", y': 1}"),
        ('{"k ": x}', '{"k ": , "}'),
        ("[x, x]", "[x, b: c]"),
        ("{a: x}", "{a: null}"),
        ("{a: b, c: d}", "{a: b, a: d}"),
        ('["x"]', '["a", "]'),
        ("{a: x} # b, c]", "{a: x} b, c]"),
    ],
)
def test_values_in_brackets_are_no_part_of_a_shape_and_brackets_are(one: str, other: str) -> None:
    documents._SHAPES.known.clear()
    text = PLAIN.replace("namespace: shop", f"labels: {one}")
    same(text)
    same(text.replace(one, other))
    same(text.replace("- name: pull", "- name: pull\n        x: " + one).replace("name: pull", other))


@pytest.mark.parametrize("quote", ["'", '"'])
def test_a_kind_under_a_quoted_key_counts(quote: str) -> None:
    documents._SHAPES.known.clear()
    text = PLAIN.replace("kind: ", f"{quote}kind{quote}: ")
    same(f"{text}---\n{text.replace('Deployment', 'Rollout')}---\n{text.replace('Deployment', 'Service')}")


def test_an_object_that_is_called_what_a_shape_has_in_its_place_gives_nobody_its_name() -> None:
    documents._SHAPES.known.clear()
    same("---\n" + PLAIN.replace("  name: web", "  name: x", 1) + "---\n" + PLAIN)


VALUES = st.sampled_from(
    r"""nginx:1|"nginx:1"|'a/b'|1.5|null|Null|~|true|web|acme/web|x:y|12:30|docker.io/a/b|a:${X}|*a|{}|{a: b}|""
"null"|[a]|my-image|a#b|a # b|"a#b"|--x|"--image=b:1"|"--destination=b:1"|1e3|0x1f|acme/web@sha256:0
A/b|-|a b|a:|v1|Pod|a/b:1  # c|web # image: x|'web' #c|'acme/web:1'  # c|"a/b" #|null # c|x #c # d|'a b'|'' # c|a#b # c|
{name: web}|{image: a/b}|[{name: web}]|{name: REDIS_IMAGE}|{a: {a: b, c: [d]}}|{a: 1, a: 1}
Service
""".replace("\n", "|").split("|")
)


@settings(max_examples=600, deadline=None)
@given(st.lists(st.lists(st.tuples(st.integers(0, 60), VALUES), max_size=3), min_size=2, max_size=4), st.booleans())
def test_the_same_is_found_in_documents_that_differ_in_values(changes: list[list[tuple[int, str]]], side: bool) -> None:
    made = []
    for values in changes:
        lines = (
            (PLAIN if side else PLAIN[: PLAIN.index("      - name: side")])
            .replace('"nginx:1.27"  # why', "nginx")
            .splitlines()
        )
        for at, value in values:
            head, colon, _ = lines[at % len(lines)].partition(": ")
            lines[at % len(lines)] = f"{head}{colon}{value}" if colon else lines[at % len(lines)]
        made.append("\n".join(lines) + "\n")
    same("---\n".join(made))


@pytest.mark.parametrize("text", ["a: [\n", "apiVersion: v1\nkind: Service\na: 1\na: 2\n", "a:\n\tb: c\n", "a: \0\n"])
def test_a_file_without_images_is_refused_all_the_same_when_it_is_broken(text: str) -> None:
    with pytest.raises(ManifestError):
        find(text.encode(), "a.yaml")
