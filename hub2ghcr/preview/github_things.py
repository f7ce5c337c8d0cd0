"""What a plan does on GitHub: Actions secrets by name and origin, workflows, packages."""

from __future__ import annotations

from collections.abc import Iterator

from ..plan import CredentialRef, GitHub, Package, Plan, Repository
from .thing import Thing


def github_things(plan: Plan) -> Iterator[Thing]:
    """Yield all of a plan; none where it has nothing to do with GitHub."""
    github = plan.github
    if github is None:
        return
    yield _account(github)
    for secret in github.organization_secrets:
        readers = ", ".join(secret.repositories) or f"{secret.visibility} repositories"
        facts = {"from": secret.credential.name, "for": readers}
        yield Thing("organization secret", f"{github.owner}/{secret.name}", facts, {"credential": secret.credential})
    for repository in github.repositories:
        yield from _repository(repository, plan)
    for package in github.packages:
        yield _package(package)


def _account(github: GitHub) -> Thing:
    facts = {"as": github.credential.username, "waits for workflows": f"{github.follow_seconds} s"}
    return Thing("GitHub", github.owner, facts, {"its endpoint": github.endpoint, "credential": github.credential})


def _repository(repository: Repository, plan: Plan) -> Iterator[Thing]:
    place = f"{repository.owner}/{repository.name}"
    kinds = {"Actions secret": repository.secrets, "Dependabot secret": repository.dependabot_secrets}
    kinds |= {f"secret of environment {name}": secrets for name, secrets in repository.environments.items()}
    for kind, secrets in kinds.items():
        for name, credential in secrets.items():
            yield Thing(kind, f"{place}/{name}", {"from": credential.name}, {"credential": credential}, "is deleted")
    for gone in repository.removed:
        facts = {"": "removed" if plan.phase == "seal" else "at seal", "way back": _way_back(gone.credential)}
        yield Thing("secret to be removed", f"{place}/{gone.name}", facts, leaving="is left as it is")
    if repository.publish:
        facts = {"publishes": " and ".join(repository.publish.images), "comes by": repository.delivery}
        yield Thing("workflow", f"{place}/{repository.workflow_path}", facts, {"its text": repository.workflow})
    if repository.also_rewrite:
        facts = {"in": ", ".join(repository.also_rewrite), "come by": repository.delivery}
        yield Thing("references to the old image", place, facts)


def _way_back(credential: CredentialRef | None) -> str:
    return f"{credential.name} restores it" if credential else "its value is lost for good"


def _package(package: Package) -> Thing:
    facts = {
        "visibility": package.visibility or "",
        "linked to": package.repository,
        "access": ", ".join(f"{who} {may}" for who, may in sorted(package.access.items())),
        "a difference is": "an error" if package.enforce == "fail" else "",
    }
    return Thing("package", f"{package.registry}/{package.place}", facts, leaving="stays as it is")
