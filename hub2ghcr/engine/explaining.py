"""The engine's errors in one line each: what is wrong and what to do, without the engine's own frame around it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from ..cluster.explaining import told
from ..token_shapes import redacted
from .events import Said

_FRAMES: Final = (
    re.compile(r"^(?:error|warning): ", re.I),
    re.compile(r"^\S+ resource '[^']*' has a problem: "),
    re.compile(r"^Exception calling application: "),
    re.compile(r"^rpc error: code = \w+ desc = "),
    re.compile(r"^(?:creating|updating|deleting|reading) urn:\S+: "),
    re.compile(r"^\d+ errors? occurred: \* "),
    re.compile(r"^sdk-v2/provider2\.go:\d+: "),
)
"""What the engine, grpc and providers put before a message, in any order and more than once."""

_BROKEN: Final = re.compile(r"unhandled exception: Traceback .*?((?:\b\w+\.)*\b\w*(?:Error|Exception)\b: .*)$")
"""A traceback in one line, up to the exception that ends it."""

_EMPTY: Final = re.compile(
    r"^(?:update|preview|resource (?:.* )?(?:creation|update|deletion)|resources? refresh)"
    r" (?:failed|canceled|cancelled)\.?$"
    r"|^an unhandled error occurred: program exited with non-zero exit code|^step application failed:? *$|^\W*$"
)
"""What says nothing but that something failed, which another line explains."""

_KNOWN: Final = (
    (
        re.compile(
            r"the stack is currently locked by \d+ lock.*?created by (?P<who>\S+ \(pid \d+\)) at (?P<since>\S+)"
        ),
        "another run holds the stack's lock: {who}, since {since}; wait for it, or if it was killed:"
        " hub2ghcr recover -s {stack}",
    ),
    (
        re.compile(r"the stack is currently locked by \d+ lock"),
        "another run holds the stack's lock; wait for it, or if it was killed: hub2ghcr recover -s {stack}",
    ),
    (
        re.compile(r"no stack named '?([^ ']+)'? found"),
        "the engine has no such stack yet; run `pulumi stack init {stack}`",
    ),
    (
        re.compile(r"passphrase must be set|incorrect passphrase|get stack secrets manager"),
        "the stack's secrets cannot be opened; set PULUMI_CONFIG_PASSPHRASE, or whatever its secrets provider needs",
    ),
    (
        re.compile(r"unable to open bucket postgres://.*?: failed to [^:]*: (?:pq: )?(?P<why>.*)"),
        "the engine's backend cannot be used: PostgreSQL: {why}; see PULUMI_BACKEND_URL, docs/backends.md",
    ),
    (
        re.compile(r"(?i)PULUMI_ACCESS_TOKEN must be set|not logged in|no credentials provided for backend"),
        "the engine does not know where its state is; run `pulumi login`, or set PULUMI_BACKEND_URL",
    ),
)
"""Messages of the engine that have a remedy of ours."""

_NO_ACCESS: Final = (
    "the engine has no such stack yet",
    "the stack's secrets cannot be opened",
    "the engine does not know where its state is",
    "pulumi cannot be run",
    "unable to open bucket",
)
"""What stands in lines that say that the engine could not even begin, and not what it met."""

_OBJECT: Final = re.compile(r"[:$]kubernetes:[^:$]+:\w+::")
"""In the URN of an object that pulumi-kubernetes writes: what our own resources say has its remedy already."""


def explained(stack: str, said: Iterable[Said]) -> tuple[str, ...]:
    """Return one line for each error among what was said, in its order, each once, tokens taken out.

    Args:
        stack: for remedies.
        said: of a whole run.
    """
    lines = (line for each in said if each.severity == "error" for line in _lines(stack, each))
    return tuple(dict.fromkeys(lines))


def plain(stack: str, text: str) -> tuple[str, ...]:
    """Return one line for each error of what the engine wrote to standard error, where it failed before a run."""
    blocks = re.split(r"(?m)^\s*error: ", text)[1:] or ([text] if text.strip() else [])
    return explained(stack, (Said("error", block.strip()) for block in blocks))


def no_access(lines: Iterable[str]) -> str | None:
    """Return the line that says that the engine cannot be asked here at all, None where it could be."""
    return next((line for line in lines if any(each in line for each in _NO_ACCESS)), None)


def _lines(stack: str, said: Said) -> Iterator[str]:
    text = _unframed(" ".join(said.message.split()))
    if _EMPTY.search(text):
        return
    if found := _BROKEN.search(text):
        text = f"the program broke: {found[1]}; see `pulumi preview -s {stack}` for where"
    for pattern, line in _KNOWN:
        if found := pattern.search(text):
            text = line.format(stack=stack, **found.groupdict())
            break
    else:
        text = told(text) if _OBJECT.search(said.urn) else text
    place = said.name if said.urn and said.name != f"hub2ghcr-{stack}" and "pulumi:pulumi:Stack" not in said.urn else ""
    yield redacted(f"{place}: {text}" if place and not text.startswith(place) else text)


def _unframed(text: str) -> str:
    while True:
        shorter = text
        for frame in _FRAMES:
            shorter = frame.sub("", shorter)
        if shorter == text:
            return text
        text = shorter
