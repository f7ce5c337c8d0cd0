"""The ``docker`` of a lab's runner, for workflows that call it in scripts.

It knows ``login``, ``logout``, ``build`` (with ``buildx``, too), ``tag`` and ``push``.
Images are kept between commands beside Docker's ``config.json``.
"""

from __future__ import annotations

import argparse
import os
import pickle
import sys
from pathlib import Path

from lab.oci import Image
from lab.runner import build, registry
from lab.runner.step import StepError


def main(arguments: list[str]) -> None:
    """Do one command. Raises ``StepError``."""
    words = [word for word in arguments if word != "buildx"]
    parser = argparse.ArgumentParser(prog="docker", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True)
    login = commands.add_parser("login")
    login.add_argument("-u", "--username", default="")
    login.add_argument("-p", "--password", default="")
    login.add_argument("--password-stdin", action="store_true")
    login.add_argument("server", nargs="?", default="")
    commands.add_parser("logout").add_argument("server", nargs="?", default="")
    built = commands.add_parser("build")
    built.add_argument("-t", "--tag", action="append", default=[])
    built.add_argument("-f", "--file", type=Path)
    built.add_argument("--target", default="")
    built.add_argument("--label", action="append", default=[])
    built.add_argument("--build-arg", action="append", default=[])
    built.add_argument("--platform", default="")
    built.add_argument("--push", action="store_true")
    built.add_argument("context", type=Path)
    tag = commands.add_parser("tag")
    tag.add_argument("source")
    tag.add_argument("target")
    commands.add_parser("push").add_argument("reference")
    given = parser.parse_args(words)
    match given.command:
        case "login":
            password = sys.stdin.read().rstrip("\n") if given.password_stdin else given.password
            registry.login(_host(given.server), given.username, password)
            print("Login Succeeded")
        case "logout":
            registry.logout(_host(given.server))
        case "build":
            file = given.file or given.context / "Dockerfile"
            if not file.is_file():
                raise StepError(f"failed to read dockerfile: open {file}: no such file or directory")
            made = build.image(
                file.read_text(),
                given.context,
                platforms=[one for one in given.platform.split(",") if one],
                labels=_pairs(given.label),
                arguments=_pairs(given.build_arg),
                target=given.target,
            )
            for name in given.tag:
                _keep(name, made)
                if given.push:
                    registry.push(name, made)
        case "tag":
            _keep(given.target, _kept(given.source))
        case "push":
            registry.push(given.reference, _kept(given.reference))


def _host(server: str) -> str:
    """A server as people write it, which may be a URL."""
    return server.partition("://")[2].rstrip("/") if "://" in server and "docker.io" not in server else server


def _pairs(given: list[str]) -> dict[str, str]:
    return dict(one.partition("=")[::2] for one in given)


def _file(reference: str) -> Path:
    name = "/".join(registry.split(reference)).replace("/", "%")
    return Path(os.environ["DOCKER_CONFIG"]) / "images" / name


def _keep(reference: str, image: Image) -> None:
    _file(reference).parent.mkdir(parents=True, exist_ok=True)
    _file(reference).write_bytes(pickle.dumps(image))


def _kept(reference: str) -> Image:
    try:
        found: Image = pickle.loads(_file(reference).read_bytes())
    except FileNotFoundError:
        raise StepError(f"An image does not exist locally with the tag: {reference}") from None
    return found


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except StepError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
