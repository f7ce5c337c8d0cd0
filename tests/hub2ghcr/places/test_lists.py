"""A ``List`` read item by item: the same images, remarks and errors as by one full parse."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hub2ghcr.places import documents, lists
from hub2ghcr.source.pruned import Part
from tests.hub2ghcr.places.test_documents import outcome, whole

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: main
        image: nginx:1.27
"""
SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {a: b}\n"
ITEMS = (
    DEPLOYMENT,
    DEPLOYMENT.replace("nginx:1.27", '"acme/shop:1"  # said so'),
    DEPLOYMENT.replace("name: main", "name: main\n        args: [--image=redis:7, docker.io/a/b:1]"),
    DEPLOYMENT.replace(
        "  name: web", "  name: web\n  annotations:\n    text: |\n      - no item\n      image: busybox:1"
    ),
    DEPLOYMENT.replace("  name: web", "  name: web\n  annotations:\n    said: 'in\n      two lines'"),
    DEPLOYMENT.replace("  name: web", "  name: web\n  annotations:\n    said: 'in\n- two: lines'"),
    DEPLOYMENT.replace("image: nginx:1.27", "image: &shared nginx:1.27"),
    DEPLOYMENT.replace("image: nginx:1.27", "image: *shared"),
    DEPLOYMENT.replace("nginx:1.27", "{{ .Values.image }}"),
    DEPLOYMENT.replace("      - name", "      imagePullSecrets: [a]\n      - name"),
    DEPLOYMENT.replace("kind: Deployment", "kind: Deployment\nkind: Deployment"),
    DEPLOYMENT.replace("kind: Deployment\n", ""),
    DEPLOYMENT.replace("  name: web", "\tname: web"),
    DEPLOYMENT.replace("apps/v1", "acme.io/v1").replace("Deployment", "Shop"),
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n  x: docker.io/acme/x:1\n",
    "apiVersion: v1\nkind: List\nitems:\n- " + DEPLOYMENT.replace("\n", "\n  ").rstrip() + "\n",
    SECRET,
    "image: mysql:8\n",
    "just a text\n",
    "- a\n- image: mysql:8\n",
    "",
)
HEADS = (
    "apiVersion: v1\nkind: List\n",
    "apiVersion: v1\n",
    "---\n# cluster\napiVersion: v1\nkind: List\n",
    "kind: List\n",
)
TAILS = (
    "",
    "kind: List\n",
    'kind: List\nmetadata:\n  resourceVersion: ""\n',
    "metadata: {image: redis:1}\n",
    "a: [b\n",
)


def listed(head: str, items: list[str], tail: str, indent: int) -> bytes:
    pad = " " * indent
    text = "".join(pad + "- " + item.rstrip("\n").replace("\n", f"\n{pad}  ") + "\n" for item in items)
    # What stands at the outermost indentation inside a text stays there.
    return f"{head}items:\n{text}{tail}".replace(f"\n{pad}  - two: lines", "\n- two: lines").encode()


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(HEADS),
    st.lists(st.sampled_from(ITEMS), max_size=5),
    st.sampled_from(TAILS),
    st.sampled_from((0, 2)),
)
@example(HEADS[0], [ITEMS[6], ITEMS[7]], "", 0)
@example(HEADS[0], [ITEMS[0], ITEMS[5]], "", 0)
def test_item_by_item_is_as_one_parse(head: str, items: list[str], tail: str, indent: int) -> None:
    data = listed(head, items, tail, indent)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(documents, "_SMALL", 0)
        apart = outcome(data, "m.yaml", None)
        patched.setattr(documents, "found", whole)
        assert apart == outcome(data, "m.yaml", None)


def test_the_items_of_what_kubectl_writes_are_told_apart() -> None:
    """Negative control of the comparison above: there are lists that are taken apart."""
    data = listed(HEADS[1], [DEPLOYMENT, SECRET, DEPLOYMENT], TAILS[2], 0)
    found = lists.items(Part(data, 7, 3))
    assert found is not None
    parts = list(found)
    assert [part.begin - 7 for part in parts] == [data.index(b"- api", at) for at in (0, 50, 250)]
    assert [part.text.lstrip()[:17] for part in parts] == [
        b"apiVersion: apps/",
        b"apiVersion: v1\n  ",
        b"apiVersion: apps/",
    ]
    assert [part.line for part in parts] == [5, 15, 19]


@pytest.mark.parametrize(
    "text",
    [
        DEPLOYMENT,
        "kind: List\nitems: []\n",
        "apiVersion: v1\nkind: PodList\nitems:\n- metadata: {}\n",
        "apiVersion: v1\nkind: List\nitems:\n- a: b\nitems:\n- c: d\n",
        "apiVersion: v1\nkind: List\nmore: 1\nitems:\n- a: b\n",
    ],
)
def test_whatever_is_no_plain_list_is_left_whole(text: str) -> None:
    assert lists.items(Part(text.encode(), 0, 0)) is None
