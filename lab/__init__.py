"""The embedded environment: a toolchain, two registries, a GitHub API and a cluster on this machine.

It stands in for the outside world in the demo and in every end-to-end test. Nothing in ``hub2ghcr/`` or
``components/`` knows that it exists, and it imports nothing of theirs.
"""
