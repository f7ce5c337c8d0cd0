"""What is to be said of builds that are there already: of their contexts, and of who they run as."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import ManifestError
from ...places import kaniko
from ...places.path import Path, text_of
from ...source import ListNode, MapNode, Node, trees
from .context import context_findings
from .finding import Finding


def remarks(data: bytes, place: str) -> Iterator[str]:
    """Yield a line for each thing about the builds of a file of YAML; a file that is none has none.

    What a variable fills in is not looked at.

    Args:
        data: the file.
        place: its name.
    """
    if kaniko.NAME not in data:
        return
    try:
        documents = list(trees(data, place))
    except ManifestError:
        return
    for document in documents:
        for path, container, program, _ in kaniko.builds(document):
            if program == "executor":
                for line, each in _of(container, data, path, document):
                    yield f"{place}:{line}: {each}"


def _of(container: MapNode, data: bytes, path: Path, document: Node) -> Iterator[tuple[int, Finding]]:
    said = {}
    line = 0
    for _, _, flag, _ in kaniko.flags(container, "executor", data, path):
        said[flag.name] = flag.value
        line = flag.scalar.line if flag.name == "context" or not line else line
    context = said.get("context", "")
    if "$" not in context and "{{" not in context:
        sub_path = said.get("context-sub-path", "")
        yield from ((line, each) for each in context_findings(context, "" if "$" in sub_path else sub_path))
    if (user := _user(container, document, path)) is not None:
        told = f"kaniko runs as {user}: it cannot set the owners of files, nor start RUN as the USER of a Dockerfile"
        yield line, Finding("securityContext", told, "run it as root, in a namespace that allows that")


def _user(container: MapNode, document: Node, path: Path) -> str | None:
    """Return who else than root a container is to run as; the container's own word comes before its Pod's."""
    for holder in (container, *reversed(list(_above(document, path)))):
        context = holder.get("securityContext")
        if isinstance(context, MapNode):
            user = text_of(context.get("runAsUser"))
            if user:
                return None if user == "0" else f"user {user}"
            if text_of(context.get("runAsNonRoot")) == "true":
                return "a user that is not root"
    return None


def _above(node: Node | None, path: Path) -> Iterator[MapNode]:
    """Yield the mappings that a container stands in, the outermost first."""
    for part in path:
        if isinstance(node, MapNode):
            yield node
            node = node.get(str(part))
        elif isinstance(node, ListNode):
            node = node.items[int(part)]
