"""``python3 -m lab.github_api``: serve the stand-in on loopback until it is told to end."""

from __future__ import annotations

import argparse
from importlib.util import find_spec
from pathlib import Path

import uvicorn

from lab.github_api.description import Description
from lab.github_api.service import Service


def main() -> None:
    """Serve. With jsonschema at hand every exchange is held to GitHub's description, see ``/_lab/violations``."""
    parser = argparse.ArgumentParser(prog="python3 -m lab.github_api", description=__doc__)
    parser.add_argument("--state", type=Path, required=True, help="the lab's folder")
    parser.add_argument("--port", type=int, required=True, help="the port on 127.0.0.1")
    options = parser.parse_args()
    description = Description() if find_spec("jsonschema") else None
    service = Service(options.state, description, log=True)
    uvicorn.run(service, host="127.0.0.1", port=options.port, log_level="warning", access_log=False, lifespan="off")


if __name__ == "__main__":
    main()
