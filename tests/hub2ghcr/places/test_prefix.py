"""References that stand behind something else in their scalar: the rest of it stays."""

from __future__ import annotations

import pytest

from hub2ghcr.mapping import Mapping, Rule
from hub2ghcr.places import Place, Places
from hub2ghcr.rewriting import rewrite

MAPPING = Mapping((Rule.parse("docker.io/*", "ghcr.io/a/*"),))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("docker://docker", "docker://ghcr.io/a/library/docker"),
        ("docker://docker:24", "docker://ghcr.io/a/library/docker:24"),
        ('"docker://docker:${{ env.docker }}"', '"docker://ghcr.io/a/library/docker:${{ env.docker }}"'),
        ("docker://ker", "docker://ghcr.io/a/library/ker"),
        ("docker://ghcr.io/a/docker", "docker://ghcr.io/a/docker"),
    ],
)
def test_a_step_of_a_workflow_keeps_its_scheme(before: str, after: str) -> None:
    file = "on: push\njobs:\n  a:\n    steps:\n      - uses: {}\n"
    found = rewrite(file.format(before).encode(), ".github/workflows/a.yml", MAPPING)
    assert found.data.decode() == file.format(after)


@pytest.mark.parametrize(
    ("before", "after"),
    [("--image=image", "--image=ghcr.io/a/library/image"), ("--image=age:1", "--image=ghcr.io/a/library/age:1")],
)
def test_an_argument_keeps_its_flag(before: str, after: str) -> None:
    extra = Places((Place("", "Pod", pods=("spec",), args=("--image=",)),))
    file = "{{apiVersion: v1, kind: Pod, metadata: {{name: x}}, spec: {{containers: [{{name: c, args: [{}]}}]}}}}\n"
    found = rewrite(file.format(before).encode(), "pod.yaml", MAPPING, extra=extra)
    assert found.data.decode() == file.format(after)
