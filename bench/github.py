"""``make bench-github``: secrets and publish workflows of many repositories, by us and by a bare pulumi-github program.

GitHub is the lab's stand-in, which answers at once and limits nothing: what is compared is what a program adds, and how
many calls it makes. The bare program declares the same secrets and files; it proves nothing and takes over whatever is
there. Ours commits here, since a bare program can do no other.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from bench.measuring import Cost, table
from bench.up.tree import measure
from lab import environment, github, github_admin, toolchain
from lab.errors import LabError

OURS = "our program"
BARE = "bare program, legacy client, 1 s between writes (the provider's defaults)"
QUICK = "bare program, legacy client, no delay"
NEW = "bare program, new client"
CLIENTS = {BARE: "", QUICK: "write_delay_ms=0, ", NEW: "legacy_client=False, "}
UP = ["up", "--yes", "--skip-preview"]
RUNS = {
    "preview": ["preview"],
    "up": UP,
    "up, nothing to do": [*UP, "--expect-no-changes"],
    "up with its preview, nothing to do": ["up", "--yes", "--expect-no-changes"],
}
ROOT = Path(__file__).resolve().parent.parent
WORKFLOW = ".github/workflows/docker-publish.yml"
FEW = 50
"""Repositories up to which all clients are measured.

With the provider's defaults each write takes a second. With the new client 100 files that are new end in a standstill:
each 404 keeps one of the 100 places for calls (docs/adr/0009).
"""
DEADLINE = 3600.0
"""Seconds that one run may take."""

PROGRAM = """\
from pathlib import Path

import pulumi
import pulumi_github as github

secret = pulumi.Config("hub2ghcr").require_secret("crPatShop")
token = pulumi.Config("hub2ghcr").require_secret("githubAdminToken")
provider = github.Provider("acme", base_url={endpoint!r}, owner="acme", {client}token=token)
opts = pulumi.ResourceOptions(provider=provider)
text = Path("workflow.yml").read_text()
for name in {names!r}:
    made = github.ActionsSecret(f"{{name}}/secret", repository=name, secret_name="CR_PAT", value=secret, opts=opts)
    after = pulumi.ResourceOptions(provider=provider, depends_on=[made])
    github.RepositoryFile(
        f"{{name}}/file", repository=name, file={path!r}, content=text, commit_message="Publish", opts=after
    )
"""


@dataclass
class Bench:
    """A lab that is up, a folder for all that is written, and how many repositories."""

    folder: Path
    lab: Path
    env: Mapping[str, str]
    count: int
    costs: dict[str, dict[str, Cost]] = field(default_factory=dict)
    calls: dict[str, dict[str, Counter[str]]] = field(default_factory=dict)

    def run(self, who: str) -> None:
        """Measure a program on repositories of its own."""
        mark = f"t{secrets.token_hex(2)}"
        names = [f"shop-{mark}-{number}" for number in range(self.count)]
        for name in names:
            github_admin.add_repository(self.lab, "acme", name, {"Dockerfile": "FROM scratch\n"})
        folder = self.folder / mark
        (folder / "stacks").mkdir(parents=True)
        (self._ours if who == OURS else self._bare)(folder, names, who)
        measure(["pulumi", "stack", "init", mark], folder, self.env, timeout=60.0)
        for did, command in RUNS.items():
            github_admin.reset_calls(self.lab)
            argv = ["pulumi", *command, "--stack", mark, "--non-interactive", "--suppress-outputs"]
            self.costs.setdefault(did, {})[who] = measure(argv, folder, self.env, timeout=DEADLINE)
            made = Counter(f"{each['method']} {each['template']}" for each in github_admin.calls(self.lab))
            self.calls.setdefault(did, {})[who] = made

    def show(self) -> None:
        """Print what was measured."""
        for did, costs in self.costs.items():
            first = costs[OURS]
            rows = [
                (who, f"{each.wall:.1f} s", f"{each.cpu:.1f} s", f"{each.wall / first.wall:.2f}",
                 f"{self.calls[did][who].total() / self.count:.2f}")
                for who, each in costs.items()
            ]  # fmt: skip
            head = ("", "wall", "CPU", "wall, ours = 1", "calls a repository")
            table(f"{did}: {self.count} repositories, a secret and a workflow each", head, rows)
        for did in self.calls:
            table(f"Calls of our program, a repository: {did}", ("call", "times"), self._rows(did))

    def _rows(self, did: str) -> Iterator[tuple[str, str]]:
        for call, times in sorted(self.calls[did][OURS].items()):
            yield f"`{call}`", f"{times / self.count:.2f}" if "{repo}" in call else f"{times} in all"

    def _ours(self, folder: Path, names: list[str], _: str) -> None:
        for part in ("Pulumi.yaml", "__main__.py", "components", "hub2ghcr", "requirements.txt", ".venv"):
            (folder / part).symlink_to(ROOT / part)
        (folder / "images.lock.yaml").write_text("version: 1\nimages: []\n")
        base = self._stack()
        config = base["config"]
        del config["hub2ghcr:clusters"]
        wanted = {"secrets": {"CR_PAT": "cr-pat-shop"}, "workflow": {"path": WORKFLOW, "flavour": "pat"}}
        config["hub2ghcr:github"] |= {"repositories": dict.fromkeys(names, wanted), "packages": {}, "followSeconds": 0}
        (folder / "stacks" / f"Pulumi.{folder.name}.yaml").write_text(yaml.safe_dump(base, sort_keys=False))

    def _bare(self, folder: Path, names: list[str], who: str) -> None:
        options = {"toolchain": "pip", "virtualenv": sys.prefix}
        about = {"name": "bare", "runtime": {"name": "python", "options": options}, "stackConfigDir": "stacks"}
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump(about))
        base = self._stack()
        base["config"] = {key: value for key, value in base["config"].items() if "Token" in key or "crPat" in key}
        (folder / "stacks" / f"Pulumi.{folder.name}.yaml").write_text(yaml.safe_dump(base, sort_keys=False))
        endpoint = self.env["LAB_GITHUB_URL"]
        text = PROGRAM.format(endpoint=endpoint, client=CLIENTS[who], names=names, path=WORKFLOW)
        (folder / "__main__.py").write_text(text)
        (folder / "workflow.yml").write_text("on: push\njobs: {}\n")

    def _stack(self) -> dict[str, dict[str, dict[str, object]]]:
        """The demo's stack file, whose secrets open the lab alone."""
        found: dict[str, dict[str, dict[str, object]]] = yaml.safe_load(
            (ROOT / "stacks" / "Pulumi.demo.yaml").read_text()
        )
        return found


def main(argv: list[str] | None = None) -> int:
    """Compare; 0, or 1 with one clear line."""
    parser = argparse.ArgumentParser(prog="python -m bench.github", description=__doc__)
    parser.add_argument("--large", action="store_true", help="200 repositories instead of 20")
    parser.add_argument("--repositories", type=int, help="how many")
    options = parser.parse_args(argv)
    folder = Path(tempfile.mkdtemp(prefix="bench-github-"))
    lab = folder / "lab"
    try:
        github.up(lab)
        bench = Bench(folder, lab, {}, options.repositories or (200 if options.large else 20))
        bench.env = {**_clean(), **environment.environment(lab, toolchain.resolve())}
        for who in (OURS, *CLIENTS):
            if who in (OURS, QUICK) or bench.count <= FEW:
                bench.run(who)
        bench.show()
    except LabError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    finally:
        github.down(lab)
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _clean() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith(("GITHUB_", "PULUMI_"))}


if __name__ == "__main__":
    sys.exit(main())
