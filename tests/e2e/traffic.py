"""A client of a Service under load: every request of it counts, whatever rolls out behind it meanwhile.

The lab has no kube-proxy, so the client does what one does: it follows the Service's EndpointSlices and opens each
connection to a Pod that is ready there. Beside that it looks how many replicas are available, all the time.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from hub2ghcr import kubeconfig

POLL = 0.05
"""Seconds between two looks at the cluster."""
PAUSE = 0.01
"""Seconds between two requests."""


@dataclass
class Traffic:
    """What was asked and answered: failures with their time and reason, answers by the image that gave them."""

    began: float = field(default_factory=time.monotonic)
    answers: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    available: list[tuple[float, int]] = field(default_factory=list)
    marks: list[tuple[float, str]] = field(default_factory=list)

    @property
    def requests(self) -> int:
        """Requests in all."""
        return self.answers.total() + len(self.failures)

    @property
    def least(self) -> int:
        """The smallest number of available replicas that was seen."""
        return min(count for _, count in self.available)

    def mark(self, text: str) -> None:
        """Remember what happens now."""
        self.marks.append((self.now, text))

    @property
    def now(self) -> float:
        """Seconds since the first request."""
        return time.monotonic() - self.began

    def trace(self) -> list[tuple[str, ...]]:
        """What happened, at which second, for how long, and the fewest and most replicas available meanwhile."""
        ends = [at for at, _ in self.marks[1:]] + [self.now]
        rows: list[tuple[str, ...]] = []
        for (at, text), end in zip(self.marks, ends, strict=True):
            counts = [count for when, count in self.available if at <= when < end]
            fewest, most = min(counts, default=-1), max(counts, default=-1)
            rows.append((text, f"{at:.1f}", f"{end - at:.1f}", str(fewest), str(most)))
        return rows


@contextmanager
def traffic(config: Path, namespace: str, service: str, deployment: str) -> Iterator[Traffic]:
    """Send requests to a Service, one after another, until the block ends."""
    reached = kubeconfig.access(str(config), "lab")
    found, over = Traffic(), threading.Event()
    ready: list[str] = []
    with httpx.Client(
        base_url=reached.server, verify=reached.tls, headers=dict(reached.headers), trust_env=False, timeout=5
    ) as api:
        _look(api, namespace, service, deployment, ready, found)
        threads = [
            threading.Thread(target=_follow, args=(api, namespace, service, deployment, ready, found, over)),
            threading.Thread(target=_ask, args=(ready, found, over)),
        ]
        for each in threads:
            each.start()
        try:
            yield found
        finally:
            over.set()
            for each in threads:
                each.join(timeout=10)


def _follow(
    api: httpx.Client,
    namespace: str,
    service: str,
    deployment: str,
    ready: list[str],
    found: Traffic,
    over: threading.Event,
) -> None:
    while not over.wait(POLL):
        try:
            _look(api, namespace, service, deployment, ready, found)
        except (httpx.HTTPError, json.JSONDecodeError) as error:
            found.marks.append((found.now, f"the API server did not answer: {type(error).__name__}"))


def _look(api: httpx.Client, namespace: str, service: str, deployment: str, ready: list[str], found: Traffic) -> None:
    slices = _get(
        api,
        f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices",
        labelSelector=f"kubernetes.io/service-name={service}",
    )["items"]
    ready[:] = [
        address
        for each in slices
        for endpoint in each.get("endpoints") or []
        if (endpoint.get("conditions") or {}).get("ready")
        for address in endpoint["addresses"]
    ]
    status = _get(api, f"/apis/apps/v1/namespaces/{namespace}/deployments/{deployment}")["status"]
    found.available.append((found.now, int(status.get("availableReplicas", 0))))


def _get(api: httpx.Client, path: str, **query: str) -> dict[str, Any]:
    return dict(api.get(path, params=query).raise_for_status().json())


def _ask(ready: list[str], found: Traffic, over: threading.Event) -> None:
    turn = 0
    while not over.wait(PAUSE):
        turn += 1
        addresses = list(ready)
        if not addresses:
            found.failures.append(f"{found.now:.2f} s: no Pod is ready")
            continue
        address = addresses[turn % len(addresses)]
        try:
            # a connection of its own each time: that is what finds a Pod that went away too early
            answer = httpx.get(f"http://{address}:8080/", timeout=2, trust_env=False)
            answer.raise_for_status()
            found.answers[answer.text.strip()] += 1
        except httpx.HTTPError as error:
            found.failures.append(f"{found.now:.2f} s: {address}: {type(error).__name__}: {error}")
