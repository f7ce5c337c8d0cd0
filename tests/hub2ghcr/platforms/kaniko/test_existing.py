"""What is said of builds that are there already."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub2ghcr.mapping import Mapping
from hub2ghcr.platforms.kaniko.existing import remarks
from hub2ghcr.scanning import scan

JOB = """\
apiVersion: batch/v1
kind: Job
metadata: {name: build}
spec:
  template:
    spec:
      {pod}
      containers:
      - name: build
        image: gcr.io/kaniko-project/executor:v1.23.2
        args: [%s, --destination=acme/shop:1]
        {container}
"""


def job(*arguments: str, pod: str = "", container: str = "") -> bytes:
    text = JOB.replace("{pod}", pod or "restartPolicy: Never").replace("{container}", container or "env: []")
    return (text % ", ".join(arguments)).encode()


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--context=git@github.com:acme/shop"], "job.yaml:11: context: kaniko does not know an SSH address"),
        (["-c", "https://github.com/acme/shop"], "job.yaml:11: context: kaniko reads https:// as a compressed tar"),
        (["--context=/workspace", "--context-sub-path=app"], "job.yaml:11: context-sub-path: kaniko leaves it out"),
        (["--context=git://github.com/acme/shop#refs/heads/main"], "clones over https"),
    ],
)
def test_the_context_of_a_build_is_told_by_its_line(arguments: list[str], line: str) -> None:
    (told,) = remarks(job(*arguments), "job.yaml")
    assert line in told


@pytest.mark.parametrize("context", ["dir:///workspace", "$(CONTEXT)", "git://$(REPOSITORY)", "s3://a/b.tar.gz"])
def test_nothing_is_said_of_a_context_that_holds_or_is_filled_in(context: str) -> None:
    assert list(remarks(job(f"--context={context}"), "job.yaml")) == []


@pytest.mark.parametrize(
    ("pod", "container", "who"),
    [
        ("securityContext: {runAsUser: 1000}", "", "user 1000"),
        ("securityContext: {runAsNonRoot: true}", "", "a user that is not root"),
        ("securityContext: {runAsUser: 0}", "securityContext: {runAsUser: 7}", "user 7"),
        ("securityContext: {runAsUser: 7}", "securityContext: {runAsUser: 0}", ""),
        ("securityContext: {fsGroup: 7}", "", ""),
    ],
)
def test_an_executor_that_is_not_root_is_pointed_out(pod: str, container: str, who: str) -> None:
    told = list(remarks(job("--context=dir:///workspace", pod=pod, container=container), "job.yaml"))
    assert len(told) == bool(who)
    assert f"kaniko runs as {who}:" in "".join(told) or not who


def test_other_files_and_programs_have_none() -> None:
    warmer = b"containers: [{image: gcr.io/kaniko-project/warmer, args: [-c, 'ssh://x']}]\n"
    assert [*remarks(warmer, "a.yaml"), *remarks(b"a: [kaniko", "a.yaml"), *remarks(b"a: 1\n", "a.yaml")] == []


def test_a_scan_tells_it(tmp_path: Path) -> None:
    (tmp_path / "job.yaml").write_bytes(job("--context=ssh://git@github.com/acme/shop"))
    assert any("kaniko does not know ssh://" in each for each in scan([str(tmp_path)], Mapping(())).notes)
