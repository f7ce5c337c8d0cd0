"""Which platforms a stack's own files tell of."""

from __future__ import annotations

import json

from hub2ghcr.doctor import platforms
from hub2ghcr.plan import of_stack
from tests.hub2ghcr.conftest import Project
from tests.hub2ghcr.test_builds import built

POD = {
    "apiVersion": "batch/v1",
    "kind": "Job",
    "metadata": {"name": "build"},
    "spec": {
        "template": {"spec": {"containers": [{"name": "build", "image": "gcr.io/kaniko-project/executor:v1.24.0"}]}}
    },
}


def told(project: Project) -> list[str]:
    project.save()
    return [str(each) for each in platforms.of_stack(of_stack("test", project.root))]


def test_a_stack_that_builds_nothing_tells_of_nothing(project: Project) -> None:
    assert told(project) == []


def test_builds_that_are_there_and_builds_that_are_declared_tell_of_kaniko(project: Project) -> None:
    project.write("shop.yaml", json.dumps(POD))
    [line] = told(project)
    assert line.startswith("platform test: kaniko: builds push to what --destination names")
    assert line.endswith("(docs/platforms/kaniko.md); by image gcr.io/kaniko-project/executor:v1.24.0")
    [line] = told(project.change(built()))
    assert line.endswith("by image gcr.io/kaniko-project/executor:v1.24.0, and 1 more")
