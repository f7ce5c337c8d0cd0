"""Previews of a size and with texts that tests choose."""

from __future__ import annotations

from hub2ghcr.preview import Change, Copied, ImageMove, Preview, StackPreview

DIGEST = "sha256:" + "1" * 64


def image(text: str = "web", after: str = "ghcr.io/acme/nginx:1.27@" + DIGEST) -> ImageMove:
    """Return one image that changes."""
    return ImageMove("one", "shop", f"Deployment {text}", "spec.containers[0].image", "nginx:1.27", after)


def copied(name: str = "nginx", size: int = 7, manifests: int = 3) -> Copied:
    """Return one image to be copied."""
    return Copied(f"docker.io/library/{name}:1", f"ghcr.io/acme/{name}:1", DIGEST, size, manifests)


def stack(name: str = "test", rows: int = 1, text: str = "web", why: str = "") -> StackPreview:
    """Return a stack with so many rows of everything, all with a text in them."""
    numbers = range(rows)
    changes = tuple(Change("Deployment", f"{text}{each}", "changed", text) for each in numbers)
    return StackPreview(
        name,
        why=why,
        images=tuple(image(f"{text}{each}", text) for each in numbers),
        copies=tuple(copied(f"{text}{each}") for each in numbers),
        secrets=changes,
        workloads=changes,
        github=changes,
        warnings=tuple(f"{text}{each}" for each in numbers),
        known_warnings=tuple(f"known {each}" for each in numbers),
    )


def preview(*stacks: StackPreview) -> Preview:
    """Return a preview of these stacks."""
    return Preview("base", "head", stacks)
