"""Pull Secrets: what is written is what a kubelet reads, and what it cannot read is one line."""

from __future__ import annotations

import base64
import json
import traceback
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub2ghcr.credentials import HUB_KEY, Credential
from hub2ghcr.errors import Hub2GhcrError, Problems
from hub2ghcr.pull_secrets.secret import OLD_TYPE, TYPE, document, read, read_text

SECRET = "s3cr3t-value-nobody-may-see"
words = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters=":"), min_size=1)
entries = st.dictionaries(
    st.sampled_from(["ghcr.io", "quay.io/acme", "docker.io", "r.example:5000"]),
    st.builds(Credential, words, words, st.just("") | words),
    min_size=1,
)


def encoded(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return base64.b64encode(text.encode()).decode()


def secret(**changes: Any) -> dict[str, Any]:
    metadata = {"name": "pull", "namespace": "shop"}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": TYPE, **changes}


def refused(found: dict[str, Any]) -> str:
    with pytest.raises(Hub2GhcrError) as caught:
        read(found, "file")
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert "\n" not in str(caught.value)
    return str(caught.value)


@given(entries)
def test_what_is_written_is_read_back_by_a_kubelet(credentials: dict[str, Credential]) -> None:
    found = read(document("pull", "shop", credentials), "file")
    assert (found.place, found.type) == ("shop/pull", TYPE)
    expected = {HUB_KEY if host == "docker.io" else host: each for host, each in credentials.items()}
    read_back = {key: Credential(each.username, each.secret, each.email) for key, each in found.entries.items()}
    assert read_back == expected
    for host in credentials:
        assert found.tried(f"{host}/any")


def test_the_object_has_what_kubectl_gives_it_and_labels_in_their_order() -> None:
    found = document(
        "pull", "shop", {"ghcr.io": Credential("u", SECRET)}, labels={"b": "2", "a": "1"}, annotations={"c": "3"}
    )
    data = {".dockerconfigjson": found["data"][".dockerconfigjson"]}
    metadata = {"name": "pull", "namespace": "shop", "labels": {"a": "1", "b": "2"}, "annotations": {"c": "3"}}
    assert found == secret(metadata=metadata, data=data)
    assert list(found["metadata"]["labels"]) == ["a", "b"]


def test_all_that_the_api_server_would_refuse_is_refused_at_once_before() -> None:
    with pytest.raises(Problems) as caught:
        document("Pull", "a.b", {}, labels={"a b": "c"}, annotations={"": "x"})
    nothing, *places = (line.split(":")[0] for line in caught.value.lines)
    assert nothing == "a pull Secret needs at least one credential; name one in `pull`"
    assert places == ["annotations", "labels", "name", "namespace"]
    with pytest.raises(Problems, match="a Secret holds at most 1024 KiB"):
        document("pull", "shop", {"ghcr.io": Credential("u", "x" * (1 << 20))})


AUTH = {"ghcr.io": {"auth": encoded(f"u:{SECRET}")}}


def test_both_types_are_read_and_string_data_wins() -> None:
    for found in (
        secret(data={".dockerconfigjson": encoded({"auths": AUTH})}),
        secret(stringData={".dockerconfigjson": json.dumps({"auths": AUTH})}, data={".dockerconfigjson": "bad"}),
        secret(type=OLD_TYPE, data={".dockercfg": encoded(AUTH)}),
    ):
        entry = read(found, "file").entries["ghcr.io"]
        assert (entry.username, entry.secret) == ("u", SECRET)
    assert read_text({"auths": AUTH}, json.dumps({"auths": AUTH}), "file").type == TYPE
    assert read_text(AUTH, json.dumps(AUTH), "file").type == OLD_TYPE


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({}, "file: is no Secret; give a Secret: kubectl get secret NAME -n NAMESPACE -o yaml"),
        ({"kind": "ConfigMap"}, "file: is no Secret: 'ConfigMap'; give a Secret"),
        (
            secret(type="Opaque", data={".dockerconfigjson": SECRET}),
            "file: Secret shop/pull: no kubelet pulls with a Secret of this type: 'Opaque'; make it anew with type "
            "kubernetes.io/dockerconfigjson: the type of a Secret cannot be changed",
        ),
        (secret(), "file: Secret shop/pull: has no .dockerconfigjson, and opens no registry; its data has nothing"),
        (secret(data={"config.json": SECRET}), "opens no registry; its data has config.json"),
        (secret(data={".dockerconfigjson": ""}), "Secret shop/pull: .dockerconfigjson: is empty; write it anew"),
        (secret(data={".dockerconfigjson": None}), ".dockerconfigjson: is empty"),
        (secret(data={".dockerconfigjson": f"!{SECRET}"}), ".dockerconfigjson: is not base64; plain text belongs"),
        (secret(data={".dockerconfigjson": f"ü{SECRET}"}), ".dockerconfigjson: is not base64"),
        (secret(data={".dockerconfigjson": encoded(f"{{{SECRET}")}), ".dockerconfigjson: is not JSON (line 1)"),
        (secret(data={".dockerconfigjson": encoded({"auths": {"a.io": {"auth": SECRET}}})}), "auths[a.io]: auth is"),
        (secret(type=OLD_TYPE, data={".dockercfg": encoded({"ghcr.io": SECRET})}), "ghcr.io: must be an object"),
    ],
)
def test_what_no_kubelet_could_read_is_one_line_without_its_values(found: dict[str, Any], expected: str) -> None:
    assert expected in refused(found)


def test_an_entry_that_names_nobody_opens_nothing() -> None:
    auths = {"ghcr.io": {}, "quay.io": {"username": "u"}, "r.example": {"username": "u", "password": "p"}}
    found = read(secret(data={".dockerconfigjson": encoded({"auths": auths})}), "file")
    assert [bool(found.tried(f"{host}/x")) for host in auths] == [False, False, True]
