"""GitHub's own OpenAPI description, as far as the stand-in covers it, and whether an exchange keeps to it.

``openapi/extract.json`` is made by ``openapi/extract.py``; it names the version it was taken from.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lab.github_api.exchange import Answer

EXTRACT = Path(__file__).parent / "openapi" / "extract.json"

GENERAL = {
    400: "basic-error",
    401: "basic-error",
    403: "basic-error",
    404: "basic-error",
    409: "basic-error",
    422: "validation-error-simple",
}
"""Errors that GitHub's description does not repeat at each operation, though any may have them."""


UNDOCUMENTED = ("can_admins_bypass",)
"""Fields of requests that GitHub takes without describing them: its own Terraform provider sends them."""


class Description:
    """The extract, ready to check exchanges against. Needs ``jsonschema``."""

    def __init__(self, document: dict[str, Any] | None = None) -> None:
        self.document: dict[str, Any] = document or json.loads(EXTRACT.read_text())
        self._validators: dict[str, Any] = {}

    def operations(self) -> set[tuple[str, str]]:
        """Method and path of every operation in the extract."""
        return {(method.upper(), path) for path, methods in self.document["paths"].items() for method in methods}

    def violations(self, method: str, template: str, body: Any, answer: Answer) -> list[str]:
        """What a request's body and its answer break, one line each; none if they keep to the description.

        An error in the request is one only if it was not refused.
        """
        place = f"{method} {template}"
        operation = self.document["paths"].get(template, {}).get(method.lower())
        if operation is None:
            return [f"{place}: no operation of GitHub's"]
        found = []
        if answer.status < 400:
            found += [f"{place}: request: {line}" for line in self._request(operation, place, body)]
        found += [f"{place}: {answer.status}: {line}" for line in self._response(operation, place, answer)]
        return found

    def _request(self, operation: dict[str, Any], place: str, body: Any) -> list[str]:
        declared = operation.get("requestBody")
        if declared is None:
            return ["a body where none is taken"] if body else []
        if body is None:
            return ["no body where one is required"] if declared.get("required") else []
        described = {name: value for name, value in body.items() if name not in UNDOCUMENTED}
        return self._check(f"{place} request", declared["content"]["application/json"]["schema"], described)

    def _response(self, operation: dict[str, Any], place: str, answer: Answer) -> list[str]:
        declared = operation["responses"].get(str(answer.status))
        schema = (declared or {}).get("content", {}).get("application/json", {}).get("schema")
        if schema is None and answer.status in GENERAL:
            schema = {"$ref": f"#/components/schemas/{GENERAL[answer.status]}"}
        elif declared is None:
            return ["a status that the description does not list"]
        if schema is None:
            return ["a body where none is described"] if answer.body is not None else []
        return self._check(f"{place} {answer.status}", schema, answer.body)

    def _check(self, name: str, schema: dict[str, Any], value: Any) -> list[str]:
        if name not in self._validators:
            from jsonschema import Draft202012Validator

            whole = {**_plain(schema), "schemas": self._schemas}
            self._validators[name] = Draft202012Validator(whole, format_checker=self._formats)
        errors = self._validators[name].iter_errors(value)
        return sorted(f"{'.'.join(map(str, error.path)) or 'body'}: {error.message[:300]}" for error in errors)

    @cached_property
    def _schemas(self) -> dict[str, Any]:
        return {name: _plain(schema) for name, schema in self.document["components"]["schemas"].items()}

    @cached_property
    def _formats(self) -> Any:
        from jsonschema import FormatChecker

        checker = FormatChecker(formats=())
        checker.checks("date-time", raises=ValueError)(_date_time)
        checker.checks("uri")(_uri)
        return checker


def _plain(schema: Any) -> Any:
    """A schema of OpenAPI 3.0 as JSON Schema: ``nullable`` becomes an alternative, references lose their folder.

    ``oneOf`` becomes ``anyOf``, since GitHub lists alternatives that overlap, such as two kinds of errors.
    """
    if isinstance(schema, list):
        return [_plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"$ref": schema["$ref"].replace("#/components/schemas/", "#/schemas/")}
    plain = {key: _plain(value) for key, value in schema.items() if key not in ("nullable", "discriminator", "oneOf")}
    if "oneOf" in schema:
        plain["anyOf"] = _plain(schema["oneOf"])
    return {"anyOf": [{"type": "null"}, plain]} if schema.get("nullable") is True else plain


def _date_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", value):
        return False
    datetime.fromisoformat(value)
    return True


def _uri(value: object) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme and urlsplit(value).netloc)
