"""Where the lab's programs come from: PATH, the cache, the official release, or a build from Go modules.

What is pinned is data: ``programs.toml`` and the ``go.mod``/``go.sum`` of each program below ``programs/``.
"""

from lab.toolchain.resolver import Toolchain, resolve

__all__ = ["Toolchain", "resolve"]
