"""The site that `make docs` builds: whole, without a warning, and asking nobody else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.docs.commands import ROOT

LOADS = {
    "link": "href",
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "object": "data",
    "use": "href",
}
"""Elements that make a browser ask by itself, and the attribute that says whom."""


class Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


def build(source: Path, site: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--config-file", source / "mkdocs.yml", "-d", site],
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site; ``--strict`` makes an error of each broken link and anchor, and of each page that the menu lacks."""
    folder = tmp_path_factory.mktemp("site")
    done = build(ROOT, folder)
    assert done.returncode == 0, done.stderr
    return folder


def elements(page: Path) -> list[tuple[str, dict[str, str]]]:
    reader = Elements()
    reader.feed(page.read_text())
    return reader.found


def test_every_page_of_the_documentation_is_on_the_site_and_in_its_menu(site: Path) -> None:
    pages = {path.relative_to(ROOT / "docs").with_suffix(".html").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    pages = {re.sub(r"README\.html$", "index.html", page) for page in pages}
    menu = {
        attributes["href"]
        for tag, attributes in elements(site / "index.html")
        if tag == "a" and "md-nav__link" in attributes.get("class", "")
    }
    assert pages <= {path.relative_to(site).as_posix() for path in site.rglob("*.html")}
    assert sorted(pages - menu - {"index.html"}) == []


def test_no_page_loads_anything_from_another_host(site: Path) -> None:
    loaded = [
        f"{page.relative_to(site)}: {tag} {attributes[LOADS[tag]]}"
        for page in site.rglob("*.html")
        for tag, attributes in elements(page)
        if tag in LOADS and urlsplit(attributes.get(LOADS[tag], "")).netloc and attributes.get("rel") != "canonical"
    ]
    styles = [
        f"{css.name}: {url}"
        for css in site.rglob("*.css")
        for url in re.findall(r"url\(\"?(https?://[^)]*)", css.read_text())
    ]
    assert loaded + styles == []


def test_every_link_inside_the_site_leads_to_a_file(site: Path) -> None:
    broken = [
        f"{page.relative_to(site)}: {target}"
        for page in site.rglob("*.html")
        if page.name != "404.html"
        for target in inside(page)
        if not (page.parent / target).exists()
    ]
    assert broken == []


def inside(page: Path) -> Iterator[str]:
    for _, attributes in elements(page):
        for name in ("href", "src"):
            link = urlsplit(attributes.get(name, ""))
            if link.path and not link.scheme and not link.netloc:
                yield unquote(link.path)


def test_files_of_the_repository_that_pages_link_to_lie_on_the_site_as_they_are(site: Path) -> None:
    copied = site / "repository" / "stacks" / "Pulumi.microk8s.yaml"
    assert copied.read_bytes() == (ROOT / "stacks" / "Pulumi.microk8s.yaml").read_bytes()


def test_pages_may_link_to_other_pages_of_the_repository_and_to_hidden_files(tmp_path: Path) -> None:
    project(tmp_path, "[a](../README.md#more) [b](../.github/workflows/ci.yml)")
    (tmp_path / "README.md").write_text("[gone](nowhere.md)")
    (tmp_path / ".github" / "workflows").mkdir(parents=True)
    (tmp_path / ".github" / "workflows" / "ci.yml").write_text("on: push\n")
    done = build(tmp_path, tmp_path / "site")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "site" / "repository" / "README.md.txt").exists()
    assert (tmp_path / "site" / "repository" / ".github" / "workflows" / "ci.yml").read_text() == "on: push\n"


@pytest.mark.parametrize("text", ["[x](nowhere.md)", "[x](index.md#nowhere)", "[x](../nowhere.yaml)"])
def test_a_link_that_leads_nowhere_ends_the_build(text: str, tmp_path: Path) -> None:
    """Negative control: strict means it."""
    project(tmp_path, text)
    done = build(tmp_path, tmp_path / "site")
    assert done.returncode == 1 and "nowhere" in done.stderr


def project(folder: Path, text: str) -> None:
    (folder / "docs").mkdir()
    (folder / "docs" / ".site").symlink_to(ROOT / "docs" / ".site")
    config = (ROOT / "mkdocs.yml").read_text()
    (folder / "mkdocs.yml").write_text(config[: config.index("\nnav:")])
    (folder / "docs" / "index.md").write_text(f"# Page\n\n{text}\n")
