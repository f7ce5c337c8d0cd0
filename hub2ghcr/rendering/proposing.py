"""Rendered files as a pull request: what changes and why, and what to look at before it is merged."""

from __future__ import annotations

from collections.abc import Iterator

from ..github.pull_request import Proposal
from ..plan import Namespace, Plan, Untouched, Workload
from .target import Branch, Rendering


def proposal(rendering: Rendering, plan: Plan) -> Proposal:
    """Return the pull request of what goes to a repository."""
    assert isinstance(rendering.target, Branch)
    owner, _, repository = rendering.target.repository.partition("/")
    names = ", ".join(sorted({namespace.name for _, namespace in rendering.namespaces}))
    phases = {namespace.phase for _, namespace in rendering.namespaces}
    title = f"{names}: images as they were" if phases == {"prepare"} else f"{names}: images from GHCR"
    return Proposal(owner, repository, rendering.target.branch, title, _text(rendering, plan), rendering.data)


def _text(rendering: Rendering, plan: Plan) -> str:
    lines = [f"Rendered by hub2ghcr from its stack `{plan.stack}`; the next run updates this pull request.", ""]
    moves = [row for name, namespace in rendering.namespaces for row in _moves(name, namespace)]
    if moves:
        lines += ["| cluster, namespace | workload | image now | image then |", "|---|---|---|---|", *moves, ""]
    if stays := sorted({row for _, namespace in rendering.namespaces for row in _stays(namespace)}):
        lines += ["What stays:", "", *(f"- {each}" for each in stays), ""]
    if notes := sorted({note for source in rendering.sources for note in source.notes}):
        lines += ["Not rendered:", "", *(f"- {each}" for each in notes), ""]
    lines += ["Before it is merged:", ""]
    lines += [f"- [ ] the images are in GHCR, and these namespaces can pull them: `hub2ghcr verify -s {plan.stack}`"]
    secrets = [
        f"- [ ] {kind} Secret `{secret.name}` is in namespace {namespace.name} of cluster {name}:"
        f" `pulumi up -s {plan.stack}`"
        for name, namespace in rendering.namespaces
        for kind, secret in (("pull", namespace.pull_secret), ("push", namespace.push_secret))
        if secret is not None
    ]
    lines += [*secrets, "- [ ] whoever changes images in these files by himself, an updater say, knows of GHCR", ""]
    lines += ["Made from:", "", *(f"- `{each.path}`, {each.digest}" for each in rendering.sources if each.digest)]
    return "\n".join(lines)


def _moves(cluster: str, namespace: Namespace) -> Iterator[str]:
    for workload in namespace.rendered:
        for image in workload.images:
            if image.before != image.after:
                cells = [f"{cluster}, {namespace.name}", f"{workload.kind} {workload.name}"]
                cells += [f"`{image.before}`", f"`{image.after}`"]
                yield f"| {' | '.join(cells)} |"


def _stays(namespace: Namespace) -> Iterator[str]:
    left: tuple[Workload | Untouched, ...] = (*namespace.rendered, *namespace.untouched)
    for each in left:
        for image in each.images:
            if image.before == image.after:
                yield f"`{image.before}` of {each.kind} {each.name}: {image.reason}"
