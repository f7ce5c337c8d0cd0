"""Images moved, nothing else changed, and never half of what belongs together."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub2ghcr import rewriting
from hub2ghcr.errors import ManifestError
from hub2ghcr.lock import Lock
from hub2ghcr.mapping import Exclusion, Mapping, Pattern, Rule
from hub2ghcr.rewriting import rewrite
from hub2ghcr.source.edit import apply

from .. import fuzz_rewrite
from ..fuzz_seeds import SEEDS
from .conftest import DIGEST, entry

MAPPING = Mapping(
    (Rule.parse("docker.io/library/*", "ghcr.io/acme/mirror/*"), Rule.parse("docker.io/acme/*", "ghcr.io/acme/*")),
    (Exclusion(Pattern.parse("docker.io/acme/mine"), "built on the node"),),
)
LOCK = Lock((entry("docker.io/library/nginx:1.27", "ghcr.io/acme/mirror/nginx:1.27"),))


def pod(*images: str) -> bytes:
    containers = "".join(f"  - image: {image}\n" for image in images)
    return f"apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec:\n  containers:\n{containers}".encode()


def said(data: bytes) -> list[str]:
    return [line.partition(": ")[2] for line in data.decode().splitlines() if "- image: " in line]


@given(st.randoms(use_true_random=False), st.booleans())
@settings(max_examples=150)
def test_whatever_a_file_holds_only_images_change_and_rewriting_twice_is_rewriting_once(
    chance: random.Random, pin: bool
) -> None:
    fuzz_rewrite.check(*fuzz_rewrite.mutated(chance), pin)


@pytest.mark.parametrize("place", sorted({place for place, _ in SEEDS if not place.startswith("chart/")}))
def test_the_seeds_of_fuzzing_are_rewritten(place: str) -> None:
    text = next(text for name, text in SEEDS if name == place)
    assert fuzz_rewrite.check(place, text.encode(), False) == "changed"


@pytest.mark.parametrize(
    "broken",
    [
        lambda data, after: after.replace(b"name", b"nome"),
        lambda data, after: after + b"\n",
        lambda data, after: data,
        lambda data, after: after.replace(b"'ghcr.io/acme/mirror/nginx:1.27'", b"'[x]'"),
    ],
)
def test_the_fuzzing_sees_what_must_not_be(
    broken: Callable[[bytes, bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = pod("'nginx:1.27'")
    assert fuzz_rewrite.check("pod.yaml", data, False) == "changed"
    monkeypatch.setattr(rewriting, "apply", lambda data, edits, span: broken(data, apply(data, edits, span)))
    with pytest.raises(AssertionError):
        fuzz_rewrite.check("pod.yaml", data, False)


def test_what_stays_is_noted_with_its_line_and_column() -> None:
    done = rewrite(pod("nginx:1.27", "bitnami/redis", "acme/mine", "quay.io/a/b"), "a.yaml", MAPPING)
    assert said(done.data) == ["ghcr.io/acme/mirror/nginx:1.27", "bitnami/redis", "acme/mine", "quay.io/a/b"]
    assert done.notes == ("a.yaml:7:12: no mapping rule names this Docker Hub image: 'bitnami/redis'",)
    assert not done.problems


def test_a_blank_behind_a_folded_image_stays_alone() -> None:
    data = pod(">-\n      nginx:1.27\t")
    assert rewrite(data, "-", MAPPING).data == data.replace(b"nginx", b"ghcr.io/acme/mirror/nginx")


def test_a_line_end_that_only_yaml_1_1_has_stays_behind_a_folded_image() -> None:
    data = pod(">-\n      nginx:1.27") + "\x85  restartPolicy: Never\n".encode()
    assert rewrite(data, "-", MAPPING).data == data.replace(b"nginx", b"ghcr.io/acme/mirror/nginx")


def test_pinning_writes_tag_and_digest() -> None:
    done = rewrite(pod("nginx:1.27", f"nginx:1.27@{DIGEST}"), "a.yaml", MAPPING, LOCK, pin=True)
    assert said(done.data) == [f"ghcr.io/acme/mirror/nginx:1.27@{DIGEST}"] * 2
    assert said(rewrite(pod("nginx:1.27"), "a.yaml", MAPPING, LOCK).data) == ["ghcr.io/acme/mirror/nginx:1.27"]


def test_pinning_an_image_on_ghcr_takes_the_digest_that_is_there_and_leaves_what_is_not_locked() -> None:
    published = replace(entry("", "ghcr.io/acme/shop:2"), digest=DIGEST.replace("1", "2"))
    lock = LOCK.merged([published])
    texts = (
        "ghcr.io/acme/shop:2",
        "ghcr.io/acme/mirror/nginx:1.27",
        "ghcr.io/acme/tools:3",
        f"ghcr.io/acme/x@{DIGEST}",
    )
    done = rewrite(pod(*texts), "a.yaml", MAPPING, lock, pin=True)
    assert said(done.data) == [f"{texts[0]}@{published.digest}", f"{texts[1]}@{DIGEST}", *texts[2:]]
    assert (done.problems, done.notes) == ((), ())
    assert rewrite(done.data, "a.yaml", MAPPING, lock, pin=True).data == done.data
    assert rewrite(pod(*texts), "a.yaml", MAPPING, lock).data == pod(*texts)  # control: pins only where asked to


@pytest.mark.parametrize(
    ("lock", "image", "problem"),
    [
        (Lock(), "nginx:1.27", "a.yaml:6:12: not locked: 'nginx:1.27'; `hub2ghcr lock` adds it"),
        (LOCK, "nginx", "a.yaml:6:12: not locked: 'nginx'"),
        (LOCK, f"nginx:1.27@{DIGEST.replace('1', '2')}", "a.yaml:6:12: the image names a digest and its tag is locked"),
        (
            Lock((entry("docker.io/library/nginx:1.27", "ghcr.io/other/nginx:1.27"),)),
            "nginx:1.27",
            "a.yaml:6:12: the lock has another target, ghcr.io/other/nginx:1.27",
        ),
    ],
)
def test_what_the_lock_does_not_have_stays_and_is_a_problem(lock: Lock, image: str, problem: str) -> None:
    done = rewrite(pod(image), "a.yaml", MAPPING, lock, pin=True)
    assert done.data == pod(image)
    assert [str(each)[: len(problem)] for each in done.problems] == [problem]


def test_two_sources_with_one_target_both_stay_and_the_rest_moves() -> None:
    colliding = Mapping((Rule.parse("docker.io/library/*", "ghcr.io/a/*"), Rule.parse("docker.io/b/*", "ghcr.io/a/*")))
    done = rewrite(pod("nginx", "b/nginx", "redis"), "a.yaml", colliding)
    assert said(done.data) == ["nginx", "b/nginx", "ghcr.io/a/redis"]
    assert len(done.problems) == 1
    assert "docker.io/b/nginx and docker.io/library/nginx -> ghcr.io/a/nginx" in str(done.problems[0])


VALUES = b"""\
web:
  image: {registry: &hub docker.io, repository: acme/shop, tag: "1"}
side:
  image: {registry: *hub, repository: acme/%s, tag: "2"}
"""


def test_a_value_that_two_images_share_changes_once_when_both_move() -> None:
    done = rewrite(VALUES % b"cart", "values.yaml", MAPPING)
    assert done.data == (VALUES % b"cart").replace(b"docker.io", b"ghcr.io")
    assert not done.problems


def test_a_value_that_an_image_shares_with_one_that_stays_is_not_changed() -> None:
    done = rewrite(VALUES % b"mine", "values.yaml", MAPPING)
    assert done.data == VALUES % b"mine"
    assert ["shares a value" in str(each) for each in done.problems] == [True]


def test_a_file_that_cannot_be_understood_is_refused_with_its_place() -> None:
    with pytest.raises(ManifestError, match=r"^a\.yaml:2:1: not valid YAML"):
        rewrite(b"kind: Pod\n]", "a.yaml", MAPPING)
