"""Lines of the documentation that no lab can run, each with the reason; the run's table counts them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Apart:
    """Lines that match ``pattern`` are left out: ``why``."""

    pattern: str
    why: str


APART: Final = (
    Apart(r"HUB2GHCR_LIVE|-m tests\.live", "asks the real GHCR and Docker Hub, with tokens of the reader's"),
    Apart(r"^pip |^pipx |^brew ", "loads packages from the network"),
    Apart(r"^(microk8s )?ctr ", "a node's own program; test_platform_microk8s and test_archives export images"),
    Apart(r"db\.example\.com|postgres://…|PGPASSWORD", "a database of the reader's; test_fleet_backend has one"),
    Apart(r"\bkubectl -n fleet wait\b", "needs the operator itself, which has to come from the network"),
    Apart(r"^docker ", "there is no Docker here; the tests of packaging build and read the image's files"),
    Apart(
        r"^make (?!lab-)|&& make dist",
        "a target of its own, for minutes: make test, the releases and the benchmarks run them",
    ),
    Apart(r"hub2ghcr build ", "kaniko's image comes from the network; test_platform_kaniko builds with one of its own"),
    Apart(
        r"/var/snap|/etc/docker|/var/lib/pulumi", "writes to the machine; test_platform_microk8s runs it on a folder"
    ),
    Apart(
        r"pulumi stack (init STACK|export |import )|--expect-no-changes|^rm state.json",
        "the engine's own commands, on a second backend of the reader's; test_fleet_backend has two",
    ),
    Apart(r"copy --lock ", "asks the real GHCR: no stack says where another one is; test_copying copies so on the lab"),
    Apart(r"lock --from-scan ", "asks the real Docker Hub: no stack says where another one is"),
    Apart(r"hub2ghcr nodes ", "a stack with `nodeMirror`; test_platform_containerd has one"),
    Apart(r"^gh ", "asks GitHub for what a release there has"),
    Apart(r"^helm ", "the lab has no helm on its path; test_cluster_sources renders charts"),
    Apart(r"completion (zsh|fish)", "shells that are not here; the tests of the command line print both"),
    Apart(r"^pulumi package add ", "this language host makes no package for others; tests of the schema read it"),
    Apart(r"--from-config ", "reads the reader's own ~/.docker; the tests of secrets have one"),
    Apart(r"^make lab-up$|-m lab env\)|make lab-down$", "the test's own lab is up"),
)


def why(text: str) -> str:
    """Return why a line is left out, empty for one that runs."""
    return next((each.why for each in APART if re.search(each.pattern, text)), "")
