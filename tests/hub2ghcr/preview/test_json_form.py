"""A preview as JSON, written by us and read from anybody."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hub2ghcr.engine import EngineStep
from hub2ghcr.errors import PreviewError
from hub2ghcr.preview import json_form
from hub2ghcr.preview.form import MOST

from .samples import preview, stack

STEP = EngineStep("urn:pulumi:test::hub2ghcr::a$b:c:Secret::one/shop/x", "update", ("data",), "it is patched")
FULL = preview(replace(stack("a"), mode="engine", why="", steps=(STEP,)), replace(stack("b"), problems=("broken",)))


def test_what_is_written_is_read_again() -> None:
    assert json_form.loads(json_form.dumps(FULL)) == FULL


def test_numbers_that_follow_from_copies_are_told_and_not_believed() -> None:
    data = json.loads(json_form.dumps(FULL))
    assert (data["bytes"], data["pulls"]) == (7, 3)
    data["bytes"] = data["stacks"][0]["pulls"] = 10**9
    assert json_form.loads(json.dumps(data)) == FULL


def _unknown(data: dict[str, Any]) -> None:
    data["stacks"][0]["html"] = "<script>"


def _version(data: dict[str, Any]) -> None:
    data["version"] = 2


def _mode(data: dict[str, Any]) -> None:
    data["stacks"][0]["mode"] = "magic"


def _urn(data: dict[str, Any]) -> None:
    data["stacks"][0]["steps"][0]["urn"] = "x"


def _number(data: dict[str, Any]) -> None:
    data["stacks"][0]["copies"][0]["size"] = "7"


def _negative(data: dict[str, Any]) -> None:
    data["stacks"][0]["copies"][0]["size"] = -1


def _long(data: dict[str, Any]) -> None:
    data["head"] = "x" * 1001


def _lines(data: dict[str, Any]) -> None:
    data["stacks"][0]["warnings"] = ["one\n<!-- two -->"]


def _backwards(data: dict[str, Any]) -> None:
    data["stacks"][0]["warnings"] = ["\u202egnp.exe"]


def _many(data: dict[str, Any]) -> None:
    data["stacks"][0]["warnings"] = ["x"] * (MOST + 1)


@pytest.mark.parametrize(
    "change", [_unknown, _version, _mode, _urn, _number, _negative, _long, _lines, _backwards, _many]
)
def test_what_we_do_not_write_is_refused(change: Callable[[dict[str, Any]], None]) -> None:
    data = json.loads(json_form.dumps(FULL))
    change(data)
    with pytest.raises(PreviewError, match="is not a preview"):
        json_form.loads(json.dumps(data))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 100_000, '{"version": 1}', "\x00"])
def test_other_json_and_no_json_is_refused(text: str) -> None:
    with pytest.raises(PreviewError, match="is not a preview"):
        json_form.loads(text)


def test_an_error_does_not_repeat_what_a_stranger_wrote() -> None:
    data = json.loads(json_form.dumps(FULL))
    data["stacks"][0]["mode"] = "::error::hello"
    with pytest.raises(PreviewError) as caught:
        json_form.loads(json.dumps(data))
    assert "hello" not in str(caught.value)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_form, "LARGEST", 100)
    file = tmp_path / "preview.json"
    file.write_text(json_form.dumps(FULL))
    with pytest.raises(PreviewError, match=r"preview\.json: larger than"):
        json_form.read(file)


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(PreviewError, match="cannot be read: No such file or directory"):
        json_form.read(tmp_path / "nowhere")


def test_a_token_in_an_artefact_is_taken_out() -> None:
    token = "ghp_" + "a" * 36
    assert token not in repr(json_form.loads(json_form.dumps(preview(stack(text=token)))))
