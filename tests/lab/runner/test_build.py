"""Tiny images of Dockerfiles: what is in them, for which platforms, and what is refused."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from lab.oci import Blob, Image
from lab.runner import build, dockerfile, registry
from lab.runner.step import StepError, lines, truth

PLAIN = 'FROM scratch\nCOPY app /app\nENTRYPOINT ["/app"]\n'


@pytest.fixture
def context(tmp_path: Path) -> Path:
    (tmp_path / "app").write_bytes(b"program")
    (tmp_path / "folder/inner").mkdir(parents=True)
    (tmp_path / "folder/a.txt").write_text("a")
    (tmp_path / "folder/inner/b.txt").write_text("b")
    return tmp_path


def _files(text: str, context: Path, **arguments: str) -> dict[str, bytes]:
    target = arguments.pop("target", "")
    return dockerfile.build(text, context, arguments, target, build._base).files


def _config(image: Image, manifest: Blob | None = None) -> Any:
    parts = {one.digest: one.data for one in image.blobs}
    return json.loads(parts[json.loads((manifest or image.index).data)["config"]["digest"]])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("COPY app /app", ["app"]),
        ("COPY app /bin/", ["bin/app"]),
        ("WORKDIR /srv\nCOPY app .", ["srv/app"]),
        ("COPY folder /srv", ["srv/a.txt", "srv/inner/b.txt"]),
        ("COPY app folder/a.txt /srv/", ["srv/a.txt", "srv/app"]),
        ('COPY ["app", "/x y"]', ["x y"]),
        ("ARG TARGETARCH\nCOPY --chmod=755 app /app-$TARGETARCH", ["app-amd64"]),
        ("ARG name=none\nADD app /${name}", ["none"]),
        ("# comment\nCOPY \\\n  app \\\n  /app", ["app"]),
        ("COPY app /app\nRUN cat app > copy", ["app", "copy"]),
        ('COPY app /app\nRUN ["touch", "made"]', ["app", "made"]),
    ],
)
def test_files_come_where_the_dockerfile_says(context: Path, text: str, expected: list[str]) -> None:
    assert sorted(_files(f"FROM scratch\n{text}\n", context, TARGETARCH="amd64")) == expected


def test_only_the_stages_that_are_needed_are_built(context: Path) -> None:
    text = (
        "FROM scratch AS base\nCOPY app /app\nFROM base AS test\nRUN false\nFROM scratch\nCOPY --from=base /app /run\n"
    )
    assert _files(text, context) == {"run": b"program"}
    with pytest.raises(StepError, match="exit code: 1"):
        _files(text, context, target="test")
    with pytest.raises(StepError, match="no such stage"):
        _files(text.replace("--from=base", "--from=none"), context)
    assert _files(text.replace("--from=base", "--from=0"), context) == {"run": b"program"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no FROM"),
        ("COPY a b", "before FROM"),
        ("FROM a b c", "not understood"),
        ("FROM scratch\nCOPY none /", "not found"),
        ("FROM scratch\nCOPY ../x /", "outside"),
        ("FROM scratch\nONBUILD RUN true", "is not built in a lab"),
    ],
)
def test_what_cannot_be_built_is_refused(context: Path, text: str, why: str) -> None:
    with pytest.raises(StepError, match=why):
        _files(text, context)
    with pytest.raises(StepError, match="target stage"):
        _files(PLAIN, context, target="none")


def test_a_configuration_is_written(context: Path) -> None:
    text = (
        'FROM scratch\nENV A=1 B="2 3"\nENV A=4\nENV C five six\nLABEL x=y\nEXPOSE 80 81\nVOLUME /v\nUSER 10\n'
        'STOPSIGNAL INT\nWORKDIR /a\nWORKDIR b\nCMD run it\nENTRYPOINT ["/app"]\n'
    )
    config = _config(build.image(text, context, labels={"z": "1"}))["config"]
    assert config == {
        "Env": ["B=2 3", "A=4", "C=five six"],
        "Labels": {"x": "y", "z": "1"},
        "ExposedPorts": {"80": {}, "81": {}},
        "Volumes": {"/v": {}},
        "User": "10",
        "StopSignal": "INT",
        "WorkingDir": "/a/b",
        "Cmd": ["/bin/sh", "-c", "run it"],
        "Entrypoint": ["/app"],
    }


def test_one_platform_is_a_manifest_and_several_are_an_index(context: Path) -> None:
    single = build.image(PLAIN, context)
    assert single.index.media_type.endswith("manifest.v1+json")
    [layer] = [one for one in single.blobs if one.media_type.endswith("tar")]
    with tarfile.open(fileobj=io.BytesIO(layer.data)) as archive:
        assert archive.getnames() == ["app"]
    several = build.image(PLAIN, context, platforms=["linux/amd64", "linux/arm/v7"], annotations=["index:a=b", "c=d"])
    index = json.loads(several.index.data)
    assert [one["platform"] for one in index["manifests"]] == [
        {"architecture": "amd64", "os": "linux"},
        {"architecture": "arm", "os": "linux", "variant": "v7"},
    ]
    assert index["annotations"] == {"a": "b"}
    assert {json.loads(one.data)["annotations"]["c"] for one in several.manifests} == {"d"}
    with pytest.raises(StepError, match="level"):
        build.image(PLAIN, context, annotations=["index-descriptor:a=b"])


def test_what_is_pushed_has_a_provenance_and_every_tag_one_digest(
    context: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed: dict[str, Image] = {}
    monkeypatch.setattr(registry, "push", pushed.__setitem__)
    monkeypatch.chdir(context)
    (context / "Dockerfile").write_text(PLAIN)
    inputs = {"context": ".", "push": "true", "tags": "ghcr.io/a/b:1\na/b:1,a/b:2", "cache-from": "type=gha"}
    found = build.main(inputs)
    assert {image.digest for image in pushed.values()} == {found["digest"]}
    assert list(pushed) == ["ghcr.io/a/b:1", "a/b:1", "a/b:2"]
    kinds = [one.get("annotations", {}) for one in json.loads(pushed["a/b:1"].index.data)["manifests"]]
    assert "attestation-manifest" in kinds[1]["vnd.docker.reference.type"]
    assert build.main({**inputs, "provenance": "false"})["digest"] != found["digest"]
    pushed.clear()
    build.main({**inputs, "push": "false"})
    assert pushed == {}


def test_the_repository_itself_is_the_context_unless_a_folder_is_named(
    context: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_SOURCE", str(context))
    monkeypatch.chdir(tmp_path_factory.mktemp("empty"))
    (context / "folder/Dockerfile").write_text("FROM scratch\nCOPY a.txt /\n")
    named = build.main({"context": "{{defaultContext}}:folder"})
    assert named == build.main({"context": str(context / "folder")})
    (context / "a.txt").write_text("another")
    assert build.main({"file": "folder/Dockerfile"})["digest"] != named["digest"]
    with pytest.raises(StepError, match="no such file"):
        build.main({"context": "."})


@pytest.mark.parametrize(
    ("inputs", "why"),
    [
        ({"push": "true"}, "tag is needed"),
        ({"push": "maybe"}, "neither true nor false"),
        ({"outputs": "type=tar"}, "outputs"),
        ({"file": "none/Dockerfile"}, "no such file"),
    ],
)
def test_a_build_refuses_what_it_does_not_follow(context: Path, inputs: dict[str, str], why: str) -> None:
    with pytest.raises(StepError, match=why):
        build.main({"context": str(context), **inputs})


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("nginx", ("docker.io", "library/nginx", "latest")),
        ("acme/shop:1", ("docker.io", "acme/shop", "1")),
        ("index.docker.io/acme/shop", ("docker.io", "acme/shop", "latest")),
        ("ghcr.io/acme/shop:1@sha256:a", ("ghcr.io", "acme/shop", "sha256:a")),
        ("localhost:5000/a", ("localhost:5000", "a", "latest")),
    ],
)
def test_a_reference_is_split_as_docker_does(reference: str, expected: tuple[str, str, str]) -> None:
    assert registry.split(reference) == expected


def test_a_name_in_upper_case_is_no_reference() -> None:
    with pytest.raises(StepError, match="invalid reference format"):
        registry.split("ghcr.io/Acme/shop")


def test_inputs_are_lists_and_booleans() -> None:
    assert lines('a, "b,c"\n# no\n\nd') == ["a", "b,c", "d"]
    assert lines("a,b", commas=False) == ["a,b"]
    assert (truth("", "x"), truth("TRUE", "x"), truth("false", "x")) == (False, True, False)
