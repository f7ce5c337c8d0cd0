"""What copies would transfer, by what a look at the targets finds."""

from __future__ import annotations

import pytest

from hub2ghcr.attached import Attached
from hub2ghcr.copying import Copied, Copier, Failed, Job, Outcome
from hub2ghcr.errors import Unreachable
from hub2ghcr.foreseeing import Foreseen, foresee
from hub2ghcr.registry import Registries

SIGNATURE = Attached("sha256:1", "signature", "sha256:2", "application/vnd.oci.image.manifest.v1+json", "", 12, "x.sig")
JOB = Job("docker.io/a:1", "ghcr.io/o/a:1", "sha256:1", (SIGNATURE,), size=1000)


def found(monkeypatch: pytest.MonkeyPatch, result: Copied | Failed) -> tuple[Foreseen, ...]:
    monkeypatch.setattr(Copier, "copy_all", lambda self, jobs, *, dry_run: [result] if dry_run else [])
    with Registries() as registries:
        return foresee([JOB], registries)


@pytest.mark.parametrize(("outcome", "size"), [("copied", 1000), ("attached", 12), ("tagged", 0)])
def test_what_the_target_has_is_not_counted(monkeypatch: pytest.MonkeyPatch, outcome: Outcome, size: int) -> None:
    assert found(monkeypatch, Copied(JOB, outcome)) == (Foreseen(JOB, size),)


def test_what_is_there_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(monkeypatch, Copied(JOB, "present")) == ()


def test_where_the_target_cannot_be_asked_the_whole_is_counted_and_the_reason_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert found(monkeypatch, Failed(JOB, Unreachable("no answer", "ghcr.io"))) == (
        Foreseen(JOB, 1000, "ghcr.io: no answer"),
    )
