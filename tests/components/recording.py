"""What a component asks of the engine, recorded without one: every registration with its options."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from google.protobuf import json_format
from pulumi.runtime import mocks, settings
from pulumi.runtime.proto import resource_pb2

SECRET = "4dabf18193072939515e22adb298388d"
"""The key by which Pulumi marks a special value on the wire; a secret has it with the signature below."""
SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"


@dataclass(frozen=True)
class Registered:
    """One registration: its inputs as they go over the wire, secrets still marked."""

    type: str
    name: str
    inputs: dict[str, Any]
    depends_on: tuple[str, ...]
    provider: str
    retained: bool
    secret_outputs: tuple[str, ...]
    imported: str
    before_create: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    formerly: tuple[str, ...] = ()


class _Hooks:
    """Takes the place of the server that the engine calls hooks at: nobody calls them here."""

    def register_resource_hook(self, _: object) -> None:
        """Take note of nothing."""


class _Mocks(mocks.Mocks):
    def __init__(self, answers: Mapping[str, Mapping[str, Any]]) -> None:
        self.answers = answers

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        return f"{args.name}-id", {**args.inputs, **self.answers.get(args.typ, {})}

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        return {}, None


class _Recorder(mocks.MockMonitor):
    def __init__(self, answers: Mapping[str, Mapping[str, Any]], failed: Collection[str]) -> None:
        super().__init__(_Mocks(answers))
        self.failed = failed
        self.registered: list[Registered] = []

    def RegisterResource(self, request: Any) -> Any:
        if request.type != "pulumi:pulumi:Stack":
            self.registered.append(
                Registered(
                    request.type,
                    request.name,
                    json_format.MessageToDict(request.object),
                    tuple(sorted(urn.rpartition("::")[2] for urn in request.dependencies)),
                    request.provider.partition("::")[2].rpartition("::")[0],
                    request.retainOnDelete,
                    tuple(request.additionalSecretOutputs),
                    request.importId,
                    tuple(request.hooks.before_create),
                    tuple(request.ignoreChanges),
                    tuple(each.spec.parentUrn.partition("$")[2] for each in request.aliases),
                )
            )
        answer = super().RegisterResource(request)  # type: ignore[no-untyped-call]
        if request.type in self.failed:
            answer.result = resource_pb2.FAIL
        return answer


def declared(
    declare: Callable[[], object],
    config: Mapping[str, str] | None = None,
    answers: Mapping[str, Mapping[str, Any]] | None = None,
    failed: Collection[str] = (),
) -> list[Registered]:
    """Run ``declare`` as a program with a configuration.

    ``answers`` are outputs by resource type, ``failed`` the types that cannot be applied, in a run that goes on.
    """
    monitor = _Recorder(answers or {}, failed)
    mocks.set_mocks(monitor.mocks, project="hub2ghcr", stack="test", monitor=monitor)
    settings.SETTINGS.callbacks = _Hooks()
    pulumi.runtime.set_all_config(dict(config or {}), list(config or {}))

    @pulumi.runtime.test  # type: ignore[untyped-decorator]
    def program() -> None:
        declare()

    program()
    return monitor.registered


def only(registered: list[Registered], type_: str, name: str = "") -> Registered:
    """Return the one registration of a type (and name)."""
    found = [each for each in registered if each.type == type_ and name in ("", each.name)]
    assert len(found) == 1, [(each.type, each.name) for each in registered]
    return found[0]


def is_secret(value: Any) -> bool:
    """Whether a value went over the wire as a secret."""
    return isinstance(value, dict) and value.get(SECRET) == SECRET_SIGNATURE
