from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub2ghcr import documents
from hub2ghcr.errors import ManifestError
from hub2ghcr.rendering.editing import edited

NEW = "ghcr.io/acme/nginx:1.27@sha256:" + "a" * 64


def switched(data: bytes) -> bytes:
    """Edit a file: each `nginx:1.27` moves, and each pod spec gets a pull Secret."""

    def walk(value: Any) -> Any:
        if isinstance(value, list):
            return [walk(each) for each in value]
        if not isinstance(value, dict):
            return NEW if value == "nginx:1.27" else value
        found = {key: walk(each) for key, each in value.items()}
        if "containers" in found:
            found["imagePullSecrets"] = [*(found.get("imagePullSecrets") or ()), {"name": "ours"}]
        return found

    return edited(data, "f.yaml", [walk(each) for each in documents.parse(data.decode("utf-8-sig"), "f.yaml")])


PAIRS = {
    "a key of one line stands first": (
        "spec:\n  serviceAccountName: web # who\n  containers:\n  - image: 'nginx:1.27'\n",
        "spec:\n  serviceAccountName: web # who\n  imagePullSecrets:\n  - name: ours\n"
        f"  containers:\n  - image: '{NEW}'\n",
    ),
    "the list stands first, its comment stays with it": (
        "spec:\n  # all of them\n  containers:\n    - image: nginx:1.27 # web\n",
        "spec:\n  imagePullSecrets:\n    - name: ours\n  # all of them\n  containers:\n"
        f"    - image: {NEW} # web\n",
    ),
    "a list of its own grows": (
        "imagePullSecrets:\n- name: theirs # keep\ncontainers:\n- {image: nginx:1.27}\n",
        f"imagePullSecrets:\n- name: theirs # keep\n- name: ours\ncontainers:\n- {{image: {NEW}}}\n",
    ),
    "a list at the end of a file without a line end": (
        "containers: []\nimagePullSecrets:\n  - name: theirs",
        "containers: []\nimagePullSecrets:\n  - name: theirs\n  - name: ours\n",
    ),
    "flow style": (
        "spec: {containers: [{image: nginx:1.27}], imagePullSecrets: [{name: theirs}]}\n",
        f'spec: {{containers: [{{image: {NEW}}}], imagePullSecrets: [{{name: theirs}}, {{"name": "ours"}}]}}\n',
    ),
    "a flow mapping": (
        "spec: {containers: []}\n",
        'spec: {"imagePullSecrets": [{"name": "ours"}], containers: []}\n',
    ),
    "JSON": (
        '{\n  "spec": {\n    "containers": [{"image": "nginx:1.27"}]\n  }\n}\n',
        '{\n  "spec": {\n    "imagePullSecrets": [{"name": "ours"}],\n'
        f'    "containers": [{{"image": "{NEW}"}}]\n  }}\n}}\n',
    ),
    "nothing where a list could be": (
        "imagePullSecrets:\ncontainers: []\n",
        'imagePullSecrets: [{"name": "ours"}]\ncontainers: []\n',
    ),
    "a pod spec in a list": (
        "pods:\n- containers: []\n",
        "pods:\n- imagePullSecrets:\n  - name: ours\n  containers: []\n",
    ),
    "several documents, with empty ones between": (
        "# first\n---\n---\na: nginx:1.27\n---\n# nothing\n---\ncontainers: []\n...\n",
        f"# first\n---\n---\na: {NEW}\n---\n# nothing\n---\nimagePullSecrets:\n- name: ours\ncontainers: []\n...\n",
    ),
    "CRLF": (
        "spec:\r\n  containers:\r\n    - image: nginx:1.27\r\n",
        f"spec:\r\n  imagePullSecrets:\r\n    - name: ours\r\n  containers:\r\n    - image: {NEW}\r\n",
    ),
    "a byte order mark, and characters of several bytes": (
        "\ufeffä: ö # ü\nspec:\n  x: é\n  containers: []\n",
        "\ufeffä: ö # ü\nspec:\n  x: é\n  imagePullSecrets:\n  - name: ours\n  containers: []\n",
    ),
    "a block of text that says it": (
        "a: |-\n  nginx:1.27\nb: >-\n  nginx:1.27\n",
        f"a: |-\n  {NEW}\nb: >-\n  {NEW}\n",
    ),
    "nothing to change": ("a:   [1,2]   # x\n\n", "a:   [1,2]   # x\n\n"),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after"), PAIRS.values(), ids=PAIRS)
def test_a_file_says_what_is_wanted_and_keeps_all_else(before: str, after: str) -> None:
    assert switched(before.encode()).decode() == after


@pytest.mark.parametrize(
    "text",
    [
        "a: &x {containers: []}\nb: *x\nc:\n  <<: *x\n",
        "base: &base\n  containers: []\npod:\n  <<: *base\n  name: x\n",
    ],
)
def test_what_cannot_be_said_in_one_place_is_refused_or_right(text: str) -> None:
    try:
        written = switched(text.encode())
    except ManifestError as error:
        assert "cannot be changed in these places alone" in str(error)
    else:
        assert documents.parse(written.decode(), "f")[0]["b"]["imagePullSecrets"] == [{"name": "ours"}]


def test_two_wishes_for_what_an_alias_shares_are_refused() -> None:
    with pytest.raises(ManifestError, match="cannot be changed in these places alone"):
        edited(b"a: &x nginx\nb: *x\n", "f.yaml", [{"a": "one", "b": "two"}])
    assert edited(b"a: &x nginx\nb: *x\n", "f.yaml", [{"a": "one", "b": "one"}]) == b"a: &x one\nb: *x\n"


def test_without_reading_again_an_alias_would_carry_a_change_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    text = b"a: &x nginx\nb: *x\n"
    wanted = [{"a": "one", "b": "nginx"}]
    with pytest.raises(ManifestError, match="cannot be changed in these places alone"):
        edited(text, "f.yaml", wanted)
    before = documents.parse(text.decode(), "f.yaml")
    answers = iter([before, wanted])
    monkeypatch.setattr("hub2ghcr.rendering.editing._read", lambda data, place: next(answers))
    assert documents.parse(edited(text, "f.yaml", wanted).decode(), "f.yaml") == [{"a": "one", "b": "one"}]


_KEYS = st.sampled_from(["a", "b", "containers", "imagePullSecrets", "name", "x y"])
_LEAVES = st.sampled_from(["nginx:1.27", "text", "", "1e3", "a\nb\n", 1, None, True])
_BELOW = st.recursive(
    _LEAVES,
    lambda below: (
        st.lists(below, max_size=3) | st.dictionaries(_KEYS.filter(lambda key: "S" not in key), below, max_size=3)
    ),
    max_leaves=12,
)
_POD = st.builds(
    lambda before, secrets, after: {**before, **copy.deepcopy(secrets), "containers": after},
    st.dictionaries(st.sampled_from(["a", "b"]), _BELOW, max_size=2),
    st.sampled_from(
        [{}, {"imagePullSecrets": [{"name": "theirs"}]}, {"imagePullSecrets": None}, {"imagePullSecrets": []}]
    ),
    st.lists(_BELOW, max_size=2),
)


@given(st.lists(st.dictionaries(st.sampled_from("cde"), _POD, min_size=1), min_size=1, max_size=3), st.data())
def test_any_file_says_what_is_wanted(found: list[Any], data: st.DataObject) -> None:
    import yaml

    flow = data.draw(st.sampled_from([True, False, None]))
    text = yaml.safe_dump_all(found, default_flow_style=flow, sort_keys=False, explicit_start=True)
    before = documents.parse(text, "f")
    wanted = copy.deepcopy(before)
    for each in wanted:
        for pod in each.values():
            pod["imagePullSecrets"] = [*(pod.get("imagePullSecrets") or ()), {"name": "ours"}]
    written = edited(text.encode(), "f.yaml", wanted)
    assert documents.parse(written.decode(), "f") == wanted
