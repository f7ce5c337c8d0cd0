"""The one value that is asked for in plain."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub2ghcr.engine import secret
from hub2ghcr.errors import EngineError
from tests.hub2ghcr.engine.test_command import Begin, begin

__all__ = ["begin"]


def test_the_engine_is_asked_for_that_value_alone(begin: Begin, tmp_path: Path) -> None:
    begin(f'echo "$*" > {tmp_path}/asked; echo hunter2')
    assert secret("one", tmp_path, "clusterToken") == "hunter2"
    assert (tmp_path / "asked").read_text().split() == [
        "--non-interactive", "config", "get", "hub2ghcr:clusterToken", "--stack", "one",
    ]  # fmt: skip


def test_one_that_cannot_be_had_is_told_with_the_engine_s_remedy(begin: Begin, tmp_path: Path) -> None:
    begin("echo 'error: passphrase must be set with PULUMI_CONFIG_PASSPHRASE' >&2; exit 255")
    with pytest.raises(EngineError, match=r"stack one: the stack's secrets cannot be opened.*clusterToken"):
        secret("one", tmp_path, "clusterToken")
