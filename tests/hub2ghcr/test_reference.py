"""Image references: the grammar of distribution/reference, and what is made of a parsed one."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub2ghcr.errors import InvalidReference
from hub2ghcr.reference import HUB_HOSTS, Reference, is_digest

from .strategies import digests, names, references, tags

# [text, domain, path, tag, digest], or [text, null] where it is refused: what version 0.6.0 of the Go module answered
CASES = json.loads((Path(__file__).parent / "reference_cases.json").read_text(encoding="utf-8"))
DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0][:30] or "empty")
def test_a_reference_is_read_as_the_go_library_reads_it(case: list[str | None]) -> None:
    text = case[0] or ""
    if case[1] is None:
        with pytest.raises(InvalidReference):
            Reference.parse(text)
    else:
        found = Reference.parse(text)
        assert [text, found.registry, found.repository, found.tag, found.digest] == case


@pytest.mark.parametrize("host", sorted(HUB_HOSTS))
def test_every_spelling_of_docker_hub_is_one_registry(host: str) -> None:
    assert Reference.parse(f"{host}/nginx:1").canonical == "docker.io/library/nginx:1"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "an image reference is empty; write a name such as nginx:1.27"),
        ("Acme", "the repository name must be lower case: 'Acme'; write acme"),
        ("nginx:", "the tag is malformed: 'nginx:'; a tag has 1 to 128 letters, digits, '_', '.', '-'"),
        ("nginx@sha256:1", "the digest is malformed: 'nginx@sha256:1'; write sha256: and 64 lower-case hex digits"),
        ("quay.io/Acme/x:1", "the repository name must be lower case: 'quay.io/Acme/x:1'; write quay.io/acme/x"),
        ("-a.b/d", "the registry host is malformed: '-a.b/d'; write host[:port]/name"),
        ("nginx latest", "the image reference is malformed: 'nginx latest'; write [host/]name[:tag][@digest]"),
    ],
)
def test_a_refused_reference_says_what_is_wrong_and_what_to_write(text: str, message: str) -> None:
    with pytest.raises(InvalidReference) as caught:
        Reference.parse(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "canonical", "familiar"),
    [
        ("nginx", "docker.io/library/nginx", "nginx"),
        ("docker.io/library/nginx:1", "docker.io/library/nginx:1", "nginx:1"),
        (f"redis@{DIGEST}", f"docker.io/library/redis@{DIGEST}", f"redis@{DIGEST}"),
        (f"a/b:1@{DIGEST}", f"docker.io/a/b:1@{DIGEST}", f"a/b:1@{DIGEST}"),
        ("docker.io/library/foo/bar", "docker.io/library/foo/bar", "library/foo/bar"),
        ("docker.io/my.org/x", "docker.io/my.org/x", "docker.io/my.org/x"),
        ("docker.io/" + "a" * 64, "docker.io/library/" + "a" * 64, "library/" + "a" * 64),
        ("a_b.c/x:1", "a_b.c/x:1", "a_b.c/x:1"),
        ("ghcr.io/acme/shop", "ghcr.io/acme/shop", "ghcr.io/acme/shop"),
    ],
)
def test_canonical_is_the_full_spelling_and_familiar_the_shortest(text: str, canonical: str, familiar: str) -> None:
    assert (Reference.parse(text).canonical, Reference.parse(text).familiar) == (canonical, familiar)


@given(references())
def test_the_spelling_is_kept(text: str) -> None:
    assert str(Reference.parse(text)) == text


@given(references())
def test_canonical_and_familiar_mean_the_same_image(text: str) -> None:
    found = Reference.parse(text)
    assert Reference.parse(found.familiar) == found
    assert Reference.parse(found.canonical) == found


@given(names(), st.none() | tags, st.none() | digests)
def test_tag_and_digest_stand_together_and_change_alone(name: str, tag: str | None, digest: str | None) -> None:
    found = Reference.parse(name).with_tag(tag).with_digest(digest)
    assert (found.tag, found.digest) == (tag, digest)
    assert Reference.parse(str(found)) == found
    assert digest is None or is_digest(digest)


@given(references())
def test_a_reference_made_of_parts_is_formatted_and_parsed_back(text: str) -> None:
    parsed = Reference.parse(text)
    made = Reference(parsed.registry, parsed.repository, parsed.tag, parsed.digest)
    assert Reference.parse(str(made)) == made == parsed


@given(st.text(max_size=40) | st.text("aB0.:/@-_[]{}$ \n\ud800\u212a", max_size=20))
def test_any_text_parses_or_is_refused_by_the_one_error_in_one_line(text: str) -> None:
    try:
        assert str(Reference.parse(text)) == text
    except ValueError as error:
        assert isinstance(error, InvalidReference)
        assert len(error.lines) == 1 and "\n" not in str(error)
        str(error).encode()


@pytest.mark.parametrize("part", ["a-", "a.", "a/", "-", "0", "[:", "a:", "a@"])
def test_a_long_text_costs_no_more_than_its_length(part: str) -> None:
    text = part * (1_000_000 // len(part))
    started = time.process_time()
    with pytest.raises(InvalidReference):
        Reference.parse(text + "!")
    assert time.process_time() - started < 2
