"""The embedded environment: a toolchain, two registries, a GitHub API and a cluster on this machine.

It stands in for the outside world in the demo and in every end-to-end test. Nothing in ``hub2ghcr/`` or
``components/`` knows that it exists, and it imports nothing of theirs.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 said here, before a module fails at what an older Python lacks
    told = "lab: Python {}.{} is too old: 3.11 or newer is needed\n  remedy: run `make venv` first"
    sys.exit(told.format(*sys.version_info[:2]))
