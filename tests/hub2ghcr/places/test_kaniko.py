"""Builds with kaniko: what they push is moved, and what else decides over their registries is told."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from hub2ghcr import places
from hub2ghcr.lock import Lock
from hub2ghcr.mapping import Mapped, Mapping, Rule
from hub2ghcr.places import Found, find, in_memory
from hub2ghcr.rewriting import rewrite
from hub2ghcr.source import Scalar, trees

BEFORE = Path(__file__).parent / "before" / "kaniko"
MAPPING = Mapping((Rule.parse("docker.io/acme/*", "ghcr.io/acme/*"),))
POD = """\
apiVersion: v1
kind: Pod
metadata: {{name: build}}
spec:
  containers:
  - name: build
    image: {image}
    {words}
"""


def pod(words: str, image: str = "gcr.io/kaniko-project/executor:v1.23.2") -> bytes:
    return POD.format(image=image, words=words).encode()


def told(data: bytes, place: str = "pod.yaml") -> list[str]:
    return [f"{each.why} {each.note}" for each in find(data, place) if each.note]


def pushed(data: bytes, place: str = "pod.yaml") -> list[str]:
    return [each.text for each in find(data, place) if each.pushed and not each.note]


@pytest.mark.parametrize(
    "image",
    [
        "gcr.io/kaniko-project/executor",
        "gcr.io/kaniko-project/executor:debug",
        "ghcr.io/osscontainertools/kaniko:v1.26.4-alpine",
        "martizih/kaniko:latest",
        "ghcr.io/kaniko-build/dist/chainguard-dev-kaniko/executor:v1.25.1",
        "cgr.dev/acme.io/kaniko:latest-dev",
        "bitnami/kaniko",
        "registry.acme.io/mirror/kaniko-project/executor@sha256:" + "1" * 64,
    ],
)
def test_an_executor_is_known_by_its_image_wherever_it_comes_from(image: str) -> None:
    assert pushed(pod("args: [--destination=acme/shop:1]", image)) == ["acme/shop:1"]


@pytest.mark.parametrize(
    ("words", "image", "found"),
    [
        ("args: [--context=., --destination=acme/shop:1]", "$(params.BUILDER_IMAGE)", ["acme/shop:1"]),
        ("args: [--context, ., --destination, acme/shop:1]", "$(params.BUILDER_IMAGE)", ["acme/shop:1"]),
        ("args: [--destination=acme/shop:1]", "$(params.BUILDER_IMAGE)", []),
        ("args: [--context=., --destination=acme/shop:1]", "acme/other", []),
    ],
)
def test_an_executor_whose_image_is_filled_in_is_known_by_its_flags(words: str, image: str, found: list[str]) -> None:
    assert pushed(pod(words, image) + b"# kaniko") == found


def test_the_flags_of_the_shell_that_runs_a_script_are_none_of_the_executor() -> None:
    data = pod("command: [sh, -c, '/kaniko/executor --context /workspace --destination acme/shop:1']")
    (container,) = (each for _, each, _, _ in places.kaniko.builds(next(trees(data, "pod.yaml"))))
    assert [(flag.name, flag.value) for _, _, flag, _ in places.kaniko.flags(container, "executor", data)] == [
        ("context", "/workspace"),
        ("destination", "acme/shop:1"),
    ]


def test_an_executor_is_known_by_its_command_whatever_its_image() -> None:
    assert pushed(pod("command: [/kaniko/executor, -d, acme/shop:1]", "acme/builder")) == ["acme/shop:1"]


@pytest.mark.parametrize(
    "words", ["args: [--destination=acme/shop:1]", "command: [kaniko, --destination, acme/shop:1]"]
)
def test_another_program_pushes_nothing(words: str) -> None:
    assert pushed(pod(words, "acme/publisher:1")) == []


@pytest.mark.parametrize(
    "words",
    [
        "args: [-dacme/shop:1]",
        "args: [-d, acme/shop:1]",
        "args: [-d=acme/shop:1]",
        "args: [--no-push, --destination=acme/shop:1, --cache]",
        "args: [--cache, --destination, acme/shop:1]",
        "args: [-v, debug, -c, dir:///destination, --destination=acme/shop:1, --cache-repo=oci:/cache]",
        'command: [sh, -c, "/kaniko/executor -d acme/shop:1"]',
        "command: [sh, -c, '/kaniko/executor --cache -d=\"acme/shop:1\"; curl -d acme/other:1 acme.io']",
        "command: [sh, -c, 'true && /kaniko/executor --destination=''acme/shop:1'' && echo --destination=acme/b']",
    ],
)
def test_each_way_of_writing_a_flag_is_understood(words: str) -> None:
    assert pushed(pod(words)) == ["acme/shop:1"]
    done = rewrite(pod(words), "pod.yaml", MAPPING)
    assert done.data == pod(words.replace("acme/shop:1", "ghcr.io/acme/shop:1"))


def test_what_is_pushed_is_never_pinned_nor_needs_a_lock() -> None:
    done = rewrite(pod("args: [--destination=acme/shop:1]"), "pod.yaml", MAPPING, Lock(), pin=True)
    assert done.problems == ()
    assert b"[--destination=ghcr.io/acme/shop:1]" in done.data


def test_what_a_warmer_takes_is_pulled() -> None:
    data = pod("args: [-i, node:20, -d, acme/Dockerfile]", "gcr.io/kaniko-project/warmer")
    assert pushed(data) == []
    assert [each.text for each in find(data, "pod.yaml")][1:] == ["node:20"]


@pytest.mark.parametrize(
    ("argument", "image"),
    [
        ("BASE_IMAGE=node:20", ["node:20"]),
        ("BASE=acme/base", ["acme/base"]),
        ("VERSION=1.2", []),
        ("BASE=alpine", []),
        ("IMAGE", []),
    ],
)
def test_a_build_argument_is_an_image_where_its_name_says_so(argument: str, image: list[str]) -> None:
    found = find(pod(f"args: [--build-arg, {argument}]"), "pod.yaml")
    assert [each.text for each in found][1:] == image


def test_a_destination_that_something_fills_in_is_told_and_stays() -> None:
    data = pod("args: [--destination=$(IMAGE)]")
    (line,) = told(data)
    assert line.startswith("templated ")
    assert rewrite(data, "pod.yaml", MAPPING).data == data


def test_a_word_whose_bytes_cannot_be_told_is_left_to_its_author() -> None:
    data = pod(r'command: [sh, -c, "/kaniko/executor -d acme\/shop:1"]')
    (line,) = told(data)
    assert line.startswith("elsewhere --destination in a script")
    assert rewrite(data, "pod.yaml", MAPPING).data == data


@pytest.mark.parametrize("image", ["acme/'shop':1", "acme/Shop:1"])
def test_what_cannot_be_read_is_left_to_its_author_and_is_no_problem(image: str) -> None:
    data = pod(f'command: [sh, -c, "/kaniko/executor -d {image}"]')
    done = rewrite(data, "pod.yaml", MAPPING)
    assert (done.data, done.problems) == (data, ())
    assert "change it by hand" in "".join(done.notes)


def test_the_same_name_several_times_in_a_script_is_moved_each_time() -> None:
    words = "command: [sh, -c, 'echo acme/a:1; /kaniko/executor -d acme/a:1 -d acme/a:1']"
    assert rewrite(pod(words), "pod.yaml", MAPPING).data == pod(words.replace("-d acme", "-d ghcr.io/acme"))


MIRROR = "build kaniko pulls what its Dockerfile names of Docker Hub through --registry-m"


@pytest.mark.parametrize(
    ("words", "beginnings"),
    [
        ("args: [--registry-mirror=mirror.gcr.io]", [MIRROR]),
        ("args: [--registry-map, 'gcr.io=a;index.docker.io=b']", [MIRROR]),
        ("args: [--registry-map, 'gcr.io=a']", []),
        ("args: []\n    env: [{name: KANIKO_REGISTRY_MIRROR, value: mirror.gcr.io}, {name: X}, y]", [MIRROR]),
        ("args: [--insecure]", ["build kaniko pushes over plain HTTP"]),
        ("args: [--insecure=true, --skip-tls-verify]", ["build kaniko pushes over", "build kaniko pushes its token"]),
        ("args: [--insecure=false, --insecure-registry=a]", []),
        ("args: [--insecure-pull, --skip-tls-verify-pull]", ["build kaniko pulls base", "build kaniko pulls base"]),
    ],
)
def test_mirrors_and_plain_http_are_pointed_out(words: str, beginnings: list[str]) -> None:
    lines = told(pod(words))
    assert len(lines) == len(beginnings)
    assert all(map(str.startswith, lines, beginnings))


MOUNTED = """\
args: [--destination=acme/shop:1]
    volumeMounts: [{mount}]
  volumes: [other, {{name: auth, {volume}}}]"""


@pytest.mark.parametrize(
    ("mount", "volume", "line"),
    [
        (
            "{name: auth, mountPath: /kaniko/.docker}",
            "secret: {secretName: regcred, items: [{key: .dockerconfigjson, path: config.json}]}",
            "`hub2ghcr secret make regcred -n NAMESPACE --registry ghcr.io --username USER`",
        ),
        (
            "{name: auth, mountPath: /kaniko/.docker/}",
            "secret: {secretName: push}",
            "secret make push -n NAMESPACE --registry ghcr.io --username USER --key config.json`",
        ),
        (
            "{name: auth, mountPath: /kaniko/.docker/config.json, subPath: .dockerconfigjson}",
            "secret: {secretName: regcred}",
            "`hub2ghcr secret make regcred -n NAMESPACE --registry ghcr.io --username USER`",
        ),
        (
            "{name: auth, mountPath: /kaniko/.docker}",
            "projected: {sources: [{secret: {name: a, items: [{key: k, path: config.json}]}}, {configMap: {name: b}}]}",
            "--key k`",
        ),
        (
            "{name: auth, mountPath: /kaniko/.docker}",
            "secret: {secretName: regcred, items: [{key: .dockerconfigjson, path: .dockerconfigjson}]}",
            "no item of Secret regcred is mounted under this name: write items: [{key: .dockerconfigjson,",
        ),
        ("{name: auth, mountPath: /workspace}", "secret: {secretName: other}", ""),
        ("{name: auth, mountPath: /kaniko/.docker}", "emptyDir: {}", ""),
        ("{name: none, mountPath: /kaniko/.docker}", "emptyDir: {}", ""),
    ],
)
def test_the_secret_that_a_build_mounts_is_told_with_the_command_that_makes_it(
    mount: str, volume: str, line: str
) -> None:
    lines = told(pod(MOUNTED.format(mount=mount, volume=volume)))
    assert len(lines) == bool(line)
    assert line in "".join(lines)


def test_a_secret_is_looked_for_where_the_build_is_told_to() -> None:
    words = MOUNTED.format(mount="{name: auth, mountPath: /auth}", volume="secret: {secretName: push}")
    (line,) = told(
        pod(words + "\n").replace(
            b"    volumeMounts", b"    env: [{name: DOCKER_CONFIG, value: /auth}]\n    volumeMounts"
        )
    )
    assert "Secret push" in line


def test_a_build_that_pushes_elsewhere_keeps_its_secret() -> None:
    words = MOUNTED.format(mount="{name: auth, mountPath: /kaniko/.docker}", volume="secret: {secretName: push}")
    assert told(pod(words.replace("acme/shop", "ghcr.io/acme/shop"))) == []


def test_a_script_that_writes_the_credentials_is_pointed_out() -> None:
    words = "command: [sh, -c, 'echo $AUTH > /kaniko/.docker/config.json; /kaniko/executor -d acme/shop:1']"
    (line,) = told(pod(words))
    assert "have it say ghcr.io" in line


def test_a_workflow_of_github_is_left_to_its_own_command() -> None:
    text = b"on: push\njobs:\n  a:\n    container: {image: gcr.io/kaniko-project/executor, args: [-d, acme/shop]}\n"
    assert pushed(text, ".github/workflows/a.yml") == []


@pytest.mark.parametrize("file", ["pod.yaml", "jobs.yaml", "tekton.yaml"])
def test_an_object_in_memory_is_rewritten_as_its_file(file: str) -> None:
    data = (BEFORE / file).read_bytes()
    written = rewrite(data, file, MAPPING)
    after = list(yaml.safe_load_all(written.data))
    for number, document in enumerate(yaml.safe_load_all(data)):
        memory = in_memory(document)
        edits = [each for found in (*memory.found, *memory.pushed) for each in edits_of(found)]
        for path, value in memory.rewritten(edits).items():
            holder = document
            for part in path[:-1]:
                holder = holder[part]
            holder[path[-1]] = value
        assert document == after[number]


def edits_of(found: Found) -> tuple[tuple[Scalar, str], ...]:
    decided = MAPPING.decide_text(found.text)
    return places.edits(found, decided.target) if isinstance(decided, Mapped) else ()
