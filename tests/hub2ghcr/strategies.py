"""Hypothesis strategies for image references."""

from __future__ import annotations

from hypothesis import strategies as st

_components = st.from_regex(r"[a-z0-9]{1,6}(?:(?:[._]|__|-{1,2})[a-z0-9]{1,4}){0,2}", fullmatch=True)
_hosts = st.sampled_from(
    [
        "docker.io",
        "index.docker.io",
        "registry-1.docker.io",
        "ghcr.io",
        "quay.io",
        "localhost",
        "localhost:5000",
        "Foo",
        "[::1]:80",
    ]
)
paths = st.lists(_components, min_size=1, max_size=3).map("/".join)
tags = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,8}", fullmatch=True)
digests = st.from_regex(r"sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}", fullmatch=True)


@st.composite
def names(draw: st.DrawFn) -> str:
    """Draw a name without tag and digest, with a host or without one."""
    host = draw(_hosts | st.none())
    path = draw(paths)
    # Without a host the first component must not look like one
    return f"{host}/{path}" if host else path.replace(".", "-") if not path.startswith("localhost") else "x" + path


@st.composite
def references(draw: st.DrawFn) -> str:
    """Draw a reference that parses."""
    tag, digest = draw(st.none() | tags), draw(st.none() | digests)
    return draw(names()) + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")
