"""A plan as a table, and as Markdown. What differs between machines is left out, as in `plan_json`."""

from __future__ import annotations

import io
from collections.abc import Iterator

from ..amounts import size_of
from ..markdown import table as markdown_table
from ..plan import Cluster, ImageCopy, NodeMirror, OrganizationSecret, Package, Phase, Plan, Repository, Workload
from ..publishing import Publish


def markdown(plan: Plan) -> str:
    """Return the plan for a pull request's comment."""
    said = f"Phase: {plan.phase}. Images: {plan.mirror}. Way back: {plan.rollback}."
    lines = [f"# Plan of stack {plan.stack}", "", said, ""]
    for title, header, rows in _sections(plan):
        cells = [[each.replace("|", "\\|") for each in row] for row in rows]
        lines += [f"## {title}", "", *markdown_table(header, cells), ""]
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
    console.print(Text(f"Stack {plan.stack}, phase {plan.phase}, way back {plan.rollback}", style="bold"))
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
    namespaces = [[cluster.name, *row] for cluster in plan.clusters for row in _namespace_rows(cluster)]
    if namespaces:
        header = ["cluster", "namespace", "phase", "namespace is", "pull Secret", "opens", "ServiceAccounts"]
        yield "Namespaces", [*header, "proven to pull", "guard"], namespaces
    pushing = [[cluster.name, *row] for cluster in plan.clusters for row in _push_rows(cluster)]
    if pushing:
        header = ["cluster", "namespace", "Secret", "pushes to", "opens", "mounted by", "instead of"]
        yield "Push Secrets", header, pushing
    openshift = [[cluster.name, *row] for cluster in plan.clusters for row in _openshift_rows(cluster)]
    if openshift:
        yield "OpenShift", ["cluster", "what", "value"], openshift
    mirrors = [
        [each.name, *row] for each in plan.clusters if each.node_mirror for row in _mirror_rows(each.node_mirror)
    ]
    if mirrors:
        yield "Mirrors of nodes", ["cluster", "names of", "are pulled from", "what is not there", "by", "now"], mirrors
    projects = [[cluster.name, *row] for cluster in plan.clusters for row in _project_rows(cluster)]
    if projects:
        header = ["cluster", "project", "Secret", "opens", "copied by Rancher to", "lies in"]
        yield "Projects of Rancher", header, projects
    sources = [
        [cluster.name, ns.name, each.path, each.by, _short(each.digest)]
        for cluster in plan.clusters
        for ns in cluster.namespaces
        for each in ns.sources
    ]
    if sources:
        yield "Rendered sources", ["cluster", "namespace", "source", "rendered by", "digest of what went in"], sources
    builds = [
        [cluster.name, ns.name, each.name, each.context.where, ", ".join(each.destinations), each.push]
        for cluster in plan.clusters
        for ns in cluster.namespaces
        for each in ns.builds
    ]
    if builds:
        yield "Builds", ["cluster", "namespace", "build", "context", "pushed to", "by"], builds
    # no registry was asked: whatever is at the targets already is in these sizes
    for mode, title in (("copy", "to copy, at most {}"), ("require", "that must be there")):
        copies = [each for each in plan.copies if each.mode == mode]
        if copies:
            total = size_of(sum(each.entry.size for each in copies))
            yield f"Images {title.format(total)}", ["source", "target", "digest", "size"], [*map(_copy_row, copies)]
    if plan.github:
        github = [
            *(
                [plan.github.owner, f"organization secret {each.name}", _read_by(each)]
                for each in plan.github.organization_secrets
            ),
            *(
                [f"{each.owner}/{each.name}", *row]
                for each in plan.github.repositories
                for row in _repository_rows(each, plan.phase)
            ),
            *(
                [f"{each.owner}/{each.name}", "package", f"{_wanted(each)}: {each.settings_url}"]
                for each in plan.github.packages
            ),
        ]
        if github:
            yield "GitHub", ["repository or package", "what", "value"], github


def _openshift_rows(cluster: Cluster) -> Iterator[list[str]]:
    wanted = cluster.openshift
    if wanted is None:
        return
    for each in wanted.opens:
        yield ["global pull secret", f"{each.host} as {each.username}"]
    when = wanted.policy if wanted.mirrored else "from cutover on"
    for rule in wanted.rules:
        yield [f"mirrors of {' and '.join(wanted.sets)} pulls", f"{rule.source} from {rule.mirror}, {when}"]


def _mirror_rows(mirror: NodeMirror) -> Iterator[list[str]]:
    by = f"a DaemonSet in {mirror.namespace}" if mirror.delivery == "daemonset" else f"files for {mirror.layout}"
    for each in mirror.routes:
        rest = f"from {each.registry}" if mirror.fallback else "is not pulled"
        yield [
            each.registry,
            each.target,
            rest,
            f"{by}: {mirror.folder}",
            "yes" if mirror.active else "from cutover on",
        ]


def _published(publish: Publish) -> str:
    return f"publishes {' and '.join(publish.images)}, signs in with {publish.secret}"


def _wanted(package: Package) -> str:
    access = [f"{who} {may}" for who, may in package.access.items()]
    linked = [f"linked to {package.repository}"] if package.repository else []
    return ", ".join([package.visibility or "any visibility", *linked, *access])


def _read_by(secret: OrganizationSecret) -> str:
    readers = ", ".join(secret.repositories) or f"{secret.visibility} repositories"
    return f"from {secret.credential.name}, for {readers}"


def _repository_rows(repository: Repository, phase: Phase) -> Iterator[list[str]]:
    kinds = {"secret": repository.secrets, "Dependabot secret": repository.dependabot_secrets}
    kinds |= {f"secret of environment {name}": secrets for name, secrets in repository.environments.items()}
    for kind, secrets in kinds.items():
        yield from ([f"{kind} {name}", f"from {each.name}"] for name, each in sorted(secrets.items()))
    if repository.publish:
        yield [f"workflow {repository.workflow_path}", _published(repository.publish)]
    if repository.also_rewrite:
        yield ["references to the old image", f"in {', '.join(repository.also_rewrite)}"]
    if repository.publish or repository.also_rewrite:
        yield ["files come by", repository.delivery]
    for each in repository.removed:
        back = f"{each.credential.name} restores it" if each.credential else "its value is lost for good"
        when = "removed" if phase == "seal" else "removed at seal"
        yield [f"secret {each.name}", f"{when}: {back}"]


def _copy_row(copy: ImageCopy) -> list[str]:
    source = copy.source or "(published there)"
    return [source, copy.target.partition("@")[0], _short(copy.digest), size_of(copy.entry.size)]


def _image_rows(cluster: Cluster) -> Iterator[list[str]]:
    for ns in cluster.namespaces:
        rows = []
        for each in ns.all_workloads:
            for image in each.images:
                then = _shorter(image.after) if image.after != image.before else f"stays: {image.reason}"
                rows.append([f"{each.kind} {each.name}", _delivery(each), image.before, then])
            if not each.images:
                rows.append([f"{each.kind} {each.name}", _delivery(each), "-", "-"])
        for left in ns.untouched:
            rows += [[f"{left.kind} {left.name}", "-", each.before, f"stays: {each.reason}"] for each in left.images]
        for row in sorted(rows, key=lambda row: row[0]):
            yield [cluster.name, ns.name, row[0], row[1], _shorter(row[2]), row[3]]


def _delivery(workload: Workload) -> str:
    how = [workload.delivery, "adopted" if workload.adopt else "", "made anew" if workload.recreate else ""]
    return ", ".join(filter(None, how))


def _namespace_rows(cluster: Cluster) -> Iterator[list[str]]:
    guard = cluster.guard
    for ns in cluster.namespaces:
        secret = ns.pull_secret
        opens = sorted(secret.credentials.items()) if secret else []
        guarded = "denies" if guard and ns.name in guard.deny else "audits" if guard and ns.name in guard.audit else "-"
        waits = "all first" if ns.on_unready == "hold" else "each its own"
        yield [
            ns.name,
            ns.phase,
            "create" if ns.create else "there",
            f"{secret.name}{f', of project {secret.project}' if secret.project else ''}" if secret else "-",
            ", ".join(f"{host} as {each.username}" for host, each in opens) or "-",
            ", ".join([*ns.service_accounts, *(f"{each} (builds)" for each in ns.builders)]) or "-",
            f"{len(ns.pulls)} images, {waits}" if ns.pulls else "-",
            guarded,
        ]


def _push_rows(cluster: Cluster) -> Iterator[list[str]]:
    for ns in cluster.namespaces:
        if (secret := ns.push_secret) is None:
            continue
        opens = ", ".join(f"{host} as {each.username}" for host, each in secret.credentials.items())
        for each in (*ns.all_workloads, *ns.waiting):
            if each.push_secrets:
                then = "" if each.switched else ", from cutover on"
                by = f"{each.kind} {each.name}{then}"
                yield [ns.name, secret.name, secret.pushes, opens, by, ", ".join(each.push_secrets)]


def _project_rows(cluster: Cluster) -> Iterator[list[str]]:
    for each in cluster.rancher.projects if cluster.rancher else ():
        where = "Rancher's own cluster" if cluster.rancher and cluster.rancher.management else "this cluster"
        yield [
            str(each.project),
            each.name,
            ", ".join(f"{host} as {name}" for host, name in sorted(each.credentials.items())) or "-",
            f"{', '.join(each.namespaces) or '-'} and what else is in it",
            f"{where}, {each.backing_namespace or 'where the project says'}",
        ]


def _shorter(text: str) -> str:
    """Shorten a digest to what a person compares; JSON has it whole."""
    name, at, digest = text.partition("@")
    return f"{name}@{_short(digest)}" if at else text


def _short(digest: str) -> str:
    return digest[: len("sha256:") + 12]
