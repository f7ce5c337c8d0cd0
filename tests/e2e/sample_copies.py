"""A copy of the samples, in this process or as a whole command, between the lab's two registries."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from hub2ghcr.copying import Copier, Failed
from hub2ghcr.credentials import Credential
from hub2ghcr.manifest_store import ManifestStore
from hub2ghcr.registry import Access, Patience, Registries
from lab import accounts, registry_admin
from lab.registry_admin import Fault
from lab.registry_config import PLACES, Place
from tests.e2e import samples
from tests.e2e.samples import Repeats

ROOT = Path(__file__).resolve().parent.parent.parent
QUICK = Patience(attempts=5, first=0.02, longest=5, silence=1)
HUB = Credential(accounts.HUB_READER.user, accounts.HUB_READER.token)
GHCR = Credential(accounts.MIGRATION.user, accounts.MIGRATION.token)

HEAD = (
    "fault",
    "happened",
    "runs",
    "blobs read again",
    "blobs put again",
    "manifests read again",
    "manifests put again",
)


@dataclass(frozen=True)
class SampleCopies:
    """The two registries with the samples at the source, and a folder of targets that is this test's own."""

    state: Path
    urls: Mapping[str, str]
    folder: str
    cache: Path
    rows: list[tuple[str, ...]]

    def open(self) -> Registries:
        hub = Access("docker.io", self.urls["hub"], pull=HUB)
        return Registries([hub, Access("ghcr.io", self.urls["ghcr"], push=GHCR)], QUICK)

    def copy(self) -> list[Failed]:
        """Copy all, with what earlier runs kept of manifests; the failures."""
        kept = ManifestStore(self.cache)
        with self.open() as registries, Copier(registries, jobs=4, manifests=kept) as copier:
            results = copier.copy_all([item.job(self.folder) for item in samples.samples()])
        return [each for each in results if isinstance(each, Failed)]

    def inject(self, place: Place, *faults: Fault) -> None:
        for fault in faults:
            registry_admin.inject(self.state, place, fault)

    def calm(self) -> None:
        for place in PLACES:
            registry_admin.clear_faults(self.state, place)
            registry_admin.reset_rules(self.state, place)
            registry_admin.reset_counters(self.state, place)
        registry_admin.set_limit(self.state, "hub", anonymous=10_000, account=10_000, window=21600)

    def happened(self) -> int:
        return sum(registry_admin.counters(self.state, place).get("fault", 0) for place in PLACES)

    def wrong(self) -> list[str]:
        return samples.faults_of(self.state, self.folder)

    def report(self, name: str, happened: str, runs: int) -> Repeats:
        again = Repeats.seen(self.state)
        counts = (again.read_blobs, again.put_blobs, again.read_manifests, again.put_manifests)
        self.rows.append((name, happened, str(runs), *map(str, counts)))
        return again


def write_project(folder: Path, copies: SampleCopies) -> None:
    """Write a project whose stack ``t`` moves the samples to the copies's targets, and lock it with our command."""
    (folder / "stacks").mkdir()
    names = [item.name for item in samples.samples()]
    to = f"ghcr.io/{copies.folder}"
    stack = {
        "pulumi:disable-default-providers": ["kubernetes", "github"],
        "hub2ghcr:phase": "prepare",
        "hub2ghcr:registries": {
            "docker.io": {"endpoint": copies.urls["hub"], "pull": "hub"},
            "ghcr.io": {"endpoint": copies.urls["ghcr"], "push": "ghcr"},
        },
        "hub2ghcr:credentials": {
            "hub": {"username": HUB.username, "secretKey": "hubToken"},
            "ghcr": {"username": GHCR.username, "secretKey": "ghcrToken"},
        },
        "hub2ghcr:hubToken": {"secure": "v1:AAAA:BBBB"},
        "hub2ghcr:ghcrToken": {"secure": "v1:AAAA:BBBB"},
        "hub2ghcr:mapping": {
            "rules": [{"from": f"docker.io/acme/samples-{each}", "to": f"{to}/{each}"} for each in names]
        },
        "hub2ghcr:clusters": [
            {
                "name": "c",
                "kubeconfig": "unused",
                "context": "c",
                "pull": "ghcr",
                "namespaces": {"n": {"manifests": ["stacks/pod.yaml"]}},
            }
        ],
    }
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p", "namespace": "n"},
        "spec": {"containers": [{"name": n, "image": f"acme/samples-{n}:{samples.TAG}"} for n in names]},
    }
    (folder / "stacks" / "Pulumi.t.yaml").write_text(yaml.safe_dump({"config": stack}))
    (folder / "stacks" / "pod.yaml").write_text(yaml.safe_dump(pod))
    finish(start(folder, "lock", "-s", "t"))


def start(project: Path, *command: str, **more: str) -> subprocess.Popen[str]:
    """Our command as a whole process, ``copy`` by default."""
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(project),
        "PYTHONPATH": str(ROOT),
        "HUB2GHCR_SECRET_HUB_TOKEN": HUB.secret,
        "HUB2GHCR_SECRET_GHCR_TOKEN": GHCR.secret,
        **more,
    }
    argv = [sys.executable, "-m", "hub2ghcr", *(command or ("copy", "-s", "t", "--jobs", "4"))]
    return subprocess.Popen(argv, cwd=project, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> str:
    """What it said on stderr, once it ended well."""
    _, told = process.communicate(timeout=60)
    assert process.returncode == 0, told
    return told
