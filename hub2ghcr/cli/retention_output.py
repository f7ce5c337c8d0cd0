"""What ``hub2ghcr retention`` shows: a line for each version, or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal

import click

from ..github import Version
from ..packages.reaching import short
from ..packages.retention import Report

SCHEMA: Final = 1
"""The version of the JSON output."""


def show(found: Sequence[Report], notes: Sequence[str], output: Literal["table", "json"]) -> None:
    """Print what of each package is kept and what nothing reaches; notes and problems go to stderr."""
    if output == "json":
        packages = [_data(each) for each in found]
        click.echo(json.dumps({"version": SCHEMA, "packages": packages, "notes": list(notes)}, indent=2))
    else:
        for line in (line for each in found for line in _lines(each)):
            click.echo(line)
    for note in notes:
        click.echo(f"note: {note}", err=True)
    for each in found:
        for problem in each.problems:
            click.echo(f"error: package {_name(each)}: {problem}", err=True)


def _lines(report: Report) -> Iterator[str]:
    if report.problems:
        return
    kept, unreached = report.reached.kept, report.reached.unreached
    yield f"{_name(report)}: {report.versions} versions, {len(kept)} kept, {len(unreached)} that nothing reaches"
    for each in kept:
        yield f"  kept       {_version(each.version)}  {'; '.join(each.reasons)}"
    for version in unreached:
        yield f"  unreached  {_version(version)}  version {version.number}"
    if unreached:
        yield f"  hub2ghcr deletes nothing; a person does: {report.page}"


def _version(version: Version) -> str:
    tags = f" ({', '.join(version.tags)})" if version.tags else ""
    return f"{short(version.digest)} {version.updated[:10]}{tags}"


def _name(report: Report) -> str:
    return f"{report.package.owner}/{report.package.name}"


def _data(report: Report) -> dict[str, Any]:
    return {
        "owner": report.package.owner,
        "name": report.package.name,
        "versions": report.versions,
        "kept": [{**_version_data(each.version), "reasons": list(each.reasons)} for each in report.reached.kept],
        "unreached": [_version_data(each) for each in report.reached.unreached],
        "page": report.page,
        "problems": list(report.problems),
    }


def _version_data(version: Version) -> dict[str, Any]:
    return {
        "id": version.number,
        "digest": version.digest,
        "tags": list(version.tags),
        "updated": version.updated,
    }
