"""The main job, told step by step on the lab: ``python3 -m lab.demo``.

An application runs on Docker Hub images; one ``pulumi up`` moves it to GHCR, with the GitHub side; Pods then run on
images that the kubelet pulled from GHCR. Each run starts from a lab of its own, and leaves it up to be played with.
"""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from lab import application, cluster, node_images, stage
from lab.accounts import GITHUB_ADMIN
from lab.errors import LabError
from lab.kubectl import kubectl
from lab.running import Container, containers
from lab.toolchain.progress import step

ROOT = Path(__file__).resolve().parent.parent
"""The checkout: the Pulumi program and its stacks."""

NAMESPACES = ("jobs", "shop", "smoke")


def main(argv: list[str] | None = None) -> int:
    """Run the demo; 0 when every step held, 1 with one clear line otherwise."""
    parser = argparse.ArgumentParser(prog="python3 -m lab.demo", description=__doc__)
    parser.add_argument("--dir", type=Path, default=ROOT / ".lab", help="the lab's state (default: .lab)")
    options = parser.parse_args(argv)
    console = Console(width=None if sys.stdout.isatty() else 160)
    try:
        tell(console, options.dir, stage.fresh(options.dir))
    except LabError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"demo: {error.strerror or error}: {error.filename}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("demo: interrupted; `make demo` starts anew, `make lab-down` ends the lab", file=sys.stderr)
        return 130
    return 0


def tell(console: Console, state: Path, env: Mapping[str, str]) -> None:
    """Every step of the demo, on the new lab in ``state``. Raises ``LabError`` at the first step that does not hold."""
    began = time.monotonic()
    pulls_seen = cluster.pulls(state)
    console.rule("1. The application as it runs today, on Docker Hub")
    with step("kubectl apply: two namespaces, six workloads"):
        application.deploy(env, ROOT / "stacks" / "demo")
    with step("waiting until it runs"):
        application.settle(env)
        application.run_report(env, "before")
    before = containers(env, NAMESPACES)
    console.print(table_before(before))

    console.rule("2. Lock and plan: every image, its digest, its new name")
    run(env, "hub2ghcr", "lock", "-s", "demo")
    run(env, "hub2ghcr", "plan", "-s", "demo")

    console.rule("3. The migration: pulumi up -s demo")
    if pulls_seen:
        with step("the node forgets its Docker Hub images: what starts from here on is pulled from GHCR"):
            node_images.forget_hub(state)
    run(env, "pulumi", "stack", "select", "--create", "demo")
    run(env, "pulumi", "up", "-s", "demo", "--yes", "--non-interactive", "--skip-preview", "--suppress-permalink=true")
    with step("waiting until the switched workloads run"):
        application.settle(env)
        application.run_report(env, "after")
        kubectl(env, "wait", "--for=condition=ready", "pod/smoke", "-n", "smoke", "--timeout=60s")

    console.rule("4. After: what runs, and where the kubelet pulled it")
    after = containers(env, NAMESPACES)
    console.print(table_after(before, after))
    stranded = not_migrated(after, pulled=pulls_seen)
    if stranded:
        raise LabError("not migrated: " + "; ".join(stranded), remedy="kubectl get events -A; python3 -m lab logs")
    console.print(table_github(env))

    console.rule("5. Once more: nothing changes")
    run(env, "pulumi", "up", "-s", "demo", "--yes", "--non-interactive", "--skip-preview", "--suppress-permalink",
        "--expect-no-changes")  # fmt: skip
    console.print(next_steps(state, time.monotonic() - began))
    if not pulls_seen:
        console.print("Not root: kwok's nodes stood in for the kubelet, so nothing was pulled.", style="bold yellow")


def run(env: Mapping[str, str], *command: str, timeout: float = 600.0) -> None:
    """Show a command and run it in the checkout, its output as it comes. Raises ``LabError`` when it fails."""
    print(f"\n$ {shlex.join(command)}", flush=True)
    try:
        done = subprocess.run(command, cwd=ROOT, env=dict(env), stdin=subprocess.DEVNULL, timeout=timeout, check=False)
    except FileNotFoundError as error:
        raise LabError(f"{command[0]} is not on the lab's PATH", remedy="make venv; python3 -m lab up") from error
    except subprocess.TimeoutExpired as error:
        raise LabError(f"`{shlex.join(command)}` did not end within {timeout:.0f} s") from error
    if done.returncode != 0:
        raise LabError(f"`{shlex.join(command)}` failed with exit code {done.returncode} (see above)")


def not_migrated(after: Iterable[Container], *, pulled: bool) -> list[str]:
    """Containers that do not run as the demo promises: a Docker Hub image other than the local one, or not running."""
    wrong = []
    for row in after:
        name = f"{row.namespace}/{row.workload}/{row.container}"
        stays = row.image.startswith("quay.io/") or row.image == "mynginx:local"
        if not stays and not row.image.startswith("ghcr.io/"):
            wrong.append(f"{name} is still {row.image}")
        if row.state not in ("Running", "Completed"):
            wrong.append(f"{name} is {row.state}")
        if pulled and not stays and not row.image_id.startswith("ghcr.io/"):
            wrong.append(f"{name} runs {row.image_id or 'no image'}")
    return wrong


def table_before(rows: Iterable[Container]) -> Table:
    """The application before its migration."""
    table = Table("namespace", "workload", "container", "image", "pulled", "running", title="before")
    for row in rows:
        table.add_row(row.namespace, row.workload, row.container, row.image, row.pulled, row.state)
    return table


def table_after(before: Iterable[Container], after: Iterable[Container]) -> Table:
    """Each container with its image before and after; ``imageID`` is what the runtime says it runs."""
    was = {(row.namespace, row.workload, row.container): row.image for row in before}
    table = Table("namespace", "workload", "image from", "image to", "pulled", "running", title="after")
    for row in after:
        old = was.get((row.namespace, row.workload, row.container), "(new)")
        new = "(stays)" if old == row.image else short(row.image)
        table.add_row(row.namespace, row.workload, short(old), new, row.pulled, row.state)
    return table


def short(image: str) -> str:
    """An image for a narrow column: its digest cut to twelve digits."""
    name, at, digest = image.partition("@")
    return f"{name}{at}{digest[:19]}…" if at else name


def table_github(env: Mapping[str, str]) -> Table:
    """The GitHub side after the migration, as its API tells it."""
    api = httpx.Client(
        base_url=env["LAB_GITHUB_URL"].rstrip("/") + "/api/v3",
        headers={"Authorization": f"Bearer {GITHUB_ADMIN.token}"},
        timeout=10,
        trust_env=False,
    )
    table = Table("what", "state", title="GitHub: acme/shop")
    with api:
        secret = api.get("/repos/acme/shop/actions/secrets/CR_PAT")
        table.add_row("secret CR_PAT", "set " + secret.json()["created_at"] if secret.is_success else "missing")
        path = ".github/workflows/docker-publish.yml"
        file = api.get(f"/repos/acme/shop/contents/{path}")
        table.add_row(f"workflow {path}", f"{file.json()['size']} bytes" if file.is_success else "missing")
        packages, page = [], "/orgs/acme/packages?package_type=container&per_page=100"
        while page:
            answer = api.get(page)
            packages += answer.json()
            page = answer.links.get("next", {}).get("url", "")
        for package in sorted(packages, key=lambda p: str(p["name"])):
            table.add_row(f"package {package['name']}", package["visibility"])
    return table


def next_steps(state: Path, seconds: float) -> str:
    """What a newcomer can try on the lab that is still up."""
    where = "" if state == ROOT / ".lab" else f" --dir {shlex.quote(os.fspath(state))}"
    return f"""
The migration took {seconds:.0f} s. The lab is still up. Try:

  eval "$(python3 -m lab env{where})"           # PATH, KUBECONFIG and Pulumi's settings of the lab
  kubectl get pods -A -o wide
  pulumi preview -s demo                       # nothing to do
  sed -i 's#acme/shop:1.4.2#acme/shop:1.4.3#' stacks/demo/shop.yaml
  hub2ghcr lock -s demo                        # a new line in images.lock.yaml
  pulumi preview -s demo --diff                # the very references that `pulumi up` will apply
  pulumi destroy -s demo                       # leaves the copied images and the running workloads alone
  make lab-down                                # ends it, leaves nothing behind
"""


if __name__ == "__main__":
    sys.exit(main())
