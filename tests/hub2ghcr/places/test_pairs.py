"""Files in the shapes of well-known projects, before and after: nothing but their images changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub2ghcr import places
from hub2ghcr.mapping import Mapped, Mapping, Rule
from hub2ghcr.reference import Reference
from hub2ghcr.source import Scalar, apply

HERE = Path(__file__).parent
FILES = sorted(str(file.relative_to(HERE / "before")) for file in (HERE / "before").rglob("*") if file.is_file())
MAPPING = Mapping((Rule.parse("docker.io/*", "ghcr.io/acme/*"),))


def rewritten(data: bytes, place: str) -> bytes:
    edits: list[tuple[Scalar, str]] = []
    for found in places.find(data, place):
        if found.text and not found.note:
            decision = MAPPING.map(Reference.parse(found.text))
            if isinstance(decision, Mapped):
                edits += places.edits(found, decision.target)
    return apply(data, edits)


@pytest.mark.parametrize("file", FILES)
def test_a_file_is_rewritten_to_its_pair_and_then_stays(file: str) -> None:
    wanted = (HERE / "after" / file).read_bytes()
    assert rewritten((HERE / "before" / file).read_bytes(), file) == wanted
    assert rewritten(wanted, file) == wanted


def test_there_is_a_pair_of_each_file_and_of_nothing_else() -> None:
    assert (
        sorted(str(each.relative_to(HERE / "after")) for each in (HERE / "after").rglob("*") if each.is_file()) == FILES
    )


@pytest.mark.parametrize(
    ("file", "reported"),
    [
        ("cert-manager/cert-manager.yaml", ["13 uncovered docker.io/acme/acmesolver:v1.15.0"]),
        (
            "strimzi/kafka.yaml",
            [
                "23 uncovered acme/kafka-bridge:0.28.0",
                "26 uncovered docker.io/acme/kafka:0.41.0-kafka-3.6.0",
                "27 uncovered docker.io/acme/kafka:0.41.0-kafka-3.7.0",
            ],
        ),
        ("tekton/pipeline.yaml", ["31 templated $(params.builder)"]),
        ("wordpress/compose.yaml", ["16 templated ${REGISTRY}/built:1"]),
        ("shop/Dockerfile", ["19 not-an-image scratch", "20 templated $UNSET"]),
        ("list/list.json", []),
    ],
)
def test_what_is_left_is_reported_with_its_line(file: str, reported: list[str]) -> None:
    found = places.find((HERE / "before" / file).read_bytes(), file)
    assert [f"{each.parts[0][1].line} {each.why} {each.text}" for each in found if each.note] == reported
