"""The table of ``docs/places.md``, made of the rows: ``python -m tests.hub2ghcr.places.documented`` writes it anew."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hub2ghcr.places import Place
from hub2ghcr.places.rows import CUSTOM, FILES, WORKLOADS

DOCUMENT = Path(__file__).parents[3] / "docs" / "places.md"
BEGIN, END = "<!-- the table, written by tests/hub2ghcr/places/documented.py -->", "<!-- end of the table -->"
_COLUMNS = (
    *("pods", "images", "names", "pushes", "follows", "groups", "values", "parameters"),
    *("kustomize", "renovate", "objects", "dockerfiles"),
)


def table() -> str:
    """Return the table as Markdown."""
    return "\n\n".join(
        f"### {title}\n\n| where | kind | what stands where |\n|---|---|---|\n" + "\n".join(_lines(rows))
        for title, rows in (
            ("Kubernetes' own kinds", WORKLOADS),
            ("Custom resources", CUSTOM),
            ("Other files", FILES),
        )
    )


def _lines(rows: Sequence[Place]) -> list[str]:
    said: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        fields = [
            f"{name}: " + ", ".join(f"`{path}`" for path in getattr(row, name))
            for name in _COLUMNS
            if getattr(row, name)
        ]
        said.setdefault((row.group, "; ".join(fields)), []).append(row.kind)
    group_of = "core" if rows is not FILES else ""
    return [f"| {group or group_of} | {', '.join(kinds)} | {fields} |" for (group, fields), kinds in said.items()]


if __name__ == "__main__":
    text = DOCUMENT.read_text(encoding="utf-8")
    before, after = text.partition(BEGIN)[0], text.partition(END)[2]
    DOCUMENT.write_text(f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}", encoding="utf-8")
