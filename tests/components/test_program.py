"""What the program tells the engine at its end."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pulumi
import pytest
from google.protobuf import empty_pb2, json_format
from pulumi.runtime import mocks, settings
from pulumi.runtime.stack import run_in_stack

from components import program
from tests.components.conftest import run

PLAN = SimpleNamespace(stack="test", phase="seal")
FOUND = SimpleNamespace(images={}, clusters=(), unseen=())


class _Mocks(mocks.Mocks):
    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        return f"{args.name}-id", dict(args.inputs)

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        return {}, None


class _Engine(mocks.MockMonitor):
    """Takes note of the stack's outputs, and of the moment in which the program lets the run end."""

    def __init__(self) -> None:
        super().__init__(_Mocks())
        self.heard: list[object] = []

    def RegisterResourceOutputs(self, request: Any) -> Any:
        outputs = json_format.MessageToDict(request.outputs)
        self.heard += [outputs["phase"]] if "phase" in outputs else []  # the mocks' own stack has none
        return empty_pb2.Empty()

    def SignalAndWaitForShutdown(self, _: object) -> Any:
        self.heard.append("end")
        return empty_pb2.Empty()


async def _nothing(*_: object) -> None:
    pass


def test_the_phase_is_in_the_state_before_the_run_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes after the program's last word the engine forgets: the state told the phase of the run before."""
    engine = _Engine()
    monkeypatch.setattr(pulumi.log, "debug", pulumi.log.debug)  # the program takes it away
    monkeypatch.setattr(program, "gc", SimpleNamespace(freeze=lambda: None, set_threshold=lambda *_: None))
    monkeypatch.setattr(program, "planned", lambda: PLAN)
    monkeypatch.setattr(program, "declare", lambda _: FOUND)
    monkeypatch.setattr(program, "tell_skipped", _nothing)
    monkeypatch.setattr(program, "tell_unseen", lambda _: None)

    async def ran() -> None:
        mocks.set_mocks(engine.mocks, project="hub2ghcr", stack="test", monitor=engine)
        settings.set_root_resource(None)  # type: ignore[arg-type]  # the mocks made one; the run makes its own
        await run_in_stack(program.run)

    run(ran())

    assert engine.heard == ["seal", "end"]
