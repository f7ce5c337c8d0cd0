"""Which images the commands of a script name, and where they sign in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from ..source import Scalar
from .fields import of_kind
from .programs import ALIKE, BUILDERS, DOCKER, GROUPS, LOGINS, OTHERS, PODMAN_PUSH, RUN, Spec
from .scope import Scope, Values, combined
from .shell import Command, Piece, Word, commands
from .texts import UNKNOWN, Chunk, Origin, Text
from .uses import Given, Image, Job, Role, SignIn

_SET_BY_GITHUB: Final = {
    "GITHUB_REPOSITORY": "github.repository",
    "GITHUB_REPOSITORY_OWNER": "github.repository_owner",
}
_SETS_OUTPUT: Final = re.compile(r"::set-output name=([\w-]+)::")
_ASSIGNMENT: Final = re.compile(r"([A-Za-z_]\w*)(\+?=)")
_DIGEST: Final = re.compile(r"@sha256:%s")


class Script:
    """One script, read in one scope.

    Args:
        file: where it stands.
        scalar: what says it.
        scope: what is known before it runs. What it tells later steps is put there.
        step: the identity of its step, for its outputs.
        secrets: whether secrets can be read there.
        optional: whether the step may be passed over.
    """

    def __init__(
        self, file: str, scalar: Scalar, scope: Scope, step: str, *, secrets: bool = True, optional: bool = False
    ) -> None:
        self._file, self._scalar, self._step, self._secrets = file, scalar, step, secrets
        self._outer, self._scope, self._optional = scope, scope.copy(), optional

    def read(self, job: Job) -> None:
        """Let a job have what the script does."""
        for command in commands(self._scalar.value):
            self._assign(command)
            self._write(command)
            words = [self._values(word) for word in command.words]
            at = 0
            # Variables for this command alone, and options of a sudo before it
            while at < len(words) and (self._is_assignment(command.words[at]) or _plain(words)[at].startswith("-")):
                at += 1
            if at == len(words):
                continue
            name = _plain(words)[at].rpartition("/")[2]
            self._command(name, words[at + 1 :], command, job)

    def _command(self, name: str, words: list[Values], command: Command, job: Job) -> None:
        if name in BUILDERS or name.endswith(".sh"):
            job.builders = True
            return
        if name == "docker-compose" or (name in ALIKE and _plain(words[:1]) == ["compose"]):
            self._compose(words, command, job)
            return
        if name in ("echo", "printf"):
            for word in words:
                for text in word:
                    for each in text.split(r"\s+"):
                        found = _DIGEST.search(each.plain)
                        if found:
                            job.images[Image(each[: found.start()], "name", name)] = None
            return
        if name == "curl" and any("hub.docker.com" in text.plain for word in words for text in word):
            remedy = "GHCR has no such API: see the Packages API of GitHub, or remove it"
            job.unseen[(self._whole(command), "asks Docker Hub's API", remedy)] = None
            return
        login = LOGINS.get(name)
        if login and tuple(_plain(words[: len(login)])) == login:
            self._login(words[len(login) :], command, job)
            return
        known = DOCKER if name in ALIKE else OTHERS.get(name)
        if known is None:
            return
        words = _behind_globals(words, known)
        plain = _plain(words)
        while name in ALIKE and plain and plain[0] in GROUPS and " ".join(plain[:2]) not in known:
            words, plain = words[1:], plain[1:]
        for size in (2, 1, 0):
            verb = " ".join(plain[:size])
            if len(plain) >= size and verb in known:
                spec = known[verb]
                rest = words[size:]
                if verb == "push" and name in ("podman", "buildah") and len(_arguments(rest, spec)[1]) > 1:
                    spec = PODMAN_PUSH
                self._images(f"{name} {verb}".strip(), rest, spec, job)
                return

    def _images(self, what: str, words: list[Values], spec: Spec, job: Job) -> None:
        flags, positions = _arguments(words, spec)
        if what.endswith(" bake"):
            job.bakes.append(self._scope.copy())
        kinds = dict(spec.flags)
        for flag, values in flags:
            if flag in kinds:
                self._add(kinds[flag], values, f"{flag} of {what}", job)
            job.pushes = job.pushes or flag == "--push"
        for number, values in enumerate(positions):
            if spec.positions:
                self._add(spec.positions[min(number, len(spec.positions) - 1)], values, what, job)
        if any(kind.endswith("push") for kind in spec.positions):
            job.pushes = True

    def _add(self, kind: str, values: Values, what: str, job: Job) -> None:
        for text in values:
            for each, role in _named(kind, text):
                job.images[Image(each, role, what)] = None
            if kind == "outputs" and re.search(r"push=true|type=registry", text.plain):
                job.pushes = True

    def _compose(self, words: list[Values], command: Command, job: Job) -> None:
        job.builders = True
        if "push" in _plain(words):
            what = "pushes what the Compose file names"
            remedy = "`hub2ghcr rewrite` moves the images of the file; sign in to ghcr.io here then"
            job.unseen[(self._whole(command), what, remedy)] = None
            job.pushes = True

    def _login(self, words: list[Values], command: Command, job: Job) -> None:
        spec = Spec((), (), frozenset({"--password-stdin", "--insecure", "-v", "--verbose", "--get-login"}))
        flags, positions = _arguments(words, spec)
        username = next((values for flag, values in flags if flag in ("-u", "--username")), None)
        password = next((values for flag, values in flags if flag in ("-p", "--password")), None)
        if password is None and command.stdin is not None:
            password = self._values(command.stdin)
        elif password is None and command.source is not None:
            password = self._echoed(command.source)
        whole = self._whole(command)
        behind = replace(whole, start=whole.end)
        for registry in positions[0] if positions else (None,):
            sign = SignIn(registry, behind, _given(username), _given(password), whole, self._secrets)
            job.signs_in[sign] = None

    def _echoed(self, source: Command) -> Values | None:
        """Return what ``echo`` and ``printf '%s'`` say."""
        names = [self._values(word) for word in source.words]
        if not names or _plain(names[:1])[0] not in ("echo", "printf"):
            return None
        return names[-1] if len(names) > 1 else None

    def _whole(self, command: Command) -> Origin:
        return Origin(self._file, self._scalar, command.words[0].start, command.words[-1].end)

    def _values(self, word: Word) -> Values:
        return combined([self._held(piece) for piece in word.pieces])

    def _held(self, piece: Piece) -> Values:
        at = Origin(self._file, self._scalar, piece.start, piece.end)
        if piece.kind == "text":
            return (Text.of(self._file, self._scalar, piece.start, piece.end),)
        if piece.kind == "expression":
            return self._scope.expression(at)
        if piece.kind == "variable":
            name = _SET_BY_GITHUB.get(piece.name, f"env.{piece.name}")
            held = self._scope.variable(name, at)
            if piece.default is not None:
                known = tuple(each for each in held if any(chunk.kind != "unknown" for chunk in each.chunks))
                return (*known, Text.of(self._file, self._scalar, *piece.default))
            return held
        return (Text((Chunk(at.text, at, "unknown"),)),)

    def _is_assignment(self, word: Word) -> bool:
        return bool(word.pieces) and _ASSIGNMENT.match(self._scalar.value, word.start) is not None

    def _assign(self, command: Command) -> None:
        """Take note of variables that the script sets."""
        words = command.words
        if not words:
            return
        first = self._scalar.value[words[0].start : words[0].end]
        if first in ("for", "select") and len(words) > 2:
            name = self._scalar.value[words[1].start : words[1].end]
            values = [each for word in words[3:] for text in self._values(word) for each in text.split(r"\s+")]
            self._scope.put(f"env.{name}", values)
            return
        if first in ("export", "local", "readonly", "declare", "typeset"):
            words = words[1:]
        elif not all(self._is_assignment(word) for word in words):
            return
        for word in words:
            found = _ASSIGNMENT.match(self._scalar.value, word.start)
            if found is not None:
                held = [text[found.end() - word.start :] for text in self._values(word)]
                more = command.branch or found[2] == "+=" or _goes_on(found[1], held)
                self._scope.put(f"env.{found[1]}", held, more=more)

    def _write(self, command: Command) -> None:
        """Take note of what the script tells later steps."""
        if not command.words:
            return
        if command.source is not None and self._raw(command.words[0]) == "tee":
            command = replace(command.source, outputs=command.words[1:], branch=command.branch)
        to = {
            found for word in command.outputs for found in ("GITHUB_ENV", "GITHUB_OUTPUT") if found in self._raw(word)
        }
        outputs = f"steps.{self._step}.outputs"
        for word in command.words[1:]:
            found: dict[str, list[Text]] = {}
            for text in self._values(word):
                if (old := _SETS_OUTPUT.match(text.plain)) is not None:
                    found.setdefault(f"{outputs}.{old[1]}", []).append(text[old.end() :])
                elif to and (new := _ASSIGNMENT.match(text.plain)) is not None:
                    kind = "env" if "GITHUB_ENV" in to else outputs
                    found.setdefault(f"{kind}.{new[1]}", []).append(text[new.end() :])
            for name, texts in found.items():
                more = command.branch or self._optional or _goes_on(name.rpartition(".")[2], texts)
                self._outer.put(name, texts, more=more)

    def _raw(self, word: Word) -> str:
        return self._scalar.value[word.start : word.end]


def _goes_on(name: str, texts: Iterable[Text]) -> bool:
    """Whether a variable's new value has its former one in a place that is not read: ``${X:+$X,}``."""
    chunks = [chunk.text for text in texts for chunk in text.chunks if chunk.kind == "unknown"]
    return any(re.search(rf"\b{re.escape(name)}\b", each) for each in chunks)


def _given(values: Values | None) -> Given | None:
    """Return a credential: the value as it is used."""
    if not values or not values[0].chunks:
        return None
    chunks = values[0].chunks
    first, last = (chunk.use or chunk.origin for chunk in (chunks[0], chunks[-1]))
    if first.scalar is not last.scalar:
        return None
    return Given(Origin(first.file, first.scalar, first.start, last.end), values[0])


def _named(kind: str, text: Text) -> Iterator[tuple[Text, Role]]:
    roles: dict[str, Role] = {"push": "push", "build": "build", "pull": "pull", "name": "name", "held": "held"}
    before, _, last = kind.rpartition(" ")
    if before == "transport":
        if text.plain.startswith("docker://"):
            yield text[len("docker://") :], roles[last]
    elif before == "known":
        if text.plain.strip(UNKNOWN):
            yield text, roles[last]
    elif before == "equals":
        if "=" in text.plain:
            yield text[text.plain.index("=") + 1 :], roles[last]
    elif kind == "maybe":
        if "/" in text.plain and not text.plain.startswith("/"):
            yield text, "name"
    elif kind in roles:
        yield text, roles[kind]
    elif kind:
        yield from of_kind(kind, text)


def _plain(words: list[Values]) -> list[str]:
    return [values[0].plain if values else "" for values in words]


def _behind_globals(words: list[Values], known: dict[str, Spec]) -> list[Values]:
    """Leave out options before the verb: ``docker --context x push``."""
    while words and _plain(words[:1])[0].startswith("-") and "" not in known:
        plain = _plain(words[:1])[0]
        words = words[1 if "=" in plain or plain in ("-D", "--debug", "--tls") else 2 :]
    return words


def _arguments(words: list[Values], spec: Spec) -> tuple[list[tuple[str, Values]], list[Values]]:
    """Return the flags with their values (none: no texts), and what stands without a flag."""
    flags: list[tuple[str, Values]] = []
    positions: list[Values] = []
    at = 0
    single = bool(spec.positions) and spec.positions[-1] == ""
    while at < len(words):
        values, plain = words[at], _plain(words[at : at + 1])[0]
        at += 1
        if not plain.startswith("-") or plain == "-":
            positions.append(values)
            if single and len(positions) >= len(spec.positions) - 1 and spec.booleans is RUN:
                break  # what follows is the container's
            continue
        flag, equals, _ = plain.partition("=")
        if equals:
            flags.append((flag, tuple(text[len(flag) + 1 :] for text in values)))
        elif plain in spec.booleans or _cluster(plain, spec.booleans):
            flags.append((plain, ()))
        else:
            flags.append((plain, words[at] if at < len(words) else ()))
            at += 1
    return flags, positions


def _cluster(plain: str, booleans: frozenset[str]) -> bool:
    return len(plain) > 2 and plain[1] != "-" and all(f"-{sign}" in booleans for sign in plain[1:])
