"""Existing workflows, migrated."""

from hub2ghcr.mapping import Mapping, Rule
from hub2ghcr.workflows import Migration, migrate

MAPPING = Mapping(
    (Rule.parse("docker.io/library/*", "ghcr.io/acme/mirror/*"), Rule.parse("docker.io/acme/*", "ghcr.io/acme/*"))
)

PATH = ".github/workflows/ci.yml"


def migrated(text: str, **others: str) -> tuple[str, Migration]:
    """Return a workflow's new text, and all of its migration."""
    files = {PATH: text.encode(), **{path: data.encode() for path, data in others.items()}}
    done = migrate(files, MAPPING)
    return next(each.data for each in done.files if each.place == PATH).decode(), done


def steps(*lines: str) -> str:
    """Return a workflow of one job with these steps, as lines of YAML."""
    head = (
        "on: push",
        "jobs:",
        "  job:",
        "    runs-on: ubuntu-latest",
        "    permissions: {packages: write}",
        "    steps:",
    )
    return "".join(f"{line}\n" for line in (*head, *(f"      {line}" for line in lines)))


def script(*lines: str) -> str:
    """Return a workflow of one job that signs in to GHCR already and runs a script."""
    return steps("- run: docker login ghcr.io -u a -p b", "- run: |", *(f"    {line}" for line in lines))
