"""Rancher before 2.12 is recognised, and told with its feature flag."""

from __future__ import annotations

from typing import Any

import pytest

from hub2ghcr.errors import Refused
from hub2ghcr.platforms.rancher.backing import API
from hub2ghcr.platforms.rancher.release import too_old

from .pretending import Clustered, setting


def legacy(spec: dict[str, Any], **status: Any) -> dict[str, Any]:
    return {"apiVersion": API, "kind": "Feature", "metadata": {"name": "legacy"}, "spec": spec, "status": status}


@pytest.mark.parametrize("version", ["v2.12.0", "2.13.1", "v2.14.0-alpha1", "v3.0.0", "dev", ""])
def test_what_copies_by_label_is_taken_and_so_is_what_does_not_tell(version: str) -> None:
    assert list(too_old(Clustered(setting(version)))) == []


@pytest.mark.parametrize(
    ("feature", "told"),
    [
        (legacy({"value": True}), "`legacy`, which is on)"),
        (legacy({"value": False}, default=True), "`legacy`, which is off)"),
        (legacy({"value": None}, default=False), "`legacy`, which is off)"),
        (legacy({}), "`legacy`)"),
    ],
)
@pytest.mark.parametrize("key", ["value", "default"])
def test_before_2_12_the_flag_of_the_old_interface_is_told(feature: dict[str, Any], told: str, key: str) -> None:
    (error,) = too_old(Clustered(setting("v2.11.3", key), feature))
    assert str(error).startswith("cluster demo: is Rancher v2.11.3, which copies registries of a project only if")
    assert told in str(error)
    assert str(error).endswith("take the projects out: each namespace then gets a Secret of its own")


def test_who_may_not_read_settings_is_let_on() -> None:
    class Closed(Clustered):
        closed = "Setting"

        def get(self, api_version: str, kind: str, namespace: str, name: str) -> dict[str, Any] | None:
            if kind == self.closed:
                raise Refused("forbidden")
            return super().get(api_version, kind, namespace, name)

    assert list(too_old(Closed(setting("v2.9.0")))) == []
    found = Closed(setting("v2.9.0"), legacy({"value": True}))
    found.closed = "Feature"
    assert "`legacy`)" in str(next(too_old(found)))
