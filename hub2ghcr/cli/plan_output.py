"""A plan as a table, as JSON and as Markdown.

Endpoints and kubeconfig paths are left out: they differ between machines, and a plan's bytes should not. The workflow's
text is given by its digest.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from typing import Any

from ..plan import Cluster, CredentialRef, GitHub, ImageChange, ImageCopy, Namespace, Plan
from .amounts import size_of

SCHEMA = 1
"""The version of the JSON output."""


def as_json(plan: Plan) -> str:
    """Return the whole plan as JSON, keys sorted."""
    data = {
        "version": SCHEMA,
        "stack": plan.stack,
        "phase": plan.phase,
        "mirror": plan.mirror,
        "copies": [_copy(each) for each in plan.copies],
        "registries": [
            {"host": each.host, "pull": _credential(each.pull), "push": _credential(each.push)}
            for each in plan.registries
        ],
        "github": _github(plan.github) if plan.github else None,
        "clusters": [
            {
                "name": each.name,
                "context": getattr(each.reach, "context", ""),
                "namespaces": [_namespace(ns) for ns in each.namespaces],
            }
            for each in plan.clusters
        ],
        "warnings": list(plan.warnings),
    }
    return json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False)


def markdown(plan: Plan) -> str:
    """Return the plan for a pull request's comment."""
    lines = [f"# Plan of stack {plan.stack}", "", f"Phase: {plan.phase}. Images: {plan.mirror}.", ""]
    for title, header, rows in _sections(plan):
        lines += [f"## {title}", "", _row(header), _row(["---"] * len(header)), *map(_row, rows), ""]
    if plan.warnings:
        lines += ["## Warnings", "", *(f"- {each}" for each in plan.warnings), ""]
    return "\n".join(lines).rstrip()


def table(plan: Plan) -> str:
    """Return the plan for a terminal, in colour where there is one."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    terminal = Console()
    # A pipe has no width: tables then take what they need
    width = terminal.width if terminal.is_terminal else 400
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=terminal.is_terminal, highlight=False)
    console.print(Text(f"Stack {plan.stack}, phase {plan.phase}", style="bold"))
    for title, header, rows in _sections(plan):
        shown = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
        for each in header:
            shown.add_column(each, overflow="fold")
        for row in rows:
            shown.add_row(*map(Text, row))
        console.print()
        console.print(shown)
    if plan.warnings:
        console.print()
    for warning in plan.warnings:
        console.print(Text(f"warning: {warning}", style="yellow"))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def _sections(plan: Plan) -> Iterator[tuple[str, list[str], list[list[str]]]]:
    rows = [row for cluster in plan.clusters for row in _image_rows(cluster)]
    if rows:
        yield "Workloads", ["cluster", "namespace", "workload", "delivery", "image now", "image then"], rows
    secrets = [
        [
            cluster.name,
            ns.name,
            "create" if ns.create else "there",
            ns.pull_secret.name if ns.pull_secret else "-",
            ", ".join(f"{host} as {each.username}" for host, each in sorted(ns.pull_secret.credentials.items()))
            if ns.pull_secret
            else "-",
        ]
        for cluster in plan.clusters
        for ns in cluster.namespaces
    ]
    if secrets:
        yield "Namespaces", ["cluster", "namespace", "namespace is", "pull Secret", "opens"], secrets
    sources = [
        [cluster.name, ns.name, each.path, each.by, _short(each.digest)]
        for cluster in plan.clusters
        for ns in cluster.namespaces
        for each in ns.sources
    ]
    if sources:
        yield "Rendered sources", ["cluster", "namespace", "source", "rendered by", "digest of what went in"], sources
    # no registry was asked: whatever is at the targets already is in these sizes
    for mode, title in (("copy", "to copy, at most {}"), ("require", "that must be there")):
        copies = [each for each in plan.copies if each.mode == mode]
        if copies:
            total = size_of(sum(each.entry.size for each in copies))
            yield f"Images {title.format(total)}", ["source", "target", "digest", "size"], [*map(_copy_row, copies)]
    if plan.github:
        github = [
            *(
                [each.owner + "/" + each.name, f"secret {name}", f"from {credential.name}"]
                for each in plan.github.repositories
                for name, credential in sorted(each.secrets.items())
            ),
            *(
                [each.owner + "/" + each.name, "workflow", each.workflow_path]
                for each in plan.github.repositories
                if each.workflow_path
            ),
            *(
                [f"{each.owner}/{each.name}", "package", f"{each.visibility}: {each.settings_url}"]
                for each in plan.github.packages
            ),
        ]
        if github:
            yield "GitHub", ["repository or package", "what", "value"], github


def _copy_row(copy: ImageCopy) -> list[str]:
    source = copy.source or "(published there)"
    return [source, copy.target.partition("@")[0], _short(copy.digest), size_of(copy.entry.size)]


def _image_rows(cluster: Cluster) -> Iterator[list[str]]:
    for ns in cluster.namespaces:
        rows = []
        for each in (*ns.workloads, *ns.rendered):
            for image in each.images:
                then = _shorter(image.after) if image.after != image.before else f"stays: {image.reason}"
                rows.append([f"{each.kind} {each.name}", each.delivery, image.before, then])
            if not each.images:
                rows.append([f"{each.kind} {each.name}", each.delivery, "-", "-"])
        for left in ns.untouched:
            rows += [[f"{left.kind} {left.name}", "-", each.before, f"stays: {each.reason}"] for each in left.images]
        for row in sorted(rows, key=lambda row: row[0]):
            yield [cluster.name, ns.name, row[0], row[1], _shorter(row[2]), row[3]]


def _shorter(text: str) -> str:
    """Shorten a digest to what a person compares; JSON has it whole."""
    name, at, digest = text.partition("@")
    return f"{name}@{_short(digest)}" if at else text


def _short(digest: str) -> str:
    return digest[: len("sha256:") + 12]


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(each.replace("|", "\\|") for each in cells) + " |"


def _copy(copy: ImageCopy) -> dict[str, Any]:
    return {
        "source": copy.source or None,
        "target": copy.target,
        "digest": copy.digest,
        "mode": copy.mode,
        "public": copy.public,
        "platforms": list(copy.entry.target_platforms),
        "attached": len(copy.entry.attached),
        "bytes": copy.entry.size,
    }


def _credential(found: CredentialRef | None) -> dict[str, str] | None:
    return {"name": found.name, "username": found.username, "secretKey": found.secret_key} if found else None


def _github(github: GitHub) -> dict[str, Any]:
    return {
        "owner": github.owner,
        "credential": _credential(github.credential),
        "repositories": [
            {
                "name": each.name,
                "secrets": {name: _credential(used) for name, used in each.secrets.items()},
                "workflowPath": each.workflow_path,
                "workflowDigest": _digest(each.workflow) if each.workflow else None,
            }
            for each in github.repositories
        ],
        "packages": [
            {"name": each.name, "visibility": each.visibility, "settingsUrl": each.settings_url}
            for each in github.packages
        ],
    }


def _namespace(ns: Namespace) -> dict[str, Any]:
    return {
        "name": ns.name,
        "create": ns.create,
        "phase": ns.phase,
        "pullSecret": {
            "name": ns.pull_secret.name,
            "credentials": {host: _credential(each) for host, each in ns.pull_secret.credentials.items()},
        }
        if ns.pull_secret
        else None,
        "sources": [{"path": each.path, "renderedBy": each.by, "digest": each.digest} for each in ns.sources],
        "workloads": [
            {
                "apiVersion": each.api_version,
                "kind": each.kind,
                "name": each.name,
                "delivery": each.delivery,
                "waitsFor": list(each.copies),
                "images": [_image(image) for image in each.images],
                "document": each.document,
            }
            for each in ns.workloads
        ],
        "untouched": [
            {"kind": each.kind, "name": each.name, "images": [_image(image) for image in each.images]}
            for each in ns.untouched
        ],
    }


def _image(image: ImageChange) -> dict[str, str]:
    return {"field": image.field, "before": image.before, "after": image.after, "reason": image.reason}


def _digest(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
