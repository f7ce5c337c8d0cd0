"""What the publish workflows of a stack must hold together: who signs in, and that no two push to one image."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..errors import SettingsError
from .github import GitHubSettings, HubSettings

_PACKAGE = re.compile(r"[a-z0-9]+(?:[._-]+[a-z0-9]+)*")


def workflows(settings: GitHubSettings) -> Iterator[SettingsError]:
    """Yield what is wrong with the workflows of a section ``github``."""
    pushed: dict[str, str] = {}
    for name, repository in sorted(settings.repositories.items()):
        if (wanted := repository.workflow) is None:
            continue
        path = f"github.repositories.{name}.workflow"
        package = wanted.package(name)
        if wanted.image is None and not _PACKAGE.fullmatch(package):
            remedy = f"set {path}.image"
            yield SettingsError("the repository's name is no name of a package", f"{path}.image", package, remedy)
        images = {f"{path}.image": f"the package {package}"}
        if wanted.hub is not None:
            yield from _hub(wanted.hub, f"{path}.hub")
            images[f"{path}.hub.image"] = f"Docker Hub's {wanted.hub.image}"
        for place, image in images.items():
            if image in pushed:
                what = f"is pushed by the workflow of {pushed[image]}, too: each would move the other's tags"
                yield SettingsError(what, place, image.split()[-1], "give one of them another image")
            pushed.setdefault(image, name)


def _hub(hub: HubSettings, path: str) -> Iterator[SettingsError]:
    if hub.username is None and hub.usernameSecret is None:
        yield SettingsError("nobody signs in", path, remedy="add username, or the Actions secret usernameSecret")
    elif hub.username is not None and hub.usernameSecret is not None:
        yield SettingsError("says twice who signs in", path, remedy="keep username or usernameSecret")
