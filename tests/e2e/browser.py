"""A real browser without a window: Chromium, driven by its DevTools protocol (chromedevtools.github.io)."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal, Self

from websockets.sync.client import ClientConnection, connect

from lab.errors import LabError
from lab.toolchain import debian

PACKAGES: Final = ("chromium", "fonts-dejavu-core")
SECONDS: Final = 60.0
"""How long Chromium may take to begin, and to answer."""


Scheme = Literal["light", "dark"]


class Page:
    """One page of the browser, and what it asked for."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._number = 0
        self.events: list[dict[str, Any]] = []
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol, and return its result."""
        self._number += 1
        self._connection.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while True:
            told = self._receive()
            if told.get("id") == self._number:
                assert "error" not in told, told["error"]
                return dict(told["result"])

    def open(self, url: str, wait: float = 1.0) -> Self:
        """Open an address; then wait so many seconds, in which a page could ask for more."""
        self.events.clear()
        self.call("Page.navigate", url=url)
        while not any(each.get("method") == "Page.loadEventFired" for each in self.events):
            self._receive()
        ends = time.monotonic() + wait
        while (left := ends - time.monotonic()) > 0:
            try:
                self._receive(left)
            except TimeoutError:
                break
        return self

    def look(self, scheme: Scheme, width: int = 1200, media: str = "screen") -> Self:
        """Show the page as somebody with that wish, and that width, sees it."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", media=media, features=features)
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 600
        )
        return self

    def evaluate(self, script: str) -> Any:
        """Return what a script of ours, which the page's policy does not bind, finds in it."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def screenshot(self, file: Path) -> None:
        """Write the whole page as a picture."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 8000), "scale": 1}
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        file.write_bytes(base64.b64decode(shot["data"]))

    @property
    def asked(self) -> list[str]:
        """The addresses that it asked for since it was opened, its own among them."""
        sent = (each for each in self.events if each.get("method") == "Network.requestWillBeSent")
        return [each["params"]["request"]["url"] for each in sent]

    @property
    def complaints(self) -> list[str]:
        """What the browser wrote into its console."""
        logged = (each for each in self.events if each.get("method") == "Log.entryAdded")
        return [each["params"]["entry"]["text"] for each in logged]

    def _receive(self, seconds: float = SECONDS) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self._connection.recv(timeout=seconds))
        if "method" in told:
            self.events.append(told)
        return told


@contextmanager
def opened() -> Iterator[Page]:
    """Begin a browser of one's own, with one page; Chromium is installed where it is missing, as root.

    Raises:
        LabError: it is missing, and cannot be installed; or it does not begin.
    """
    if shutil.which("chromium") is None:
        debian.ensure(PACKAGES)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        flags = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars")
        quiet = ("--disable-background-networking", "--disable-component-update", "--no-first-run", "--mute-audio")
        command = ["chromium", *flags, *quiet, f"--user-data-dir={folder}", "--remote-debugging-port=0", "about:blank"]
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
        )
        try:
            with connect(_page(Path(folder), process), max_size=None) as connection:
                yield Page(connection)
        finally:
            process.terminate()
            process.wait(SECONDS)


def _page(folder: Path, process: subprocess.Popen[bytes]) -> str:
    """Return the address of the browser's one page, as soon as it has one."""
    import httpx

    ends = time.monotonic() + SECONDS
    while time.monotonic() < ends and process.poll() is None:
        try:
            port = (folder / "DevToolsActivePort").read_text().split()[0]
            for each in httpx.get(f"http://127.0.0.1:{port}/json/list", trust_env=False).json():
                if each["type"] == "page":
                    return str(each["webSocketDebuggerUrl"])
        except (OSError, IndexError, httpx.HTTPError):
            pass
        time.sleep(0.1)
    raise LabError("chromium does not begin", remedy="run `chromium --headless=new --no-sandbox about:blank`, and see")
