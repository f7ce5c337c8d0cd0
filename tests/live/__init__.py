"""``make smoke-live``: what the lab assumes of GHCR, GitHub's packages API and Docker Hub, asked of the real ones.

Opt-in, with tokens and a throw-away package of the caller's own; see ``docs/live.md``.
"""
