"""Make ``extract.json`` anew: the operations that the stand-in covers, out of GitHub's whole description.

The description comes as the npm package ``@octokit/openapi``::

    npm pack @octokit/openapi@23.0.2 && tar xzf octokit-openapi-23.0.2.tgz
    python3 -m lab.github_api.openapi.extract package/generated/api.github.com.json

Prose, examples and media types other than JSON are left out; the schemas themselves are unchanged.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from lab.github_api.description import EXTRACT, GENERAL
from lab.github_api.routes import ROUTES

PROSE = ("description", "summary", "title", "example", "examples", "externalDocs", "tags", "operationId", "callbacks")
SCHEMAS = "#/components/schemas/"


def extract(whole: dict[str, Any]) -> dict[str, Any]:
    """The operations of ``ROUTES`` with every schema that they refer to. Raises ``KeyError`` for one GitHub has not."""
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        operation = whole["paths"][route.template][route.method.lower()]
        paths.setdefault(route.template, {})[route.method.lower()] = _operation(whole, operation)
    wanted = set(GENERAL.values()) | _references(paths)
    schemas: dict[str, Any] = {}
    while wanted:
        name = wanted.pop()
        schemas[name] = _bare(whole["components"]["schemas"][name])
        wanted |= _references(schemas[name]) - schemas.keys()
    return {
        "openapi": whole["openapi"],
        "info": {"title": "An extract of GitHub's REST API", "version": whole["info"]["version"]},
        "x-source": f"npm @octokit/openapi {whole['info']['version']}, generated/api.github.com.json (MIT)",
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _operation(whole: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    responses = {status: _content(_follow(whole, response)) for status, response in operation["responses"].items()}
    kept: dict[str, Any] = {
        "parameters": [_bare(_follow(whole, parameter)) for parameter in operation.get("parameters", [])],
        "responses": responses,
    }
    if "requestBody" in operation:
        body = _follow(whole, operation["requestBody"])
        kept["requestBody"] = {**_content(body), "required": body.get("required", False)}
    return kept


def _content(part: dict[str, Any]) -> dict[str, Any]:
    json_part = part.get("content", {}).get("application/json")
    return {"content": {"application/json": {"schema": _bare(json_part["schema"])}}} if json_part else {}


def _follow(whole: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in part:
        return part
    found: Any = whole
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return dict(found)


def _bare(schema: Any, *, names: bool = False) -> Any:
    """Without prose; ``names`` says that the keys are those of properties, which may be called anything."""
    if isinstance(schema, list):
        return [_bare(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _bare(value, names=key == "properties" and not names)
        for key, value in schema.items()
        if names or (key not in PROSE and not key.startswith("x-"))
    }


def _references(part: Any) -> set[str]:
    if isinstance(part, dict):
        own = {part["$ref"].removeprefix(SCHEMAS)} if isinstance(part.get("$ref"), str) else set()
        return own.union(*map(_references, part.values()))
    return set().union(*map(_references, part)) if isinstance(part, list) else set()


def main() -> None:
    """Write the extract."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("description", type=Path, help="api.github.com.json")
    whole = json.loads(parser.parse_args().description.read_text())
    EXTRACT.write_text(json.dumps(extract(whole), sort_keys=True, separators=(",", ":")) + "\n")
    print(f"{EXTRACT}: {len(ROUTES)} operations, {EXTRACT.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
