"""``docker/metadata-action`` in the lab: tags and labels of an image, computed from what happened.

https://github.com/docker/metadata-action#readme: what is not there (``schedule``, ``pep440``, bake files) fails.
"""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from lab.runner import step
from lab.runner.step import StepError

PRIORITIES = {"semver": 900, "match": 800, "edge": 700, "ref": 600, "raw": 200, "sha": 100}
"""Kinds of tags, and which of several is the version: the one with the highest number."""

USUAL = ("type=ref,event=branch", "type=ref,event=tag", "type=ref,event=pr")
"""What ``tags`` are where none are given."""

SEMVER = re.compile(
    r"[v=\s]*(?P<version>(?P<major>\d+)\.(?P<minor>\d+)\.(?P<patch>\d+)(?:-(?P<prerelease>[0-9A-Za-z.-]+))?)"
    r"(?:\+[0-9A-Za-z.-]+)?"
)
_EXPRESSION = re.compile(r"\{\{\s*(\w+)(?:\s+'([^']*)')?[^}]*\}\}")
_DATES = {"YYYY": "%Y", "MM": "%m", "DD": "%d", "HH": "%H", "mm": "%M", "ss": "%S", "X": "%s"}


@dataclass(frozen=True)
class Happened:
    """What the tags depend on: the reference, the commit, the repository, and when."""

    ref: str
    sha: str
    event: Mapping[str, Any]
    moment: datetime

    @property
    def branch(self) -> str:
        """The branch that was pushed, empty for anything else."""
        return self.ref.removeprefix("refs/heads/") if self.ref.startswith("refs/heads/") else ""

    @property
    def tag(self) -> str:
        """The tag that was pushed, empty for anything else."""
        return self.ref.removeprefix("refs/tags/") if self.ref.startswith("refs/tags/") else ""

    @property
    def pull(self) -> str:
        """The number of the pull request, empty for anything else."""
        found = re.fullmatch(r"refs/pull/(.+?)(?:/merge)?", self.ref)
        return found[1] if found else ""

    @property
    def repository(self) -> Mapping[str, Any]:
        """The repository as the event tells it."""
        found: Mapping[str, Any] = self.event.get("repository") or {}
        return found

    def fill(self, text: str) -> str:
        """A text with its expressions, such as ``{{is_default_branch}}``, replaced."""
        return _EXPRESSION.sub(lambda found: self._value(found[1], found[2] or ""), text)

    def _value(self, name: str, argument: str) -> str:
        default = self.repository.get("default_branch")
        known = {
            "branch": self.branch,
            "tag": self.tag,
            "sha": self.sha[:7],
            "base_ref": str((self.event.get("pull_request") or {}).get("base", {}).get("ref", "")),
            "is_default_branch": str(self.ref.removeprefix("refs/heads/") == default).lower(),
        }
        if name in ("date", "commit_date"):
            pattern = argument
            for theirs, ours in _DATES.items():
                pattern = pattern.replace(theirs, ours)
            return self.moment.strftime(pattern)
        if name not in known:
            raise StepError(f"{{{{{name}}}}} is no expression that is known here")
        return known[name]


@dataclass
class Version:
    """The tags so far: the version, the others, and whether ``latest`` is one."""

    main: str = ""
    partial: list[str] = field(default_factory=list)
    latest: bool | None = None

    def add(self, value: str, latest: bool) -> None:
        """Take one more tag."""
        value = re.sub(r"[^a-zA-Z0-9._-]+", "-", value)
        if not value:
            return
        if not self.main:
            self.main = value
        elif value != self.main and value not in self.partial:
            self.partial.append(value)
        if self.latest is None:
            self.latest = latest


def main(inputs: Mapping[str, str]) -> dict[str, str]:
    """The action's outputs: ``version``, ``tags``, ``labels``, ``annotations``, ``json``."""
    moment = datetime.now(UTC)
    happened = Happened(os.environ["GITHUB_REF"], os.environ["GITHUB_SHA"], step.event(), moment)
    levels = step.lines(os.environ.get("DOCKER_METADATA_ANNOTATIONS_LEVELS", "manifest"))
    return compute(inputs, happened, levels)


def compute(inputs: Mapping[str, str], happened: Happened, levels: list[str]) -> dict[str, str]:
    """The same for what happened; ``levels`` are where annotations go, such as ``manifest`` and ``index``."""
    flavor = _flavor(inputs.get("flavor", ""))
    parsed = [_parse(one) for one in step.lines(inputs.get("tags", ""), commas=False) or USUAL]
    version = Version()
    for one in sorted(parsed, key=lambda tag: -int(tag["priority"])):
        if _enabled(happened.fill(one["enable"])):
            _take(version, one, flavor, happened)
    names = _images(inputs.get("images", ""))
    tags = _tags(version, flavor)
    whole = [f"{name}:{tag}" for name in names for tag in tags] if names else tags
    labels = _labels(happened, version, step.lines(inputs.get("labels", ""), commas=False))
    notes = _labels(happened, version, step.lines(inputs.get("annotations", ""), commas=False))
    annotations = [f"{level}:{key}={value}" for level in levels for key, value in notes.items()]
    return {
        "version": version.main,
        "tags": (inputs.get("sep-tags") or "\n").join(whole),
        "labels": (inputs.get("sep-labels") or "\n").join(f"{key}={value}" for key, value in labels.items()),
        "annotations": (inputs.get("sep-annotations") or "\n").join(annotations),
        "json": json.dumps({"tags": whole, "labels": labels, "annotations": annotations}),
    }


def _take(version: Version, tag: Mapping[str, str], flavor: Mapping[str, str], happened: Happened) -> None:
    found = _value(tag, happened)
    if found is None:
        return
    value, newest = found
    prefix, suffix = (tag.get(name, flavor[name]) for name in ("prefix", "suffix"))
    latest = newest if flavor["latest"] == "auto" else flavor["latest"] == "true"
    version.add(f"{happened.fill(prefix)}{value}{happened.fill(suffix)}", latest)


def _value(tag: Mapping[str, str], happened: Happened) -> tuple[str, bool] | None:
    """What one line of ``tags`` gives, and whether that makes it the latest; None where it does not apply."""
    given = happened.fill(tag.get("value", ""))
    match tag["type"]:
        case "raw":
            return given, False
        case "sha":
            return (happened.sha if tag.get("format") == "long" else happened.sha[:7]), False
        case "edge":
            wanted = tag.get("branch") or happened.repository.get("default_branch")
            return ("edge", False) if happened.branch and happened.branch == wanted else None
        case "ref":
            value = {"branch": happened.branch, "tag": happened.tag, "pr": happened.pull}[tag["event"]]
            return (value, tag["event"] == "tag") if value else None
    if not (given or happened.tag):
        return None
    text = given or happened.tag
    return _semver(tag["pattern"], text.replace("/", "-")) if tag["type"] == "semver" else _matched(tag, text)


def _semver(pattern: str, text: str) -> tuple[str, bool] | None:
    found = SEMVER.fullmatch(text)
    if found is None:
        print(f"::warning::{text} is not a valid semver")
        return None
    if found["prerelease"]:
        return (text if pattern == "{{raw}}" else found["version"]), False
    known = {**found.groupdict(), "raw": text}
    return _EXPRESSION.sub(lambda one: str(known.get(one[1]) or ""), pattern), True


def _matched(tag: Mapping[str, str], text: str) -> tuple[str, bool] | None:
    pattern, group = tag["pattern"], int(tag.get("group", "0"))
    wrapped = re.fullmatch(r"/(.+)/(\w*)", pattern)
    flags = re.IGNORECASE if wrapped and "i" in wrapped[2] else re.NOFLAG
    found = re.search(wrapped[1] if wrapped else pattern, text, flags)
    if found is None or group > len(found.groups()) or found[group] is None:
        print(f"::warning::{pattern} does not match {text}")
        return None
    return str(found[group]), True


def _parse(line: str) -> dict[str, str]:
    """One line of ``tags``: its attributes, with what they are where they are not given."""
    found: dict[str, str] = {}
    for part in next(csv.reader([line])):
        name, separator, value = part.strip().partition("=")
        found |= {name.strip().lower(): value.strip()} if separator else {"value": name}
    kind = found.setdefault("type", "raw")
    if kind not in PRIORITIES:
        raise StepError(f"tags: type={kind} is not known here: {line}")
    needed = {"semver": "pattern", "match": "pattern", "raw": "value", "ref": "event"}.get(kind)
    if needed and needed not in found:
        raise StepError(f"tags: {needed} is missing: {line}")
    if kind == "ref" and found["event"] not in ("branch", "tag", "pr"):
        raise StepError(f"tags: no such event: {line}")
    if kind == "sha":
        found.setdefault("prefix", "sha-")
    if kind == "ref" and found["event"] == "pr":
        found.setdefault("prefix", "pr-")
    return {"enable": "true", "priority": str(PRIORITIES[kind]), **found}


def _enabled(text: str) -> bool:
    if text not in ("true", "false"):
        raise StepError(f"tags: enable is neither true nor false: {text!r}")
    return text == "true"


def _flavor(text: str) -> dict[str, str]:
    found = {"latest": "auto", "prefix": "", "suffix": "", "prefix-latest": "", "suffix-latest": ""}
    for line in step.lines(text, commas=False):
        last = ""
        for part in next(csv.reader([line])):
            name, _, value = part.strip().partition("=")
            if name == "onlatest" and last:
                found[f"{last}-latest"] = found[last] if value == "true" else ""
            elif name in ("latest", "prefix", "suffix"):
                found[name] = value
                last = name if name != "latest" else ""
            else:
                raise StepError(f"flavor: not known: {part}")
    return found


def _images(text: str) -> list[str]:
    names = []
    for line in step.lines(text, commas=False):
        found = dict(part.strip().partition("=")[::2] for part in next(csv.reader([line])))
        plain = [name for name, value in found.items() if not value]
        if _enabled(found.get("enable") or "true"):
            names += [name.lower() for name in ([found["name"]] if found.get("name") else plain)]
    return names


def _tags(version: Version, flavor: Mapping[str, str]) -> list[str]:
    if not version.main:
        return []
    latest = f"{flavor['prefix-latest']}latest{flavor['suffix-latest']}"
    return [version.main, *version.partial, *([latest] if version.latest else [])]


def _labels(happened: Happened, version: Version, more: list[str]) -> dict[str, str]:
    repository = happened.repository
    page = str(repository.get("html_url") or "")
    named = {
        "title": str(repository.get("name") or ""),
        "description": str(repository.get("description") or ""),
        "url": page,
        "source": page,
        "version": version.main,
        "created": happened.moment.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "revision": happened.sha,
        "licenses": str((repository.get("license") or {}).get("spdx_id") or ""),
    }
    found = {f"org.opencontainers.image.{name}": value for name, value in named.items()}
    for line in more:
        key, separator, value = happened.fill(line).partition("=")
        if separator:
            found[key] = value
    return dict(sorted(found.items()))


if __name__ == "__main__":
    step.run(main)
