"""Images out of archives, copied to the lab's GHCR."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub2ghcr.archives import Archives
from hub2ghcr.copying import Copied, Copier, Failed, Job
from hub2ghcr.credentials import Credential
from hub2ghcr.errors import ArchiveError
from hub2ghcr.lock import Lock
from hub2ghcr.reference import Reference
from hub2ghcr.registry import Access, Patience, Registries
from hub2ghcr.registry.content import ACCEPT, digest_of
from hub2ghcr.resolving import Resolution, Wanted, locked, resolve
from lab import accounts, images, oci, registry_admin
from tests.hub2ghcr.archives import shapes

ROOT = Path(__file__).resolve().parent.parent.parent
QUICK = Patience(attempts=2, first=0.01, longest=1)
SHOP = next(each for each in images.DEMO_IMAGES if (each.repository, each.tag) == ("acme/shop", "1.4.2"))

pytestmark = pytest.mark.e2e


@dataclass(frozen=True)
class Pair:
    """The lab's two registries."""

    state: Path
    urls: Mapping[str, str]

    def open(self) -> Registries:
        hub = Credential(accounts.HUB_READER.user, accounts.HUB_READER.token)
        ghcr = Credential(accounts.MIGRATION.user, accounts.MIGRATION.token)
        return Registries(
            [Access("docker.io", self.urls["hub"], pull=hub), Access("ghcr.io", self.urls["ghcr"], push=ghcr)], QUICK
        )

    def copy(self, job: Job, archives: Archives) -> Copied:
        """Copy one image; the requests at the source are counted from here on."""
        registry_admin.reset_counters(self.state, "hub")
        with self.open() as registries, Copier(registries, archives=archives) as copier:
            (result,) = copier.copy_all([job])
        if isinstance(result, Failed):
            raise result.error
        assert isinstance(result, Copied)
        return result

    def lock(self, reference: str, lock: Lock, archives: Archives | None = None, *, update: bool = False) -> Resolution:
        """Resolve one image; the requests at the source are counted from here on."""
        registry_admin.reset_counters(self.state, "hub")
        wanted = Wanted(Reference.parse(reference), "ghcr.io/acme/app:1")
        with self.open() as registries:
            (found,) = resolve([wanted], lock, registries, archives=archives, update=update)
        return found

    def at_hub(self) -> dict[str, int]:
        return registry_admin.counters(self.state, "hub")

    def read(self, repository: str, path: str) -> bytes:
        """Read from GHCR, past our own client."""
        headers = {"Authorization": f"Bearer {registry_admin.token(self.state, 'ghcr', repository)}", "Accept": ACCEPT}
        url = f"{self.urls['ghcr']}/v2/{repository}/{path}"
        found = httpx.get(url, headers=headers, trust_env=False, follow_redirects=True, timeout=10)
        assert found.status_code == 200, (url, found.text)
        return found.content

    def whole(self, repository: str, reference: str) -> dict[str, bytes]:
        """Everything that an image is at GHCR, by digest."""
        content = self.read(repository, f"manifests/{reference}")
        found = {digest_of(content): content}
        data = json.loads(content)
        for child in data.get("manifests", []):
            found.update(self.whole(repository, child["digest"]))
        for blob in filter(None, [data.get("config"), *data.get("layers", [])]):
            found[blob["digest"]] = self.read(repository, f"blobs/{blob['digest']}")
        return found


@pytest.fixture(scope="module")
def pair(lab_state: Path, lab_registries: dict[str, str]) -> Iterator[Pair]:
    yield Pair(lab_state, lab_registries)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("archives")


def partial(path: Path, name: str, made: oci.Image) -> Path:
    """Write what containerd exports of an image for one platform: the index, and of its children the first."""
    files = shapes.layout({name: made})
    for left_out in made.manifests[1:]:
        del files[f"blobs/{left_out.digest.replace(':', '/')}"]
    return shapes.write(path, files)


@given(
    st.lists(st.binary(max_size=3000), min_size=1, max_size=3),
    st.sampled_from([("amd64",), ("amd64", "arm64")]),
    st.sampled_from(["tar", "folder", "saved", "packed"]),
)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_image_in_any_archive_arrives_byte_for_byte(
    pair: Pair, place: Path, layers: list[bytes], architectures: tuple[str, ...], shape: str
) -> None:
    made, key = shapes.image(*layers, architectures=architectures), uuid.uuid4().hex
    source, repository = f"docker.io/acme/{key}:1", f"acme/archives/{key}"
    match shape:
        case "folder":
            path = shapes.spread(place / key, shapes.layout({source: made}))
        case "tar":
            path = shapes.write(place / key, shapes.layout({source: made}))
        case _:
            path = shapes.write(place / key, shapes.saved({source: made}, packed=shape == "packed"))
    archives = Archives([path])
    (named,) = archives.images()
    done = pair.copy(Job(source, f"ghcr.io/{repository}:1", named.digest), archives)
    assert (done.outcome, pair.at_hub()) == ("copied", {})
    found = pair.whole(repository, "1")
    assert all(digest_of(content) == digest for digest, content in found.items())
    if shape in ("tar", "folder"):
        assert found == {each.digest: each.data for each in (made.index, *made.manifests, *made.blobs)}
    else:
        config, unpacked = shapes.parts(made)
        assert named.digest in found
        assert config.digest in found
        assert shape == "packed" or {each.digest for each in unpacked} <= set(found)


def test_what_an_archive_holds_costs_no_pull_and_the_rest_comes_from_the_registry(pair: Pair, place: Path) -> None:
    job = Job("docker.io/acme/shop:1.4.2", f"ghcr.io/acme/archives/{uuid.uuid4().hex}:1.4.2", SHOP.image.digest)
    done = pair.copy(job, Archives([partial(place / "shop.tar", job.source, SHOP.image)]))
    assert (done.outcome, pair.at_hub()["manifest_get"]) == ("copied", 1)
    repository = job.target.removeprefix("ghcr.io/").partition(":")[0]
    made = SHOP.image
    assert pair.whole(repository, "1.4.2") == {
        each.digest: each.data for each in (made.index, *made.manifests, *made.blobs)
    }


def test_platforms_that_neither_the_archive_nor_the_registry_has_are_named(pair: Pair, place: Path) -> None:
    made, key = shapes.image(), uuid.uuid4().hex
    job = Job(f"docker.io/acme/{key}:1", f"ghcr.io/acme/archives/{key}:1", made.digest)
    with pytest.raises(
        ArchiveError, match=rf"one\.tar: it lacks platforms of {job.source}.*linux/arm64;.*all-platforms"
    ):
        pair.copy(job, Archives([partial(place / "one.tar", job.source, made)]))


def test_an_image_that_an_archive_names_is_locked_from_it_and_stays_so_without_it(pair: Pair, place: Path) -> None:
    name, made = f"app-{uuid.uuid4().hex}:1", shapes.image()
    archives = Archives([shapes.write(place / "app.tar", shapes.layout({name: made}))])
    found = pair.lock(name, Lock(), archives)
    entry = found.entry
    assert (found.state, entry.digest, entry.resolved.source) == ("added", made.digest, "archive:app.tar")
    assert entry.platforms == ("linux/amd64", "linux/arm64")
    lock = locked(Lock(), [found])
    # Without the archive: a registry may have somebody else's image under this name.
    for offered in (archives, None):
        again = pair.lock(name, lock, offered, update=True)
        assert (again.state, locked(lock, [again]), pair.at_hub()) == ("unchanged", lock, {})


def test_another_image_under_its_name_is_shown_and_followed_only_on_demand(pair: Pair, place: Path) -> None:
    name, old, new = f"app-{uuid.uuid4().hex}:1", shapes.image(name="old"), shapes.image(name="new")
    one = Archives([shapes.write(place / "old.tar", shapes.saved({name: old}))])
    other = Archives([shapes.write(place / "new.tar", shapes.layout({name: new}))])
    lock = locked(Lock(), [pair.lock(name, Lock(), one)])
    moved = pair.lock(name, lock, other)
    assert (moved.state, moved.found, locked(lock, [moved])) == ("moved", new.digest, lock)
    followed = pair.lock(name, lock, other, update=True)
    assert (followed.state, followed.entry.digest, followed.entry.resolved.source) == (
        "followed",
        new.digest,
        "archive:new.tar",
    )


def test_what_no_archive_names_is_locked_from_its_registry(pair: Pair, place: Path) -> None:
    archives = Archives([shapes.write(place / "other.tar", shapes.layout({"docker.io/acme/shop:9": SHOP.image}))])
    found = pair.lock("acme/shop:1.4.2", Lock(), archives)
    assert (found.entry.digest, found.entry.resolved.source) == (SHOP.image.digest, "docker.io")
    # The tag is asked for, and what it stands for is in the archive.
    assert "manifest_head" in pair.at_hub()
    assert "manifest_get" not in pair.at_hub()


STACK = """
config:
  pulumi:disable-default-providers: [kubernetes, github]
  hub2ghcr:phase: cutover
  hub2ghcr:registries:
    docker.io: {{endpoint: "{hub}"}}
    "localhost:32000": {{endpoint: "http://127.0.0.1:9"}}
    ghcr.io: {{endpoint: "{ghcr}", push: ghcr}}
  hub2ghcr:credentials:
    ghcr: {{username: acme-migration, secretKey: ghcrToken}}
  hub2ghcr:ghcrToken: {{secure: "v1:AAAA:BBBB"}}
  hub2ghcr:images: {{archives: [edge]}}
  hub2ghcr:mapping:
    rules:
      - {{from: docker.io/library/*, to: "ghcr.io/{folder}/*"}}
      - {{from: "localhost:32000/*", to: "ghcr.io/{folder}/edge/*"}}
  hub2ghcr:clusters:
    - name: c
      kubeconfig: ${{KUBECONFIG}}
      context: c
      pull: ghcr
      namespaces: {{n: {{manifests: [stacks/n.yaml]}}}}
"""
WORKLOAD = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: d, namespace: n}
spec:
  selector: {matchLabels: {a: b}}
  template:
    metadata: {labels: {a: b}}
    spec:
      containers:
        - {name: one, image: "mynginx:local"}
        - {name: two, image: "localhost:32000/app:1"}
"""


def test_the_commands_move_what_exists_on_a_laptop_and_on_a_node_alone(pair: Pair, tmp_path: Path) -> None:
    folder = f"acme/archives-{uuid.uuid4().hex}"
    laptop, node = shapes.image(name="laptop", architectures=("amd64",)), shapes.image(name="node")
    shapes.write(tmp_path / "laptop.tar", shapes.saved({"mynginx:local": laptop}))
    shapes.spread(tmp_path / "edge", shapes.layout({"localhost:32000/app:1": node}))
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "Pulumi.t.yaml").write_text(STACK.format(**pair.urls, folder=folder))
    (tmp_path / "stacks" / "n.yaml").write_text(WORKLOAD)

    def run(*args: str) -> subprocess.CompletedProcess[str]:
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "PYTHONPATH": str(ROOT),
            "HUB2GHCR_SECRET_GHCR_TOKEN": accounts.MIGRATION.token,
        }
        command = [sys.executable, "-m", "hub2ghcr", *args, "-s", "t"]
        return subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False)

    # Negative control: what no archive holds is in no registry.
    assert "docker.io/library/mynginx:local: no such image" in run("lock").stderr
    locking = run("lock", "--archive", "laptop.tar")
    assert locking.returncode == 0, locking.stderr
    lock = (tmp_path / "images.lock.yaml").read_text()
    assert "from: archive:edge" in lock and "from: archive:laptop.tar" in lock
    assert run("lock", "--check").returncode == 0

    alone = run("copy")
    assert alone.returncode == 1
    assert "it was locked from the archive laptop.tar; give that with `--archive`" in alone.stderr
    copying = run("copy", "--archive", "laptop.tar")
    assert copying.returncode == 0, copying.stderr
    found = pair.whole(f"{folder}/edge/app", "1")
    assert found == {each.digest: each.data for each in (node.index, *node.manifests, *node.blobs)}
    assert {each.digest for each in shapes.parts(laptop)[1]} < set(pair.whole(f"{folder}/mynginx", "local"))
    # What is there needs no archive any more.
    assert run("copy").returncode == 0


def test_an_archive_that_is_none_is_an_error_of_the_command(pair: Pair, tmp_path: Path) -> None:
    (tmp_path / "x.tar").write_text("hello")
    (tmp_path / "images.lock.yaml").write_text("version: 1\nimages: []\n")
    command = [sys.executable, "-m", "hub2ghcr", "copy", "--lock", "images.lock.yaml", "--archive", "x.tar"]
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: x.tar: neither a tar archive nor a folder")
