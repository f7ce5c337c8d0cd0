"""``docker/login-action`` in the lab: the login is tried at the registry, and kept for the steps that follow."""

from __future__ import annotations

from collections.abc import Mapping

from lab.runner import registry, step


def main(inputs: Mapping[str, str]) -> dict[str, str]:
    """Log in to ``registry`` (Docker Hub where there is none)."""
    registry.login(inputs.get("registry", ""), inputs.get("username", ""), inputs.get("password", ""))
    print("Login Succeeded!")
    return {}


if __name__ == "__main__":
    step.run(main)
