"""What well-known tokens look like, so that one in the wrong place is refused and never printed."""

from __future__ import annotations

import re
from typing import Final

_TOKEN = re.compile(
    r"gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{16,}|dckr_(?:pat|oat)_[A-Za-z0-9_-]{16,}|glpat-[A-Za-z0-9_-]{16,}"
    r"|pul-[0-9a-f]{32,}|AKIA[A-Z0-9]{16}|xox[abprs]-[A-Za-z0-9-]{10,}|npm_[A-Za-z0-9]{30,}|pypi-[A-Za-z0-9_-]{30,}"
    r"|eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}|-----BEGIN [A-Z ]*PRIVATE KEY-----"
)
"""Shapes that vendors gave their tokens so that scanners find them."""

_LOGIN: Final = re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^\s?#]*@", re.IGNORECASE)
_PASSWORD: Final = re.compile(r"([?&](?:password|sslpassword)=)[^&\s\"']*", re.IGNORECASE)
_LOGIN_PASSWORD: Final = re.compile(r"(://[^\s/:@]*):[^\s/@]+@")
"""A password in a URL, as engines and drivers repeat the one of a database."""

_KINDS: Final = {
    "ghp_": "classic token",
    "github_pat_": "fine-grained token",
    "gho_": "OAuth token",
    "ghu_": "GitHub App's user token",
    "ghs_": "GitHub App's or workflow's token",
    "dckr_pat_": "Docker Hub personal token",
    "dckr_oat_": "Docker Hub organization token",
    "glpat-": "GitLab token",
    "eyJ": "JSON web token",
}


def looks_like_token(text: str) -> bool:
    """Tell whether a text holds something of the shape of a well-known token or of a private key."""
    return _TOKEN.search(text) is not None


def redacted(text: str) -> str:
    """Return the text with such shapes, and the passwords of URLs, taken out."""
    return _LOGIN_PASSWORD.sub(r"\1:…@", _TOKEN.sub("…", text))


def without_login(text: str) -> str:
    """Return a text whose URLs have no login, and no password among their parameters."""
    return _PASSWORD.sub(r"\1…", _LOGIN.sub(r"\1", text))


def kind_of(secret: str) -> str:
    """Say what a secret is, by its beginning alone: nothing of its value is in the answer."""
    if not secret:
        return "nothing"
    for prefix, kind in _KINDS.items():
        if secret.startswith(prefix):
            return f"{kind} {prefix}…"
    return "password or other token"


def refused_by(host: str, secret: str) -> str:
    """Say why a registry will not take a secret of this kind, or not for long; empty when nothing speaks against it.

    Source: https://docs.github.com/en/packages/learn-github-packages/introduction-to-github-packages, authentication.
    """
    if host != "ghcr.io":
        return ""
    if secret.startswith("github_pat_"):
        return "ghcr.io takes no fine-grained token: make a classic one with read:packages"
    if secret.startswith(("ghs_", "ghu_")):
        return "this token ends within hours, and no Pod pulls after that: make a classic one with read:packages"
    if secret.startswith("dckr_"):
        return "this is a token of Docker Hub"
    return ""
