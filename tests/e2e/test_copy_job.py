"""The Kubernetes Job that copies in many pods, as a real API server takes it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lab.errors import LabError
from lab.kubectl import kubectl
from tests.e2e.conftest import ROOT, Lab

pytestmark = pytest.mark.e2e


def test_the_api_server_takes_the_job_and_its_lock(lab: Lab, tmp_path: Path) -> None:
    words = ["--image", "ghcr.io/acme/hub2ghcr:1", "--shards", "3", "--secret", "registries", "--namespace", "default"]
    lock = str(ROOT / "images.lock.yaml")
    made = lab.run(sys.executable, "-m", "hub2ghcr", "job", "--lock", lock, *words, cwd=ROOT)
    assert made.returncode == 0, made.stderr
    check = ("create", "--dry-run=server", "--validate=strict", "--output", "name", "-f", "-")
    assert kubectl(lab.env, *check, stdin=made.stdout).split() == [
        "configmap/hub2ghcr-copy",
        "job.batch/hub2ghcr-copy",
    ]
    # Negative control: the server does look at the Job.
    with pytest.raises(LabError) as refused:
        kubectl(lab.env, *check, stdin=made.stdout.replace("completionMode: Indexed", "completionMode: Other"))
    assert "completionMode" in "".join(refused.value.details)
