"""What a pull request or a commit says: title, reasons, and what to look at before it is merged."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from .delivery import Delivery


def title(delivery: Delivery, paths: Sequence[str]) -> str:
    """Return the title of what changes some files."""
    if delivery.path in paths:
        return f"Publish {delivery.image}{f' and {delivery.besides}' if delivery.besides else ''}"
    return f"Name the image {delivery.image}"


def subject(delivery: Delivery, paths: Sequence[str]) -> str:
    """Return what somebody declines who closes the pull request: this very workflow, so that another is proposed."""
    about = delivery.text if delivery.path in paths else "references"
    return hashlib.sha256(about.encode()).hexdigest()[:16]


def text(delivery: Delivery, paths: Sequence[str]) -> str:
    """Return the reasons and the check list."""
    lines = [f"Proposed by hub2ghcr for its stack `{delivery.stack}`; its next runs update this pull request.", ""]
    others = [path for path in paths if path != delivery.path]
    if delivery.path in paths:
        lines += [
            f"- `{delivery.path}` builds the image and publishes it as `{delivery.image}`: the default branch as"
            " `latest`, a tag `v1.2.3` as `1.2.3`. Pull requests are built, and nothing of them is pushed.",
            _besides(delivery),
            "- Its last line tells a later run whether somebody changed the file: then it is left alone.",
        ]
    lines += [f"- `{path}` names the image where it is now." for path in others]
    lines += ["", "Before it is merged:", ""]
    if delivery.path in paths:
        lines += [
            f"- [ ] no other workflow publishes the same tags (`hub2ghcr workflows --repo {delivery.place} --diff`)",
            "- [ ] the package, where it exists already, gives this repository the role Write",
        ]
    if others:
        lines += ["- [ ] each changed line names an image, and the image is there"]
    lines += ["", "Closing it declines it: it is not opened again."]
    return "\n".join(lines)


def _besides(delivery: Delivery) -> str:
    if not delivery.besides:
        return "- Nothing is pushed to Docker Hub."
    why = "clusters that have not moved yet, and the way back, get every release from there"
    return f"- The same build, with the same digest, is pushed as `{delivery.besides}`, too: {why}."
