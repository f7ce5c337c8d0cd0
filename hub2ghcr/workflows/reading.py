"""What the jobs of a repository's workflows do with registries.

Workflows are followed as GitHub runs them: each combination of a matrix, composite actions and reusable workflows of
the same repository with the inputs that they are called with, variables that steps set for later ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from ..places.variables import name_of
from ..reference import HUB_HOSTS
from ..source import ListNode, MapNode, Node, Scalar
from . import bakefile, fields
from .commands import Script
from .matrix import combinations
from .project import File, Project
from .scope import Scope, Values
from .texts import Chunk, Origin, Text
from .uses import Container, Given, Image, Job, SignIn, host_of

DEEPEST: Final = 8
"""Actions and workflows that call each other."""

_OTHER_SHELLS: Final = frozenset({"cmd", "node", "perl", "python", "ruby"})
_CALLED: Final = "workflow_call"


def jobs(project: Project, told: Mapping[str, str]) -> list[Job]:
    """Return the jobs of all workflows, and a job for each composite action that no workflow here calls.

    Args:
        project: the files.
        told: values of expressions by name (``vars.OWNER``), from whoever knows them.
    """
    reader = _Reader(project, told)
    for file in project.of_kind("workflow"):
        if _starts(file.node):
            reader.workflow(file, Scope(told=told), None)
    for file in project.of_kind("workflow"):
        if file.path not in {path for path, _ in reader.jobs}:
            reader.workflow(file, Scope(told=told), None)  # called from elsewhere
    for file in project.of_kind("action"):
        if file.path not in reader.actions:
            job = reader.job(file, file.path, file.node, file.node)
            reader.action(file, reader.inputs(file, None, Scope(told=told), file), job, ())
    reader.connect()
    return list(reader.jobs.values())


class _Reader:
    def __init__(self, project: Project, told: Mapping[str, str]) -> None:
        self.project, self.told = project, told
        self.jobs: dict[tuple[str, str], Job] = {}
        self.actions: set[str] = set()
        self._calls: list[tuple[Job, str]] = []

    def connect(self) -> None:
        """Let jobs know by which jobs their workflows are called, and what bake files name."""
        for caller, path in self._calls:
            for job in self.jobs.values():
                if job.file == path and caller not in job.callers:
                    job.callers.append(caller)
        for job in self.jobs.values():
            for file in self.project.of_kind("bake"):
                for scope in job.bakes:
                    job.images |= dict.fromkeys(bakefile.images(file, scope))

    def job(self, file: File, name: str, node: MapNode, workflow: MapNode) -> Job:
        return self.jobs.setdefault((file.path, name), Job(file.path, name, node, workflow))

    def workflow(self, file: File, scope: Scope, call: MapNode | None, depth: int = 0) -> None:
        """Read a workflow: as it starts by itself, or with the inputs of a ``call``."""
        if call is None:
            scope = self.inputs(file, None, scope, file)
        self._env(file, file.node, scope)
        listed = file.node.get("jobs")
        outputs: dict[str, Values] = {}
        if not isinstance(listed, MapNode):
            return
        for key, node in _in_order(listed):
            job = self.job(file, key.value, node, file.node)
            for each in combinations(node):
                inner = scope.copy()
                for name, values in outputs.items():
                    inner.put(name, values)
                for name, held in each.items():
                    self._put(file, f"matrix.{name}", held, inner)
                self._env(file, node, inner)
                self._run(file, job, inner, depth)
                for name, values in self._outputs(file, node.get("outputs"), inner):
                    full = f"needs.{key.value}.outputs.{name}"
                    outputs[full] = tuple(dict.fromkeys((*outputs.get(full, ()), *values)))

    def _run(self, file: File, job: Job, scope: Scope, depth: int) -> None:
        uses = job.node.get("uses")
        if isinstance(uses, Scalar):
            self._call(file, job, uses, scope, depth)
            return
        container = job.node.get("container")
        if isinstance(container, Scalar):
            self._container(file, container, None, "container", job, scope)
        elif isinstance(container, MapNode):
            self._container(file, container.get("image"), container, "container", job, scope)
        services = job.node.get("services")
        for key, service in services.items if isinstance(services, MapNode) else ():
            if isinstance(service, MapNode):
                self._container(file, service.get("image"), service, f"service {key.value}", job, scope)
        self._steps(file, job.node.get("steps"), job, scope, ())

    def _container(
        self, file: File, image: Node | None, node: MapNode | None, what: str, job: Job, scope: Scope
    ) -> None:
        if not isinstance(image, Scalar) or image.null:
            return
        for text in scope.filled(file.path, image):
            if text.plain.startswith("docker://"):
                text = text[len("docker://") :]
            found = Image(text, "pull", what)
            job.images[found] = None
            credentials = node.get("credentials") if node is not None else None
            if isinstance(credentials, MapNode):
                given = [self._given(file, credentials.get(key), scope) for key in ("username", "password")]
                job.containers[Container(found, *given)] = None

    def _call(self, file: File, job: Job, uses: Scalar, scope: Scope, depth: int) -> None:
        called = self.project.called(uses.value, file.path) if uses.value.startswith("./") else None
        if called is None or called.kind != "workflow" or depth >= DEEPEST:
            self._elsewhere(file, job, uses)
            return
        self._calls.append((job, called.path))
        inner = self.inputs(called, job.node, scope, file)
        self.workflow(called, inner, job.node, depth + 1)

    def _elsewhere(self, file: File, job: Job, uses: Scalar) -> None:
        secrets = job.node.get("secrets")
        for _, node in secrets.items if isinstance(secrets, MapNode) else ():
            if isinstance(node, Scalar) and _of_hub(node.value):
                what = "hands a secret of Docker Hub to a workflow that is not here"
                place = Origin(file.path, uses, 0, len(uses.value))
                job.unseen[(place, what, "migrate that one, then this call")] = None

    def inputs(self, called: File, call: MapNode | None, scope: Scope, caller: File) -> Scope:
        """Return the scope of a workflow or action as it is called; without a call, with its inputs' defaults."""
        inner = Scope(told=self.told)
        if called.kind == "action":
            inner = scope.within("env", "github")
        given = call.get("with") if call is not None else None
        for name, declared in _declared(called.node):
            default = declared.get("default") if isinstance(declared, MapNode) else None
            held = given.get(name) if isinstance(given, MapNode) else None
            if isinstance(held, Scalar):
                inner.put(f"inputs.{name}", scope.filled(caller.path, held))
            elif isinstance(default, Scalar):
                inner.put(f"inputs.{name}", scope.filled(called.path, default))
                inner.put(f"github.event.inputs.{name}", scope.filled(called.path, default))
        return inner

    def action(self, file: File, scope: Scope, job: Job, chain: tuple[str, ...]) -> Scope:
        """Read a composite or container action as a step of a job; return what it knows in the end."""
        self.actions.add(file.path)
        runs = file.node.get("runs")
        if not isinstance(runs, MapNode) or file.path in chain or len(chain) >= DEEPEST:
            return scope
        image = runs.get("image")
        if isinstance(image, Scalar) and image.value.startswith("docker://"):
            self._container(file, image, None, "runs.image", job, scope)
        self._steps(file, runs.get("steps"), job, scope, (*chain, file.path))
        return scope

    def _steps(self, file: File, steps: Node | None, job: Job, scope: Scope, chain: tuple[str, ...]) -> None:
        for number, step in enumerate(steps.items if isinstance(steps, ListNode) else ()):
            if not isinstance(step, MapNode):
                continue
            inner = scope.copy()
            self._env(file, step, inner)
            known = {name: inner.get(name) for name in inner.names("")}
            id_ = step.get("id")
            identity = id_.value if isinstance(id_, Scalar) else f"{number}"
            self._step(file, step, identity, job, inner, chain)
            own = {key.value for key, _ in _items(step.get("env"))}
            for name in inner.names(""):
                if inner.get(name) != known.get(name) and name.removeprefix("env.") not in own:
                    scope.put(name, inner.get(name) or ())

    def _step(self, file: File, step: MapNode, identity: str, job: Job, scope: Scope, chain: tuple[str, ...]) -> None:
        run, uses = step.get("run"), step.get("uses")
        if isinstance(run, Scalar):
            shell = step.get("shell")
            if not isinstance(shell, Scalar) or shell.value.split()[0] not in _OTHER_SHELLS:
                optional = step.get("if") is not None
                Script(file.path, run, scope, identity, secrets=not chain, optional=optional).read(job)
            return
        if not isinstance(uses, Scalar):
            return
        if uses.value.startswith("docker://"):
            self._container(file, uses, None, "uses", job, scope)
            return
        if uses.value.startswith("./"):
            called = self.project.called(uses.value, file.path)
            if called is not None and called.kind == "action":
                done = self.action(called, self.inputs(called, step, scope, file), job, chain)
                for name, values in self._outputs(called, called.node.get("outputs"), done):
                    scope.put(f"steps.{identity}.outputs.{name}", values)
            return
        action = uses.value.partition("@")[0].lower()
        given = step.get("with")
        self._action(
            file, action, uses, given if isinstance(given, MapNode) else MapNode(()), identity, job, scope, chain
        )

    def _action(
        self,
        file: File,
        action: str,
        uses: Scalar,
        given: MapNode,
        identity: str,
        job: Job,
        scope: Scope,
        chain: tuple[str, ...],
    ) -> None:
        place = Origin(file.path, uses, 0, len(uses.value))
        if action in fields.SIGNS_IN:
            self._sign_in(file, action, place, given, job, scope, not chain)
            return
        if (what := fields.DELEGATES.get(action)) is not None:
            job.delegates[(place, what)] = None
            return
        if action in fields.PAGES:
            remedy = "remove the step: GHCR shows the README of the repository that the package is linked to"
            job.unseen[(place, "writes an image's page on Docker Hub", remedy)] = None
            return
        if action in fields.WHOLE and given.get("password") is not None:
            registry = given.get("registry")
            if not isinstance(registry, Scalar) or any(_is_hub(each) for each in scope.filled(file.path, registry)):
                remedy = "write docker/login-action and docker/build-push-action instead"
                job.unseen[(place, "signs in to Docker Hub, builds and pushes by itself", remedy)] = None
                return
        tags: list[Text] = []
        for name, kind in fields.ACTIONS.get(action, {}).items():
            node = given.get(name)
            if not isinstance(node, Scalar):
                continue
            for text in scope.filled(file.path, node):
                for each, role in fields.of_kind(kind, text):
                    job.images[Image(each, role, f"{name} of {action}")] = None
                    tags.append(each)
        if action == "docker/metadata-action":
            for output in ("tags", "bake-file"):
                scope.put(f"steps.{identity}.outputs.{output}", (_tagged(tags, place),))
        if action == "docker/bake-action":
            job.bakes.append(scope.copy())
        if action in ("docker/build-push-action", "docker/bake-action"):
            job.pushes = job.pushes or _pushes(given)

    def _sign_in(
        self, file: File, action: str, place: Origin, given: MapNode, job: Job, scope: Scope, secrets: bool
    ) -> None:
        registry = given.get("registry") or given.get("login-server")
        texts: tuple[Text | None, ...] = (None,)
        if isinstance(registry, Scalar) and not registry.null:
            texts = scope.filled(file.path, registry)
        elif registry is not None:
            job.unseen[(place, "signs in to Docker Hub, by an empty registry", "write ghcr.io there")] = None
            return
        username = self._given(file, given.get("username"), scope)
        password = self._given(file, given.get("password"), scope)
        if (several := given.get("registry-auth")) is not None:
            if isinstance(several, Scalar) and _of_hub(several.value):
                job.unseen[(place, "signs in to several registries at once", "change registry-auth by hand")] = None
            return
        if not given.items:
            return
        for text in texts:
            at = (given, given.items[0][0])
            job.signs_in[SignIn(text, at, username, password, place, secrets)] = None

    def _given(self, file: File, node: Node | None, scope: Scope) -> Given | None:
        if not isinstance(node, Scalar):
            return None
        texts = scope.filled(file.path, node)
        return Given(Origin(file.path, node, 0, len(node.value)), texts[0])

    def _env(self, file: File, node: MapNode, scope: Scope) -> None:
        held = {key.value: value for key, value in _items(node.get("env"))}
        filled = {name: scope.filled(file.path, value) for name, value in held.items() if isinstance(value, Scalar)}
        for name, values in filled.items():
            scope.put(f"env.{name}", values)

    def _put(self, file: File, name: str, node: Node, scope: Scope) -> None:
        if isinstance(node, Scalar):
            scope.put(name, scope.filled(file.path, node))
        elif isinstance(node, MapNode):
            for key, value in node.items:
                self._put(file, f"{name}.{key.value}", value, scope)

    def _outputs(self, file: File, node: Node | None, scope: Scope) -> Iterator[tuple[str, Values]]:
        for key, value in _items(node):
            said = value.get("value") if isinstance(value, MapNode) else value
            if isinstance(said, Scalar):
                yield key.value, scope.filled(file.path, said)


def _starts(workflow: MapNode) -> bool:
    """Whether a workflow starts by itself, and not by a call alone."""
    started = next((node for key, node in workflow.items if key.value in ("on", "true")), None)
    if isinstance(started, Scalar):
        return started.value != _CALLED
    if isinstance(started, ListNode):
        return any(isinstance(each, Scalar) and each.value != _CALLED for each in started.items)
    return any(key.value != _CALLED for key, _ in _items(started))


def _items(node: Node | None) -> tuple[tuple[Scalar, Node], ...]:
    return node.items if isinstance(node, MapNode) else ()


def _in_order(jobs: MapNode) -> list[tuple[Scalar, MapNode]]:
    """Return jobs, each behind those that it needs."""
    pending = [(key, node) for key, node in jobs.items if isinstance(node, MapNode)]
    found: list[tuple[Scalar, MapNode]] = []
    while pending:
        waiting = {key.value for key, _ in pending}
        ready = next((each for each in pending if not waiting & _needs(each[1])), pending[0])
        pending.remove(ready)
        found.append(ready)
    return found


def _needs(job: MapNode) -> set[str]:
    needs = job.get("needs")
    named = needs.items if isinstance(needs, ListNode) else (needs,)
    return {each.value for each in named if isinstance(each, Scalar)}


def _declared(node: MapNode) -> Iterator[tuple[str, Node]]:
    """Yield the inputs of a workflow (of every way to start it) or of an action."""
    owners: list[Node | None] = [node]
    for key, value in node.items:
        if key.value in ("on", "true") and isinstance(value, MapNode):
            owners += [value.get(_CALLED), value.get("workflow_dispatch")]
    for owner in owners:
        if isinstance(owner, MapNode):
            for key, value in _items(owner.get("inputs")):
                yield key.value, value


def _tagged(tags: list[Text], place: Origin) -> Text:
    """Return what metadata-action makes of images: each with tags that nobody knows yet, one a line."""
    found = [_sign("", place)]  # so that no image begins what the output holds: before it, nothing can be put
    for each in tags:
        name = each[: len(name_of(each.plain))]
        found += [
            *(replace(chunk, made=True) for chunk in name.chunks),
            _sign(":", place),
            Chunk("…", place, "unknown"),
            _sign("\n", place),
        ]
    return Text(tuple(found))


def _sign(sign: str, place: Origin) -> Chunk:
    return Chunk(sign, place, "told")


def _pushes(given: MapNode) -> bool:
    """Whether a build may push: ``push:`` says anything but false, or an output or a ``set`` does."""
    push = given.get("push")
    if isinstance(push, Scalar) and push.value.strip().lower() != "false":
        return True
    said = " ".join(node.value for name in ("outputs", "set") if isinstance(node := given.get(name), Scalar))
    return "push=true" in said or "type=registry" in said


def _of_hub(text: str) -> bool:
    lower = text.lower()
    return any(each in lower for each in ("dockerhub", "docker_", "docker.io"))


def _is_hub(text: Text) -> bool:
    return host_of(text.plain) in ("", *HUB_HOSTS)
