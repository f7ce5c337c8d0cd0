"""Reports in a real browser: nothing is loaded, everything can be read, in light and dark, wide and narrow."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from hub2ghcr.report import fleet_report, report, written
from tests.e2e import browser
from tests.e2e.browser import Scheme
from tests.hub2ghcr.report import fleet_samples, samples

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

CONTRAST = """
(() => {
  const numbers = (colour) => (colour.match(/[\\d.]+/g) || []).map(Number);
  const luminance = (rgb) => {
    const [r, g, b] = rgb.slice(0, 3).map((each) => {
      const part = each / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const found = numbers(getComputedStyle(each).backgroundColor);
      if (found.length === 3 || found[3] === 1) return found;
    }
    return [255, 255, 255];
  };
  let seen = 0, low = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !element.checkVisibility() || element.closest("title, desc")) continue;
    const style = getComputedStyle(element);
    const front = numbers(element.closest("svg") ? style.fill : style.color);
    const parts = [luminance(front), luminance(behind(element))].sort((a, b) => b - a);
    const ratio = (parts[0] + 0.05) / (parts[1] + 0.05);
    seen += 1;
    if (ratio < 4.5) low.push(`${node.data.trim().slice(0, 40)}: ${ratio.toFixed(2)}`);
  }
  return {seen, low};
})()
"""


@pytest.fixture(scope="module")
def page() -> Iterator[browser.Page]:
    with browser.opened() as found:
        yield found


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    for name, count in (("stack", 8), ("stack-large", 300)):
        plan = samples.plan(count)
        (folder / f"{name}.html").write_text(written(report(plan, samples.seen(plan), samples.AT), "html"))
    for name, count in (("fleet", 6), ("fleet-large", 100)):
        fleet, stacks = fleet_samples.fleet(count), fleet_samples.stacks(count)
        found = fleet_report(fleet_samples.history(count), samples.AT, fleet, stacks)
        (folder / f"{name}.html").write_text(written(found, "html"))
    return folder


class Outside:
    """A server that some page could ask for something."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def outside() -> Iterator[Outside]:
    found = Outside()
    yield found
    found.close()


def unfolded(page: browser.Page, file: Path) -> browser.Page:
    """The page with every fold open."""
    page.open(file.as_uri(), wait=0)
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    return page


KINDS = pytest.mark.parametrize("kind", ["stack", "fleet"])
SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])


@KINDS
def test_a_report_asks_for_nothing_but_itself_and_the_browser_has_no_complaint(
    page: browser.Page, files: Path, kind: str
) -> None:
    address = (files / f"{kind}.html").as_uri()
    page.open(address)
    assert page.asked == [address]
    assert page.complaints == []


def test_what_would_be_loaded_is_seen_and_the_policy_stops_it(
    page: browser.Page, files: Path, tmp_path: Path, outside: Outside
) -> None:
    wanted = f'<img src="{outside.url}/image"><script src="{outside.url}/script"></script></body>'
    text = (files / "stack.html").read_text().replace("</body>", wanted)
    strict, loose = tmp_path / "strict.html", tmp_path / "loose.html"
    strict.write_text(text)
    page.open(strict.as_uri())
    assert outside.asked == [] and any("Content Security Policy" in each for each in page.complaints)
    loose.write_text(text.replace("Content-Security-Policy", "x"))
    page.open(loose.as_uri())
    assert sorted(outside.asked) == ["/image", "/script"]
    assert len(page.asked) == 3


@KINDS
@SCHEMES
def test_every_text_of_a_report_has_the_contrast_that_wcag_asks_for(
    page: browser.Page, files: Path, scheme: Scheme, kind: str
) -> None:
    found = unfolded(page.look(scheme), files / f"{kind}.html").evaluate(CONTRAST)
    assert found["low"] == [] and found["seen"] > 200
    back = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (back == "rgb(255, 255, 255)") == (scheme == "light")


def test_a_text_that_cannot_be_read_would_be_found(page: browser.Page, files: Path) -> None:
    unfolded(page.look("dark"), files / "stack.html").evaluate("document.querySelector('h1').style.color = '#444'")
    assert page.evaluate(CONTRAST)["low"] == ["Stack prod: from Docker Hub to GHCR: 1.88"]


@pytest.mark.parametrize("kind", ["stack-large", "fleet-large"])
@pytest.mark.parametrize("width", [320, 768, 1200])
def test_no_page_is_wider_than_what_shows_it(page: browser.Page, files: Path, width: int, kind: str) -> None:
    unfolded(page.look("light", width), files / f"{kind}.html")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@KINDS
def test_who_listens_to_a_page_hears_names_of_everything(page: browser.Page, files: Path, kind: str) -> None:
    tree = unfolded(page.look("light"), files / f"{kind}.html").call("Accessibility.getFullAXTree")
    nodes = [each for each in tree["nodes"] if not each.get("ignored")]
    roles: dict[str, list[str]] = {}
    for each in nodes:
        roles.setdefault(each["role"]["value"], []).append((each.get("name") or {}).get("value", ""))
    assert len(roles["main"]) == len(roles["banner"]) == len(roles["contentinfo"]) == 1
    assert roles["navigation"] == ["Sections"]
    for role in ("table", "image", "columnheader", "rowheader", "link", "heading"):
        assert roles.get(role) and all(roles[role]), role
    levels = [each["properties"] for each in nodes if each["role"]["value"] == "heading"]
    numbers = [next(one["value"]["value"] for one in each if one["name"] == "level") for each in levels]
    assert numbers[0] == 1 and set(numbers[1:]) == {2}


def test_paper_has_what_is_folded_on_a_screen(page: browser.Page, files: Path) -> None:
    page.look("light").open((files / "stack-large.html").as_uri(), wait=0)
    height = "document.documentElement.scrollHeight"
    screen = page.evaluate(height)
    page.look("light", media="print")
    assert page.evaluate(height) > 4 * screen


@pytest.mark.parametrize("kind", ["stack-large", "fleet-large"])
def test_hundreds_are_a_file_that_is_quickly_open(
    page: browser.Page, files: Path, kind: str, reports: dict[str, list[tuple[str, ...]]]
) -> None:
    file = files / f"{kind}.html"
    unfolded(page.look("light"), file)
    timing = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
    table_rows = page.evaluate("document.querySelectorAll('tbody tr').length")
    rows = reports.setdefault("Reports in Chromium", [("report", "bytes", "rows", "loaded in ms")])
    what = "2 clusters, 300 namespaces each" if kind == "stack-large" else "a fleet of 300 clusters"
    rows.append((what, str(file.stat().st_size), str(table_rows), f"{timing:.0f}"))
    assert file.stat().st_size < 2_000_000 and table_rows > 500


@KINDS
@SCHEMES
def test_the_page_can_be_looked_at(page: browser.Page, files: Path, tmp_path: Path, scheme: Scheme, kind: str) -> None:
    page.look(scheme).open((files / f"{kind}.html").as_uri(), wait=0)
    picture = Path(os.environ.get("HUB2GHCR_SCREENSHOTS", tmp_path)) / f"{kind}-{scheme}.png"
    picture.parent.mkdir(exist_ok=True)
    page.screenshot(picture)
    assert picture.stat().st_size > 50_000
