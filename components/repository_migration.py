"""One GitHub repository: its secrets, what publishes from it, and what goes at seal. Its writes come one by one."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_github as github

from hub2ghcr.delivering import Brought, Look
from hub2ghcr.delivering.following import Followed, advice, follow
from hub2ghcr.delivering.readers import reads
from hub2ghcr.delivering.telling import Line, foretold, of_brought, of_look
from hub2ghcr.errors import Hub2GhcrError
from hub2ghcr.plan import CredentialRef, Repository
from hub2ghcr.plan import GitHub as Plan

from . import former_files, secret_drift
from .asking import asked
from .delivered_files import DeliveredFiles
from .github_access import github as opened
from .removed_secrets import RemovedSecrets
from .seal_notice import SealNotice
from .secret_value import secret_value

SECRET_OUTPUTS = ["value", "plaintextValue"]
"""Outputs of a secret that hold its value in plain."""


@dataclass
class RepositoryMigrationArgs:
    """GitHub's side of the plan, the repository's part of it, and what the program has seen of it (None: nothing).

    ``package`` is the settings page of the package that it publishes, ``until`` when waiting for runs ends
    (``time.monotonic()``); ``former`` are the files that the state has as resources of earlier versions (repository,
    path); ``absent`` are the hooks that every secret gets.
    """

    plan: Plan
    repository: Repository
    look: Look | None
    sealed: bool
    package: str
    until: float
    former: pulumi.Output[list[list[str]] | None]
    absent: pulumi.ResourceHookBinding | None = None


class RepositoryMigration(pulumi.ComponentResource):
    """Secrets, then the workflow that uses them and other files, at seal then the secrets that nothing needs any more.

    ``conclusion`` and ``run`` are those of the newest run of the workflow; empty in previews, and before there is one.
    """

    conclusion: pulumi.Output[str]
    run: pulumi.Output[str]

    def __init__(self, name: str, args: RepositoryMigrationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("hub2ghcr:index:RepositoryMigration", name, {}, opts)
        self._after = pulumi.ResourceOptions(parent=self, depends_on=opts.depends_on if opts else None)
        self._name, self._absent, repository = name, args.absent, args.repository
        former_files.keep(name, repository.name, args.former, self._after)
        self.secrets: list[pulumi.Resource] = []
        for secret, credential in sorted(repository.secrets.items()):
            made = github.ActionsSecret(
                f"{name}/{secret}",
                repository=repository.name,
                secret_name=secret,
                value=secret_value(credential),
                opts=self._next(),
            )
            self._declared(made, name, secret, f"--repo {name}")
        for environment, secrets in sorted(repository.environments.items()):
            for secret, credential in sorted(secrets.items()):
                self._environment_secret(repository.name, environment, secret, credential)
        for secret, credential in sorted(repository.dependabot_secrets.items()):
            bot = github.DependabotSecret(
                f"{name}/dependabot/{secret}",
                repository=repository.name,
                secret_name=secret,
                value=secret_value(credential),
                opts=self._next(),
            )
            self._declared(bot, name, secret, f"--repo {name} --app dependabot")
        self.files: DeliveredFiles | None = None
        if repository.removed and not args.sealed:  # on the way back they are there before the workflow that needs them
            self.secrets.append(self._remove(name, args))
        followed: pulumi.Output[Followed] = pulumi.Output.from_input(Followed())
        if repository.workflow_path or repository.also_rewrite:
            self.files = DeliveredFiles(
                name,
                plan=args.plan,
                repository=repository,
                look=args.look,
                opts=pulumi.ResourceOptions.merge(self._after, pulumi.ResourceOptions(depends_on=self.secrets)),
            )
            followed = self._tell(args, self.files)
        if repository.removed and args.sealed:
            self._remove(name, args)
        self.conclusion = followed.apply(lambda each: each.conclusion)
        self.run = followed.apply(lambda each: each.url)
        self.register_outputs({"conclusion": self.conclusion, "run": self.run, "package": args.package})

    def _environment_secret(self, repository: str, environment: str, secret: str, credential: CredentialRef) -> None:
        made = github.ActionsEnvironmentSecret(
            f"{self._name}/{environment}/{secret}",
            repository=repository,
            environment=environment,
            secret_name=secret,
            value=secret_value(credential),
            opts=self._next(),
        )
        place = f"{self._name}, environment {environment}"
        self._declared(made, place, secret, f"--repo {self._name} --env {environment}")

    def _declared(self, secret: pulumi.Resource, place: str, name: str, flags: str) -> None:
        self.secrets.append(secret)
        secret_drift.tell(secret, place, name, flags)

    def _next(self) -> pulumi.ResourceOptions:
        """Return the options of a secret: it waits for the one before: GitHub wants writes in a row."""
        before = pulumi.ResourceOptions(
            depends_on=self.secrets[-1:], additional_secret_outputs=SECRET_OUTPUTS, hooks=self._absent
        )
        return pulumi.ResourceOptions.merge(self._after, before)

    def _tell(self, args: RepositoryMigrationArgs, files: DeliveredFiles) -> pulumi.Output[Followed]:
        """Tell what was seen and done, and follow the workflow's run where it is on the default branch."""
        look = args.look
        if look is None:
            return pulumi.Output.from_input(Followed())
        self._say(of_look(look))
        if pulumi.runtime.is_dry_run():
            self._say(foretold(look))
            return pulumi.Output.from_input(Followed())

        async def done(seen: Sequence[str | bool | None]) -> Followed:
            state, url, commit, protected = seen
            commit = str(commit or "") if look.acts else ""
            if look.acts:
                brought = Brought(state, str(url or ""), commit, bool(protected))  # type: ignore[arg-type]
                self._say(of_brought(look, brought))
            delivered = state in ("committed", "delivered") if look.acts else look.state == "delivered"
            if not delivered or not look.delivery.path:
                return Followed()
            merged = state in ("opened", "updated", "open")
            found, lines = await asked("runs", _followed, args, look, commit, merged)
            self._say(lines)
            return found

        return pulumi.Output.all(files.state, files.url, files.commit, files.protected).apply(done)

    def _remove(self, name: str, args: RepositoryMigrationArgs) -> RemovedSecrets:
        after = [*self.secrets, *([self.files] if self.files else [])]
        repository = args.repository
        notice = SealNotice(
            name, owner=repository.owner, repository=repository.name, sealed=args.sealed, opts=self._after
        )
        removed = RemovedSecrets(
            name,
            plan=args.plan,
            repository=repository,
            notice=notice,
            sealed=args.sealed,
            opts=pulumi.ResourceOptions.merge(self._after, pulumi.ResourceOptions(depends_on=after)),
        )

        def tell(found: Sequence[object]) -> None:
            readers, lost, going = found
            kept = dict(readers) if isinstance(readers, dict) else {}
            lines = []
            if pulumi.runtime.is_dry_run():
                kept, freed = _after_commit(args.look, kept)
                gone = sorted([*freed, *(going if isinstance(going, list) else ())])
                looked = "no workflow of the default branch reads it; those of other branches are not looked at"
                lines = [Line("info", f"{name}: secret {each} to be removed: {looked}") for each in gone]
            for secret, paths in sorted(kept.items()):
                read = f"{', '.join(paths)} on the default branch {'reads' if len(paths) == 1 else 'read'} it"
                remedy = "change that, or merge what does, and run again"
                lines.append(Line("warning", f"{name}: secret {secret} is not removed: {read}; {remedy}"))
            for secret in lost if isinstance(lost, list) else ():
                remedy = f"set it: gh secret set {secret} --repo {name}"
                lines.append(
                    Line("warning", f"{name}: secret {secret} was removed at seal, and nobody has it; {remedy}")
                )
            self._say(lines)

        pulumi.Output.all(removed.readers, removed.lost, removed.going).apply(tell)
        return removed

    def _say(self, lines: Sequence[Line]) -> None:
        for each in lines:
            (pulumi.log.warn if each.severity == "warning" else pulumi.log.info)(each.text, self)


def _after_commit(look: Look | None, readers: Mapping[str, list[str]]) -> tuple[dict[str, list[str]], list[str]]:
    """Return who reads secrets still, and those that nobody reads any more, when a run has made its commit."""
    texts: dict[str, str] = {}
    if look and look.acts and look.delivery.how == "commit":
        texts = {each.path: each.data.decode() for each in look.changes}
    left = {
        name: [path for path in paths if path not in texts or reads(texts[path], name)]
        for name, paths in readers.items()
    }
    return {name: paths for name, paths in left.items() if paths}, [name for name, paths in left.items() if not paths]


def _followed(args: RepositoryMigrationArgs, look: Look, commit: str, merged: bool) -> tuple[Followed, list[Line]]:
    """Return how the newest run ended, and what to tell of it: of a pull request's merge no run of ours knows."""
    plan, place = args.plan, f"{look.delivery.place}: {look.delivery.path}"
    try:
        found = follow(opened(plan.endpoint, plan.credential.name), look.delivery, commit, args.until)
    except Hub2GhcrError as error:
        return Followed(), [Line("warning", f"{place}: how it runs is not known: {error}")]
    if found.conclusion not in ("", "success", "in progress"):
        return found, [Line("warning", advice(look.delivery, found, args.package))]
    if not commit and not (merged and found.first):
        return found, []
    how = f"{found.conclusion}: {found.url}" if found.conclusion else "its run has not begun yet"
    return found, [Line("info", f"{place}: {how}; package: {args.package}")]


def deadline(seconds: int) -> float:
    """Return when waiting for runs ends, for all repositories of a run."""
    return time.monotonic() + seconds
