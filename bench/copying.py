"""``make bench-copy``: images copied by us and by peers, side by side in one run.

Both registries are the lab's, on loopback, with token authentication and without a pull limit. Every program runs as a
whole process: peers that copy one image at a time are run eight at once. Every turn of a first copy begins with an
empty target; every turn of a copy with nothing to do finds the same target.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import resource
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from bench.image_sets import TAG, ImageSet
from bench.measuring import Cost, measure, show, table
from lab import large_image, registries, registry_admin, registry_config, toolchain
from lab.accounts import HUB_READER, MIGRATION
from lab.errors import LabError
from lab.registry_config import PLACES

ROOT = Path(__file__).resolve().parent.parent
JOBS = "8"
TARGET = "acme/bench"
OURS, LOCKED = "hub2ghcr", "hub2ghcr, after its lock"
"""Ours with an empty cache, as peers always are, and with the manifests that its own ``lock`` has read before."""
SKOPEO_COPY, SKOPEO_SYNC = f"skopeo copy, {JOBS} at once", "skopeo sync"
HOSTS = {"docker.io": "hub", "ghcr.io": "ghcr"}
KINDS = ("manifest_get", "manifest_head", "blob_get", "blob_head", "token")


@dataclass
class Bench:
    """The running registries, a folder for everything that programs write, and what is measured so far."""

    state: Path
    folder: Path
    tools: Mapping[str, Path]
    env: Mapping[str, str]
    turns: int
    requests: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def urls(self) -> dict[str, str]:
        """Each registry as ``host:port``, by the place it plays."""
        return {str(place): url.partition("//")[2] for place, url in registries.endpoints(self.state).items()}

    def compare(self, title: str, commands: Mapping[str, list[str]], *, empty: bool) -> None:
        """Run the commands in turns, with an ``empty`` target each time or with the one that is there, and print."""
        best: dict[str, Cost] = {}
        requests: dict[str, dict[str, int]] = {}
        for _ in range(self.turns):
            for name, command in commands.items():
                if empty:
                    self.forget_target()
                cost, requests[name] = self.run(command, fresh=name != LOCKED)
                best[name] = cost.best(best.get(name, cost))
        show(title, best)
        rows = [
            (name, *(f"{told.get(kind, 0):,}" for kind in KINDS), f"{sum(told.values()):,}")
            for name, told in requests.items()
        ]
        table("asked of the source", ("", *(kind.replace("_", " ").upper() for kind in KINDS), "in all"), rows)

    def run(self, command: list[str], *, fresh: bool = False) -> tuple[Cost, dict[str, int]]:
        """Run a command, with an empty cache if ``fresh``; what it took, and what it asked of the source."""
        cache = self.folder / ("fresh" if fresh else "cache")
        if fresh:
            shutil.rmtree(cache, ignore_errors=True)
        registry_admin.reset_counters(self.state, "hub")
        cost = measure(command, self.folder, {**self.env, "XDG_CACHE_HOME": str(cache), "XDG_DATA_HOME": str(cache)})
        return cost, registry_admin.counters(self.state, "hub")

    def forget_target(self) -> None:
        """Empty the stand-in for GHCR. It keeps nothing in memory, so that its folder may go while it runs."""
        shutil.rmtree(registry_config.folder(self.state, "ghcr") / "storage" / "docker", ignore_errors=True)

    def ours(self, name: str, repositories: tuple[str, ...]) -> list[str]:
        """Our command over the lock file that our own ``lock`` wrote for a stack of these images."""
        project = self.folder / name
        (project / "stacks").mkdir(parents=True)
        (project / "stacks" / "Pulumi.bench.yaml").write_text(yaml.safe_dump({"config": _stack(self.urls)}))
        (project / "stacks" / "pods.yaml").write_text(yaml.safe_dump_all(_pods(repositories)))
        ours = [sys.executable, "-m", "hub2ghcr", "-C", str(project)]
        self.run([*ours, "lock", "-s", "bench"])
        at = [f"--registry={host}=http://{self.urls[place]}" for host, place in HOSTS.items()]
        return [*ours, "copy", "--lock", "images.lock.yaml", *at, "--jobs", JOBS]

    def peers(self, name: str, repositories: tuple[str, ...]) -> dict[str, list[str]]:
        """The peers that there are, over the same images; those that copy one image at a time, eight at once."""
        hub, ghcr = self.urls["hub"], self.urls["ghcr"]
        pairs = [(f"{hub}/{each}:{TAG}", f"{ghcr}/{TARGET}/{each.rpartition('/')[2]}:{TAG}") for each in repositories]

        def pool(*command: str, scheme: str = "") -> list[str]:
            listed = self.folder / f"{name}{scheme.replace('://', '')}.pairs"
            listed.write_text("".join(f"{scheme}{source} {scheme}{target}\n" for source, target in pairs))
            return ["xargs", "-P", JOBS, "-L", "1", "-a", str(listed), *command]

        hosts = [f"--host=reg={each},tls=disabled" for each in (hub, ghcr)]
        found = {
            f"crane v0.20.6, {JOBS} at once": pool(str(self.tools["crane"]), "copy"),
            f"regctl v0.11.1, {JOBS} at once": pool(str(self.tools["regctl"]), *hosts, "image", "copy"),
        }
        if "skopeo" in self.tools:
            skopeo = str(self.tools["skopeo"])
            plain = ["--src-tls-verify=false", "--dest-tls-verify=false", "--all"]
            found[SKOPEO_COPY] = pool(skopeo, "copy", "--quiet", *plain, scheme="docker://")
            source = self.folder / f"{name}.sync.yaml"
            asked = {each: [TAG] for each in repositories}
            source.write_text(yaml.safe_dump({hub: {"tls-verify": False, "images": asked}}))
            target = ["--src", "yaml", "--dest", "docker", str(source), f"{ghcr}/{TARGET}"]
            found[SKOPEO_SYNC] = [skopeo, "sync", "--dest-tls-verify=false", "--all", *target]
        return found


def _stack(urls: Mapping[str, str]) -> dict[str, object]:
    return {
        "pulumi:disable-default-providers": ["kubernetes", "github"],
        "hub2ghcr:phase": "prepare",
        "hub2ghcr:registries": {
            "docker.io": {"endpoint": f"http://{urls['hub']}", "pull": "hub"},
            "ghcr.io": {"endpoint": f"http://{urls['ghcr']}", "push": "ghcr"},
        },
        "hub2ghcr:credentials": {
            "hub": {"username": HUB_READER.user, "secretKey": "hubToken"},
            "ghcr": {"username": MIGRATION.user, "secretKey": "ghcrToken"},
        },
        "hub2ghcr:hubToken": {"secure": "v1:AAAA:BBBB"},
        "hub2ghcr:ghcrToken": {"secure": "v1:AAAA:BBBB"},
        "hub2ghcr:mapping": {"rules": [{"from": "docker.io/acme/*", "to": f"ghcr.io/{TARGET}/*"}]},
        "hub2ghcr:clusters": [
            {
                "name": "bench",
                "kubeconfig": "unused",
                "context": "unused",
                "pull": "ghcr",
                "namespaces": {"bench": {"manifests": ["stacks/pods.yaml"]}},
            }
        ],
    }


def _pods(repositories: tuple[str, ...]) -> Iterator[dict[str, object]]:
    for number, each in enumerate(repositories):
        yield {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": f"pod-{number}", "namespace": "bench"},
            "spec": {"containers": [{"name": "one", "image": f"{each}:{TAG}"}]},
        }


@contextmanager
def running(turns: int) -> Iterator[Bench]:
    """Both registries, up in a folder of their own that is gone at the end, with what every program needs to log in."""
    tools = toolchain.resolve(["registry", "crane", "regctl"], quiet=True)
    programs = {name: tools.program(name) for name in ("crane", "regctl")}
    if skopeo := shutil.which("skopeo"):
        programs["skopeo"] = Path(skopeo)
    else:
        print("skopeo is left out: it is not installed (Debian's package of that name)")
    with tempfile.TemporaryDirectory(prefix="hub2ghcr-bench-") as temporary:
        state, folder = Path(temporary, "lab"), Path(temporary, "work")
        for each in (state, folder):
            each.mkdir()
        try:
            registries.up(state, tools)
            registry_admin.set_limit(state, "hub", anonymous=1_000_000, account=1_000_000)
            bench = Bench(state, folder, programs, {}, turns)
            bench.env = _environment(bench)
            yield bench
        finally:
            registries.down(state)


def _environment(bench: Bench) -> dict[str, str]:
    accounts = {"hub": HUB_READER, "ghcr": MIGRATION}
    auths = {
        place: {"auth": base64.b64encode(f"{each.user}:{each.token}".encode()).decode()}
        for place, each in accounts.items()
    }
    logins = {bench.urls[place]: auth for place, auth in auths.items()}  # for peers
    logins |= {"https://index.docker.io/v1/": auths["hub"], "ghcr.io": auths["ghcr"]}
    (bench.folder / "config.json").write_text(json.dumps({"auths": logins}))
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "HUB2GHCR_SECRET_HUB_TOKEN": HUB_READER.token,
        "HUB2GHCR_SECRET_GHCR_TOKEN": MIGRATION.token,
        "DOCKER_CONFIG": str(bench.folder),
        "REGISTRY_AUTH_FILE": str(bench.folder / "config.json"),
        # As root, skopeo would keep for good what it knows of blobs; so it keeps that below XDG_DATA_HOME.
        "_CONTAINERS_ROOTLESS_UID": "1",
    }


def hundred(bench: Bench, count: int) -> None:
    """Images that share a layer for each platform, copied first and then again."""
    images = ImageSet("shared", count, 10_000)
    images.push(bench.state)
    ours, peers = bench.ours(images.name, images.repositories), bench.peers(images.name, images.repositories)
    title = f"{count} images for two platforms that share a layer of 5 MB for each: first copy"
    bench.compare(title, {OURS: ours, LOCKED: ours, **peers}, empty=True)
    bench.run(ours)
    peers.pop(SKOPEO_COPY, None)  # with nothing to do, sync is its better form
    bench.compare("the same again, nothing to do", {OURS: ours, **peers}, empty=False)


def thousand(bench: Bench, count: int) -> None:
    """Many images, copied first by us alone, and then again by all."""
    images = ImageSet("many", count, 100)
    images.push(bench.state)
    ours = bench.ours(images.name, images.repositories)
    bench.forget_target()
    cost, _ = bench.run(ours, fresh=True)
    show(f"{count:,} images for two platforms: first copy, one turn", {OURS: cost})
    peers = bench.peers(images.name, images.repositories)
    peers.pop(SKOPEO_COPY, None)
    bench.compare("the same again, nothing to do", {OURS: ours, **peers}, empty=False)


def large(bench: Bench, size: int) -> None:
    """One image with one large layer."""
    large_image.push(bench.state, "acme/large", TAG, size)
    ours, peers = bench.ours("large", ("acme/large",)), bench.peers("large", ("acme/large",))
    peers.pop(SKOPEO_SYNC, None)
    bench.compare(f"one image of {size / 1e9:.1f} GB", {OURS: ours, **peers}, empty=True)


def main() -> None:
    """Read the options, and measure."""
    parser = argparse.ArgumentParser(prog="bench.copying", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--turns", type=int, default=3, help="best of how many (default: 3)")
    parser.add_argument("--only", choices=["hundred", "thousand", "large"], help="one set alone")
    parser.add_argument("--scale", type=float, default=1.0, help="size of the sets, for a quick look (default: 1)")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        measure_all(options.turns, options.only, options.scale)
    except LabError as error:
        sys.exit(f"bench: {error}")


def measure_all(turns: int, only: str | None, scale: float) -> None:
    """Push each set, measure it, print its tables, and forget it."""
    with running(turns) as bench:
        for name, measured, size in (
            ("hundred", hundred, 100),
            ("thousand", thousand, 1000),
            ("large", large, 1_000_000_000),
        ):
            if only in (None, name):
                measured(bench, int(size * scale))
                for place in PLACES:  # each set begins with empty registries
                    shutil.rmtree(registry_config.folder(bench.state, place) / "storage" / "docker", ignore_errors=True)


if __name__ == "__main__":
    main()
