"""Pages may link to files of the repository beside ``docs/``: the site carries those that are linked, as they are.

So a reader of the site, of a checkout and of a code host follow the same link, and the site asks no other host.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from mkdocs.structure.files import File, Files, InclusionLevel

PLACE: Final = "repository"
"""Where they lie on the site."""

_OUTSIDE: Final = re.compile(r"\]\(((?:\.\./)+)([^)#]+)")


def on_files(files: Files, config: Any) -> Files:
    """Add each file of the repository that a page links to; folders have no page, so that their links stay warnings."""
    for file in list(files.documentation_pages()):
        for path in _linked(file, Path(config.docs_dir)):
            source = _place(path)
            if files.get_file_from_path(source) is None:
                found = Path(config.docs_dir).parent / path
                added = File.generated(config, source, abs_src_path=str(found))
                added.inclusion = InclusionLevel.INCLUDED  # mkdocs leaves out what begins with a dot
                files.append(added)
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Point the links of a page at these files."""

    def inside(match: re.Match[str]) -> str:
        path = _outside(page.file, match, Path(config.docs_dir))
        if path is None:
            return match[0]
        return f"]({'../' * page.file.src_uri.count('/')}{_place(path)}"

    return _OUTSIDE.sub(inside, markdown)


def _place(path: Path) -> str:
    """Where a file lies on the site; Markdown as text, or it would be a page whose own links lead nowhere."""
    return f"{PLACE}/{path.as_posix()}{'.txt' if path.suffix == '.md' else ''}"


def _linked(file: File, docs: Path) -> list[Path]:
    text = file.content_string
    found = (_outside(file, match, docs) for match in _OUTSIDE.finditer(text))
    return sorted({path for path in found if path is not None})


def _outside(file: File, match: re.Match[str], docs: Path) -> Path | None:
    """Return the linked file, relative to the repository, if it lies outside of ``docs/`` and is there."""
    found = (docs / file.src_uri).parent.joinpath(match[1], match[2]).resolve()
    root = docs.resolve().parent
    if found.is_relative_to(docs.resolve()) or not found.is_relative_to(root) or not found.is_file():
        return None
    return found.relative_to(root)
