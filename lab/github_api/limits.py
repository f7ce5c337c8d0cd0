"""Rate limits: told with every answer and never reached, unless a test injects the refusal."""

from __future__ import annotations

import time

from lab.github_api.exchange import Answer, Call

HOURLY = 5000
"""Calls an hour of a user's token."""


def get(call: Call) -> Answer:
    """``GET /rate_limit``."""
    rate = {"limit": HOURLY, "used": 0, "remaining": HOURLY, "reset": _reset()}
    resources = dict.fromkeys(("core", "search", "graphql"), rate)
    return Answer(200, {"resources": resources, "rate": rate})


def headers() -> dict[str, str]:
    """The same, as headers."""
    return {
        "X-RateLimit-Limit": str(HOURLY),
        "X-RateLimit-Remaining": str(HOURLY),
        "X-RateLimit-Used": "0",
        "X-RateLimit-Reset": str(_reset()),
        "X-RateLimit-Resource": "core",
    }


def _reset() -> int:
    return int(time.time()) // 3600 * 3600 + 3600
