"""Pull Secrets out of what kubectl prints, and out of bare files."""

from __future__ import annotations

import base64
import json
import traceback
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub2ghcr.credentials import Credential
from hub2ghcr.errors import Hub2GhcrError
from hub2ghcr.pull_secrets.reading import Read, read
from hub2ghcr.pull_secrets.secret import OLD_TYPE, document

SECRET = "s3cr3t-value-nobody-may-see"
ONE = document("one", "shop", {"ghcr.io": Credential("u", SECRET)})
AUTHS = {"ghcr.io": {"auth": base64.b64encode(f"u:{SECRET}".encode()).decode()}}
OLD = {
    "kind": "Secret",
    "metadata": {"name": "old", "namespace": "jobs"},
    "type": OLD_TYPE,
    "data": {".dockercfg": base64.b64encode(json.dumps(AUTHS).encode()).decode()},
}
OPAQUE = {"kind": "Secret", "metadata": {"name": "other"}, "type": "Opaque", "data": {"x": SECRET}}
BROKEN = {**ONE, "metadata": {"name": "broken", "namespace": "a"}, "data": {".dockerconfigjson": SECRET + "!"}}


def found(folder: Path, text: str) -> Read:
    (folder / "file").write_text(text)
    return read(str(folder / "file"), "file")


def listed(*items: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "List", "items": [*items]}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (yaml.safe_dump(ONE), ["one"]),
        (json.dumps(ONE, indent="\t"), ["one"]),
        (yaml.safe_dump(OLD), ["old"]),
        (yaml.safe_dump_all([None, ONE, OPAQUE, OLD]), ["one", "old"]),
        (json.dumps(listed(ONE, OPAQUE, OLD)), ["one", "old"]),
        (yaml.safe_dump({**listed(OLD), "kind": "SecretList"}), ["old"]),
        (json.dumps({"auths": AUTHS, "credsStore": "desktop"}, indent="\t"), [""]),
        (json.dumps(AUTHS), [""]),
        ("{auths: {ghcr.io: {username: u}}}", None),
    ],
)
def test_secrets_are_found_wherever_kubectl_or_docker_put_them(
    text: str, names: list[str] | None, tmp_path: Path
) -> None:
    if names is None:  # YAML is no JSON, and the kubelet reads JSON
        with pytest.raises(Hub2GhcrError, match="is not JSON"):
            found(tmp_path, text)
        return
    secrets = found(tmp_path, text).secrets
    assert [each.name for each in secrets] == names
    assert {each.entries["ghcr.io"].secret for each in secrets} == {SECRET}


def test_a_list_is_read_to_its_end_and_what_is_broken_is_told(tmp_path: Path) -> None:
    secrets, problems = found(tmp_path, json.dumps(listed(BROKEN, ONE, {**BROKEN, "metadata": {"name": "b"}})))
    assert [each.place for each in secrets] == ["shop/one"]
    assert [str(each).split(": is")[0] for each in problems] == [
        "file: Secret a/broken: .dockerconfigjson",
        "file: Secret b: .dockerconfigjson",
    ]
    assert SECRET not in "".join(map(str, problems))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "file: is empty; give a Secret: kubectl get secret NAME -n NAMESPACE -o yaml"),
        (" \n", "file: is empty"),
        ("---\n---\n", "file: holds no pull Secret; they are of type kubernetes.io/dockerconfigjson"),
        (json.dumps(listed(OPAQUE)), "file: holds no pull Secret"),
        (json.dumps(listed()), "file: holds no pull Secret"),
        (SECRET, "file: is no object; give a Secret, or a config.json"),
        (f'["{SECRET}"]', "file: is no object"),
        (f'{{"auths": {{"ghcr.io": {{"auth": "{SECRET}', "file:1:"),
        (f"data: {{a: b\n{SECRET}: [", "file:2:"),
        (json.dumps({"auths": {"ghcr.io": {"auth": SECRET}}}), "file: auths[ghcr.io]: auth is not base64"),
    ],
)
def test_what_holds_none_is_one_line_without_a_value(text: str, expected: str, tmp_path: Path) -> None:
    with pytest.raises(Hub2GhcrError) as caught:
        found(tmp_path, text)
    assert expected in str(caught.value)
    assert len(caught.value.lines) == 1
    assert SECRET not in "".join(traceback.format_exception(caught.value))
