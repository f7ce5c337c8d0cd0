"""Locking against the lab's two registries: what an image consists of, what that costs, and what changes later."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from hub2ghcr.allowance import Budget
from hub2ghcr.copying import Copied, Copier, narrow
from hub2ghcr.copying.locked import jobs
from hub2ghcr.credentials import Credential
from hub2ghcr.errors import Problems, RegistryError
from hub2ghcr.lock import Entry, Lock
from hub2ghcr.manifest_store import ManifestStore
from hub2ghcr.reference import Reference
from hub2ghcr.registry import Access, Manifest, Patience, Registries
from hub2ghcr.resolving import Resolution, Wanted, locked, resolve
from lab import accounts, artifacts, images, oci, registry_admin
from lab.registry_admin import Fault
from lab.registry_config import PLACES, Place

from .test_copying import plain

ROOT = Path(__file__).resolve().parent.parent.parent
HUB = Credential(accounts.HUB_READER.user, accounts.HUB_READER.token)
GHCR = Credential(accounts.MIGRATION.user, accounts.MIGRATION.token)

pytestmark = pytest.mark.e2e


@dataclass(frozen=True)
class Hold:
    """The two registries with a folder on each, and a folder of kept manifests, that are this test's own."""

    state: Path
    urls: Mapping[str, str]
    folder: str
    store: Path

    def push(self, name: str, image: oci.Image, reference: str = "1", place: Place = "hub") -> None:
        with self._behind(place, f"{self.folder}/{name}") as client:
            images.push(client, f"{self.folder}/{name}", reference, image)

    def wanted(self, name: str, tag: str = "1", **more: Any) -> Wanted:
        reference = Reference.parse(f"docker.io/{self.folder}/{name}:{tag}")
        return Wanted(reference, f"ghcr.io/{self.folder}/{name}:{tag}", **more)

    def resolve(
        self, *wanted: Wanted, lock: Lock | None = None, pulls: int | None = None, fresh: bool = False, **more: Any
    ) -> tuple[Resolution, ...]:
        """Resolve with what was kept (``fresh``: with nothing); requests are counted from here on."""
        self.reset()
        budget = Budget(pulls)
        with self._open(budget) as registries:
            return resolve(
                wanted,
                lock or Lock(),
                registries,
                manifests=ManifestStore(None if fresh else self.store, budget),
                **more,
            )

    def lock(self, *wanted: Wanted, **more: Any) -> Lock:
        return locked(Lock(), self.resolve(*wanted, **more))

    def copy(self, lock: Lock, fresh: bool = False) -> list[Copied]:
        """Copy what is locked; requests are counted from here on."""
        self.reset()
        with (
            self._open(Budget()) as registries,
            Copier(registries, manifests=ManifestStore(None if fresh else self.store)) as copier,
        ):
            found = copier.copy_all(jobs(lock.entries))
        assert all(isinstance(each, Copied) for each in found), found
        return [each for each in found if isinstance(each, Copied)]

    def gets(self) -> int:
        """Manifests that were read from the Hub."""
        return self.count("hub").get("manifest_get", 0)

    def count(self, place: Place) -> dict[str, int]:
        return registry_admin.counters(self.state, place)

    def reset(self) -> None:
        for place in PLACES:
            registry_admin.reset_counters(self.state, place)

    def digest_at_ghcr(self, name: str, reference: str) -> str | None:
        with self._behind("ghcr", f"{self.folder}/{name}") as client:
            answer = client.head(
                f"/v2/{self.folder}/{name}/manifests/{reference}",
                headers={"Accept": f"{oci.INDEX_TYPE}, {oci.MANIFEST_TYPE}"},
            )
        return str(answer.headers["docker-content-digest"]) if answer.status_code == 200 else None

    def _open(self, budget: Budget) -> Registries:
        accesses = [
            Access("docker.io", self.urls["hub"], pull=HUB),
            Access("ghcr.io", self.urls["ghcr"], pull=GHCR, push=GHCR),
        ]
        return Registries(accesses, Patience(attempts=3, first=0.01, longest=5), observe=budget.observe)

    def _behind(self, place: Place, repository: str) -> httpx.Client:
        return images.behind(self.state, place, repository)


@pytest.fixture
def hold(lab_state: Path, lab_registries: dict[str, str], tmp_path: Path) -> Iterator[Hold]:
    found = Hold(lab_state, lab_registries, f"acme/hold-{uuid.uuid4().hex[:8]}", tmp_path / "manifests")
    _calm(found)
    yield found
    _calm(found)


def _calm(hold: Hold) -> None:
    for place in PLACES:
        registry_admin.clear_faults(hold.state, place)
        registry_admin.reset_rules(hold.state, place)
    registry_admin.set_limit(hold.state, "hub", anonymous=100, account=200, window=21600)
    hold.reset()


def bytes_of(*images_: oci.Image) -> int:
    """The bytes of all manifests and blobs, each once; foreign layers are nobody's."""
    parts = {each.digest: each for one in images_ for each in (one.index, *one.manifests, *one.blobs)}
    return sum(len(each.data) for each in parts.values())


BOTH = ("linux/amd64", "linux/arm64")
FORMS: Mapping[str, tuple[oci.Image, tuple[str, ...]]] = {
    "plain": (plain("plain"), BOTH),
    "attested inside": (artifacts.attested(plain("a")), BOTH),
    "docker's types": (artifacts.docker_list(plain("b")), BOTH),
    "nested": (artifacts.nested(plain("c"), plain("d")), BOTH),
    "one platform, foreign layer": (artifacts.windows(), ("windows/amd64",)),
    "chart": (artifacts.chart(), ()),
    "wasm": (artifacts.wasm(), ()),
}


@pytest.mark.parametrize("form", FORMS)
def test_an_entry_says_what_a_copy_reads_and_transfers_and_the_copy_reads_nothing_again(hold: Hold, form: str) -> None:
    image, platforms = FORMS[form]
    hold.push("app", image)
    (entry,) = hold.lock(hold.wanted("app")).entries
    every = {image.index.digest, *(each.digest for each in image.manifests)}
    assert (entry.digest, entry.media_type) == (image.digest, image.index.media_type)
    assert (entry.platforms, entry.manifests, entry.size) == (platforms, len(every), bytes_of(image))
    assert hold.gets() == len(every)
    (done,) = hold.copy(Lock((entry,)))
    assert (done.outcome, hold.gets()) == ("copied", 0)
    # Negative control: on a machine that keeps nothing, the copy costs what the entry says
    elsewhere = replace(entry, target=f"{entry.target.rpartition('/')[0]}/elsewhere:1")
    hold.copy(Lock((elsewhere,)), fresh=True)
    assert hold.gets() == entry.manifests


def test_images_that_share_manifests_read_each_once(hold: Hold) -> None:
    image = plain("shared")
    names = [f"app{number}" for number in range(6)]
    for name in names:
        hold.push(name, image)
    assert len(hold.lock(*map(hold.wanted, names)).entries) == 6
    assert hold.gets() == 3
    # Negative control: each would cost three
    hold.resolve(hold.wanted("app0"), fresh=True)
    assert hold.gets() == 3


def test_tags_that_did_not_move_are_updated_without_a_get_and_one_that_moved_with_its_own(hold: Hold) -> None:
    names = ["one", "two", "three"]
    for name in names:
        hold.push(name, plain(name))
    wanted = [hold.wanted(name) for name in names]
    lock = hold.lock(*wanted)
    again = hold.resolve(*wanted, lock=lock, update=True, fresh=True)
    assert [each.state for each in again] == ["unchanged"] * 3
    assert set(hold.count("hub")) == {"manifest_head", "token"}
    assert locked(lock, again).dumps() == lock.dumps()
    # Negative control: a tag that moved is read
    hold.push("two", plain("another two"))
    states = {each.source: each.state for each in hold.resolve(*wanted, lock=lock, update=True)}
    assert sorted(states.values()) == ["followed", "unchanged", "unchanged"]
    assert states[f"docker.io/{hold.folder}/two:1"] == "followed"
    assert hold.gets() == 3


def test_only_the_sources_that_a_pattern_names_are_followed(hold: Hold) -> None:
    for name in ("web", "worker"):
        hold.push(name, plain(name))
    wanted = [hold.wanted(name) for name in ("web", "worker")]
    lock = hold.lock(*wanted)
    for name in ("web", "worker"):
        hold.push(name, plain(f"new {name}"))
    found = hold.resolve(*wanted, lock=lock, update=f"docker.io/{hold.folder}/we*")
    assert [each.state for each in found] == ["followed", "moved"]
    assert found[1].entry == lock.entries[1]


HABITS = ("none", "empty", "native")


@pytest.mark.parametrize("habit", HABITS)
def test_what_is_attached_is_found_by_tags_by_the_api_and_by_the_fallback_tag(hold: Hold, habit: Any) -> None:
    image = plain("signed")
    child = image.manifests[0]
    hold.push("app", image)
    by_tag = {
        artifacts.cosign_tag(subject, kind): artifacts.cosign(subject, kind)
        for subject, kind in (
            (image.digest, "sig"),
            (image.digest, "att"),
            (image.digest, "sbom"),
            (child.digest, "sig"),
        )
    }
    for tag, made in by_tag.items():
        hold.push("app", made, tag)
    sbom, notes = artifacts.referrer(image.index), artifacts.referrer(image.index, "application/vnd.acme.notes", "x")
    of_child = artifacts.referrer(child)
    signed_sbom = artifacts.cosign(sbom.digest)
    for made in (sbom, notes, of_child):
        hold.push("app", made, made.digest)
    hold.push("app", signed_sbom, artifacts.cosign_tag(sbom.digest))
    if habit != "native":
        hold.push("app", artifacts.fallback(sbom, notes), artifacts.fallback_tag(image.digest))
        hold.push("app", artifacts.fallback(of_child), artifacts.fallback_tag(child.digest))
    registry_admin.set_rules(hold.state, "hub", referrers=habit)

    (entry,) = hold.lock(hold.wanted("app")).entries
    seen = {(each.subject, each.kind, each.digest, each.tag) for each in entry.attached}
    assert seen == {
        *(
            (subject, kind, by_tag[artifacts.cosign_tag(subject, end)].digest, artifacts.cosign_tag(subject, end))
            for subject, end, kind in (
                (image.digest, "sig", "signature"),
                (image.digest, "att", "attestation"),
                (image.digest, "sbom", "sbom"),
                (child.digest, "sig", "signature"),
            )
        ),
        (image.digest, "sbom", sbom.digest, ""),
        (image.digest, "referrer", notes.digest, ""),
        (child.digest, "sbom", of_child.digest, ""),
        (sbom.digest, "signature", signed_sbom.digest, artifacts.cosign_tag(sbom.digest)),
    }
    everything = [image, *by_tag.values(), sbom, notes, of_child, signed_sbom]
    assert entry.size == bytes_of(*everything)
    assert entry.manifests == 3 + len(everything) - 1
    (done,) = hold.copy(Lock((entry,)))
    assert (done.attached, hold.gets()) == (8, 0)
    for tag, made in by_tag.items():
        assert hold.digest_at_ghcr("app", tag) == made.digest


def test_a_list_of_referrers_that_outlived_them_or_lists_others_is_no_problem(hold: Hold) -> None:
    image, other = plain("listed"), plain("other")
    gone, strange = artifacts.referrer(image.index, text="gone"), artifacts.referrer(other.index)
    for made, reference in ((image, "1"), (other, "2"), (gone, gone.digest), (strange, strange.digest)):
        hold.push("app", made, reference)
    hold.push("app", artifacts.fallback(gone, strange), artifacts.fallback_tag(image.digest))
    registry_admin.delete_manifest(hold.state, "hub", f"{hold.folder}/app", gone.digest)
    (entry,) = hold.lock(hold.wanted("app")).entries
    assert (entry.attached, entry.manifests) == ((), 3)


def test_a_run_without_enough_pulls_locks_what_they_suffice_for_and_the_next_one_goes_on(hold: Hold) -> None:
    names = ["a", "b", "c"]
    for name in names:
        hold.push(name, plain(f"budget {name}"))
    wanted = [hold.wanted(name) for name in names]
    lock, spent, states = Lock(), 0, []
    for _ in range(5):
        found = hold.resolve(*wanted, lock=lock, pulls=4, jobs=1)
        lock, spent = locked(lock, found), spent + hold.gets()
        states.append([each.state for each in found])
        assert hold.gets() <= 4
    assert states[:3] == [
        ["added", "left", "left"],
        ["unchanged", "added", "left"],
        ["unchanged", "unchanged", "added"],
    ]
    assert states[3] == ["unchanged"] * 3
    assert spent == 9, "a manifest was read twice"


def test_a_limit_of_the_registry_ends_a_run_before_it_is_overdrawn(hold: Hold) -> None:
    for name in ("a", "b"):
        hold.push(name, plain(f"limit {name}"))
    registry_admin.set_limit(hold.state, "hub", account=4, anonymous=4, window=21600)
    found = hold.resolve(hold.wanted("a"), hold.wanted("b"), jobs=1)
    assert [each.state for each in found] == ["added", "left"]
    assert (hold.gets(), "pull_limited" in hold.count("hub")) == (4, False)


def test_a_copy_of_some_platforms_is_locked_with_both_digests_and_reads_no_others(hold: Hold) -> None:
    image = artifacts.attested(plain("wide", ("amd64", "arm64", "s390x")))
    signature = artifacts.cosign(image.digest)
    hold.push("app", image)
    hold.push("app", signature, artifacts.cosign_tag(image.digest))
    wanted = hold.wanted("app", platforms=("linux/amd64",))
    (entry,) = hold.lock(wanted).entries
    assert entry.narrowed is not None
    made = narrow(Manifest(image.index.media_type, image.digest, image.index.data), ["linux/amd64"])
    assert (entry.digest, entry.target_digest, entry.narrowed.platforms) == (
        image.digest,
        made.digest,
        ("linux/amd64",),
    )
    assert entry.platforms == ("linux/amd64", "linux/arm64", "linux/s390x")
    assert [each.tag for each in entry.attached] == [artifacts.cosign_tag(image.digest)]
    assert (entry.manifests, hold.gets()) == (3, 4)  # the index, amd64, its attestation; and the signature
    (done,) = hold.copy(Lock((entry,)))
    assert [each.digest for each in done.dropped] == [signature.digest]
    assert hold.digest_at_ghcr("app", "1") == made.digest
    assert [each.state for each in hold.resolve(wanted, lock=Lock((entry,)), update=True)] == ["unchanged"]
    # A rule that changes its mind is seen, and costs what it adds
    (whole,) = hold.resolve(hold.wanted("app"), lock=Lock((entry,)))
    assert (whole.state, whole.before, whole.found, hold.gets()) == ("narrowed", made.digest, image.digest, 4)
    assert whole.entry.narrowed is None


def test_an_image_that_has_no_other_platforms_stays_whole_and_one_without_them_is_refused(hold: Hold) -> None:
    hold.push("both", plain("both"))
    hold.push("windows", artifacts.windows())
    hold.push("chart", artifacts.chart())
    names = ("both", "chart")
    whole = hold.lock(*(hold.wanted(name, platforms=BOTH) for name in names))
    assert [each.narrowed for each in whole.entries] == [None, None]
    with pytest.raises(Problems) as caught:
        hold.resolve(hold.wanted("both", platforms=("linux/s390x",)), hold.wanted("windows", platforms=BOTH))
    assert [str(each) for each in caught.value.problems] == [
        f"docker.io/{hold.folder}/both:1: the image has no linux/s390x: {plain('both').digest!r};"
        " it has linux/amd64, linux/arm64",
        f"docker.io/{hold.folder}/windows:1: the image is for windows/amd64 alone, and its rule asks for others;"
        " give it a rule of its own without `platforms`",
    ]


def test_a_manifest_of_schema_1_is_refused_with_what_to_do(hold: Hold) -> None:
    hold.push("old", plain("old"))
    made = artifacts.schema_1(f"{hold.folder}/old", "1")
    headers = {"Content-Type": made.media_type}
    fault = Fault("status", path=f"/{hold.folder}/old/manifests/", status=200, body=made.data.decode(), headers=headers)
    registry_admin.inject(hold.state, "hub", replace(fault, count=-1))
    with pytest.raises((Problems, RegistryError), match=r"schema 1.*skopeo copy --format v2s2"):
        hold.resolve(hold.wanted("old"))


STACK = """
config:
  pulumi:disable-default-providers: [kubernetes, github]
  hub2ghcr:phase: cutover
  hub2ghcr:registries:
    docker.io: {endpoint: "${LAB_HUB_URL}", pull: hub}
    ghcr.io: {endpoint: "${LAB_GHCR_URL}", push: ghcr}
  hub2ghcr:credentials:
    hub: {username: acmehub, secretKey: hubToken}
    ghcr: {username: acme-migration, secretKey: ghcrToken}
  hub2ghcr:hubToken: {secure: "v1:AAAA:BBBB"}
  hub2ghcr:ghcrToken: {secure: "v1:AAAA:BBBB"}
  hub2ghcr:mapping:
    rules: [{from: docker.io/FOLDER/*, to: "ghcr.io/FOLDER/*"}]
  hub2ghcr:clusters:
    - name: c
      kubeconfig: ${KUBECONFIG}
      context: c
      pull: ghcr
      namespaces: {n: {manifests: [web.yaml]}}
"""
WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: n}
spec:
  selector: {matchLabels: {a: b}}
  template:
    metadata: {labels: {a: b}}
    spec:
      containers:
        - {name: shop, image: "FOLDER/shop:1.4.2"}
"""


@dataclass(frozen=True)
class Project:
    """A project of one Deployment, and its commands."""

    root: Path
    hold: Hold

    @property
    def lock(self) -> Path:
        return self.root / "images.lock.yaml"

    def entries(self) -> tuple[Entry, ...]:
        return Lock.load(self.lock).entries

    def web(self, image: str) -> None:
        text = WEB.replace("FOLDER/shop:1.4.2", image).replace("FOLDER", self.hold.folder)
        (self.root / "web.yaml").write_text(text)

    def run(self, *command: str, code: int = 0, **env: str) -> subprocess.CompletedProcess[str]:
        """Run a command, counting requests from here on."""
        self.hold.reset()
        known = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.root),
            "PYTHONPATH": str(ROOT),
            "LAB_HUB_URL": self.hold.urls["hub"],
            "LAB_GHCR_URL": self.hold.urls["ghcr"],
            "HUB2GHCR_SECRET_HUB_TOKEN": HUB.secret,
            "HUB2GHCR_SECRET_GHCR_TOKEN": GHCR.secret,
        }
        done = subprocess.run(
            [sys.executable, "-m", "hub2ghcr", *command],
            cwd=self.root,
            env={**known, **env},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done

    def image_after(self) -> str:
        """What the plan makes of the Deployment's image."""
        plan = json.loads(self.run("plan", "-s", "t", "--output", "json").stdout)
        namespace: dict[str, list[Any]] = plan["clusters"][0]["namespaces"][0]
        (workload,) = namespace["workloads"] + namespace["untouched"]
        return str(workload["images"][0]["after"])


@pytest.fixture
def project(tmp_path: Path, hold: Hold) -> Project:
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "Pulumi.t.yaml").write_text(STACK.replace("FOLDER", hold.folder))
    found = Project(tmp_path, hold)
    found.web("FOLDER/shop:1.4.2")
    hold.push("shop", plain("shop 1.4.2"), "1.4.2")
    return found


def test_a_release_after_the_cutover_needs_nothing_but_lock_update(project: Project) -> None:
    hold, old, new = project.hold, plain("shop 1.4.2"), plain("shop 1.4.3")
    project.run("lock", "-s", "t")
    project.run("copy", "-s", "t")
    # The repository's manifests are switched; then the team publishes, and names its release
    project.run("rewrite", "web.yaml", "-s", "t", "--in-place")
    assert f"ghcr.io/{hold.folder}/shop:1.4.2" in (project.root / "web.yaml").read_text()
    assert project.run("lock", "-s", "t", "--check").stdout.endswith("1 images of this stack, unchanged\n")
    assert project.image_after() == f"ghcr.io/{hold.folder}/shop:1.4.2@{old.digest}"
    hold.push("shop", new, "1.4.3", "ghcr")
    project.web(f"ghcr.io/{hold.folder}/shop:1.4.3")
    assert project.image_after() == f"ghcr.io/{hold.folder}/shop:1.4.3", "control: without the lock nothing is pinned"
    before = project.lock.read_text()
    assert f"not locked: ghcr.io/{hold.folder}/shop:1.4.3 (on GHCR; --update" in project.run("lock", "-s", "t").stdout
    assert project.lock.read_text() == before

    done = project.run("lock", "-s", "t", "--update")
    assert f"added: ghcr.io/{hold.folder}/shop:1.4.3 {new.digest} (published there)\n" in done.stdout
    (published,) = [each for each in project.entries() if each.published]
    assert (published.key, published.platforms) == (f"ghcr.io/{hold.folder}/shop:1.4.3", BOTH)
    assert "origin: published\n" in project.lock.read_text()
    assert project.image_after() == f"ghcr.io/{hold.folder}/shop:1.4.3@{new.digest}"
    copied = project.run("copy", "-s", "t", "--output", "json")
    assert [line for line in copied.stdout.splitlines() if '"event": "image"' in line] == []
    assert hold.count("hub") == {}
    pinned = project.run("rewrite", "web.yaml", "-s", "t", "--pin").stdout
    assert f"ghcr.io/{hold.folder}/shop:1.4.3@{new.digest}" in pinned


def test_a_tag_that_is_published_again_is_shown_and_taken_only_on_demand(project: Project) -> None:
    hold, first, second = project.hold, plain("first"), plain("second")
    hold.push("shop", first, "edge", "ghcr")
    project.web(f"ghcr.io/{hold.folder}/shop:edge")
    project.run("lock", "-s", "t", "--update")
    hold.push("shop", second, "edge", "ghcr")
    moved = project.run("lock", "-s", "t")
    assert f"moved: ghcr.io/{hold.folder}/shop:edge {first.digest} -> {second.digest} (" in moved.stdout
    assert [each.digest for each in project.entries()] == [first.digest]
    project.run("lock", "-s", "t", "--check")  # a tag that moved is no reason to fail
    project.run("lock", "-s", "t", "--check", "--update", code=1)
    project.run("lock", "-s", "t", "--update")
    assert [each.digest for each in project.entries()] == [second.digest]


def test_what_is_published_where_hub_images_went_takes_their_place_and_is_not_copied_over(project: Project) -> None:
    hold, mine = project.hold, plain("built anew")
    project.run("lock", "-s", "t")
    project.run("copy", "-s", "t")
    hold.push("shop", mine, "1.4.2", "ghcr")
    project.web(f"ghcr.io/{hold.folder}/shop:1.4.2")
    assert "moved: ghcr.io/" in project.run("lock", "-s", "t").stdout
    assert [each.published for each in project.entries()] == [False]
    project.run("lock", "-s", "t", "--update")
    assert [(each.published, each.digest) for each in project.entries()] == [(True, mine.digest)]
    project.run("copy", "-s", "t")
    assert hold.digest_at_ghcr("shop", "1.4.2") == mine.digest
    # Whoever still names the source is told, instead of having it copied over the release
    project.web(f"{hold.folder}/shop:1.4.2")
    refused = project.run("lock", "-s", "t", code=1)
    assert f"docker.io/{hold.folder}/shop:1.4.2: its target was published, at {mine.digest}; name" in refused.stderr


def test_an_image_that_nobody_published_is_a_problem_unless_it_is_excluded_or_elsewhere(project: Project) -> None:
    hold = project.hold
    project.web(f"ghcr.io/{hold.folder}/shop:9")
    refused = project.run("lock", "-s", "t", "--update", code=1)
    assert refused.stderr.startswith(f"error: ghcr.io/{hold.folder}/shop:9: no such image; publish it, check")
    stack = project.root / "stacks" / "Pulumi.t.yaml"
    rules = f'rules: [{{from: docker.io/{hold.folder}/*, to: "ghcr.io/{hold.folder}/*"}}]'
    exclude = f'exclude: [{{match: "ghcr.io/{hold.folder}/shop", reason: of others}}]'
    stack.write_text(stack.read_text().replace(rules, f"{rules}\n    {exclude}"))
    assert project.run("lock", "-s", "t").stdout == "images.lock.yaml: 0 images of this stack, unchanged\n"
    project.web("ghcr.io/somebody/else:1")
    assert project.run("lock", "-s", "t").stdout == "images.lock.yaml: 0 images of this stack, unchanged\n"


def test_files_are_locked_without_a_stack(project: Project) -> None:
    hold = project.hold
    hold.push("job", plain("job"), "2")
    (project.root / "deploy").mkdir()
    (project.root / "deploy" / "compose.yaml").write_text(
        f"services:\n  a: {{image: {hold.folder}/job:2}}\n  b: {{image: 'busybox:1.36'}}\n"
        f"  c: {{image: '{hold.folder}/shop:${{TAG}}'}}\n"
    )
    command = ("lock", "--from-scan", "deploy", "--from-scan", "web.yaml", "--map", f"{hold.folder}/*=ghcr.io/acme/*")
    urls = ("--registry", f"docker.io={hold.urls['hub']}", "--registry", f"ghcr.io={hold.urls['ghcr']}")
    done = project.run(*command, *urls, "--lock", "scan.lock.yaml")
    assert done.stderr == "note: no rule names this Docker Hub image: 'busybox:1.36'\n"
    entries = Lock.load(project.root / "scan.lock.yaml").entries
    assert [(each.source, each.target) for each in entries] == [
        (f"docker.io/{hold.folder}/job:2", "ghcr.io/acme/job:2"),
        (f"docker.io/{hold.folder}/shop:1.4.2", "ghcr.io/acme/shop:1.4.2"),
    ]
    wrong = project.run("lock", "--from-scan", "deploy", code=2)
    assert "Name --map or --config" in wrong.stderr


def test_a_check_asks_for_digests_alone_and_says_as_json_what_would_change(project: Project) -> None:
    hold = project.hold
    done = project.run("lock", "-s", "t", "--check", "--output", "json", code=1)
    found = json.loads(done.stdout)
    assert (found["changed"], found["written"], found["pulls"], project.lock.exists()) == (True, False, 0, False)
    assert [(each["image"], each["state"]) for each in found["images"]] == [
        (f"docker.io/{hold.folder}/shop:1.4.2", "added")
    ]
    assert hold.gets() == 0
    written = json.loads(project.run("lock", "-s", "t", "--output", "json").stdout)
    assert (written["written"], written["pulls"], hold.gets()) == (True, 3, 3)
    assert project.run("lock", "-s", "t", "--check").stderr == ""


def test_a_pattern_that_matches_no_image_is_a_problem(project: Project) -> None:
    refused = project.run("lock", "-s", "t", "--update", "docker.io/library/*", code=1)
    assert refused.stderr == (
        "error: --update: matches none of the images: 'docker.io/library/*'; write such as docker.io/library/*\n"
    )


def test_a_spent_budget_is_exit_code_3_and_what_was_locked_is_written(project: Project) -> None:
    hold = project.hold
    hold.push("side", plain("side"), "1")
    text = (project.root / "web.yaml").read_text()
    more = f'        - {{name: side, image: "{hold.folder}/side:1"}}\n'
    (project.root / "web.yaml").write_text(text + more)
    first = project.run("lock", "-s", "t", "--pull-budget", "4", code=3)
    assert first.stderr == "images left, since no pulls are: 1; run it again\n"
    assert len(project.entries()) == 1
    assert f"left: docker.io/{hold.folder}/" in first.stdout
    assert hold.gets() == 4
    second = project.run("lock", "-s", "t", "--pull-budget", "4")
    assert (len(project.entries()), hold.gets()) == (2, 2)
    assert "images.lock.yaml: 2 images of this stack, written, 2 pulls\n" in second.stdout
    # The same, where the registry's limit ends it: it says when to go on
    registry_admin.set_limit(hold.state, "hub", account=4, anonymous=4, window=7200)
    project.lock.unlink()
    limited = project.run("lock", "-s", "t", code=3, XDG_CACHE_HOME=str(project.root / "other"))
    assert re.fullmatch(
        r"images left, since no pulls are: 1; resume after [-0-9]+ [:0-9]+ UTC \(in (2 h|1 h 59 min)\)\n",
        limited.stderr,
    )


def test_comments_and_what_did_not_change_stay_when_a_tag_is_followed(project: Project) -> None:
    hold = project.hold
    hold.push("side", plain("side"), "1")
    web = project.root / "web.yaml"
    web.write_text(web.read_text() + f'        - {{name: side, image: "{hold.folder}/side:1"}}\n')
    project.run("lock", "-s", "t")
    text = project.lock.read_text()
    start = f"- source: docker.io/{hold.folder}/shop:1.4.2\n"
    text = text.replace(start, f"# asked for by the shop team\n{start}").replace("platforms:", "platforms:  # all")
    project.lock.write_text(text)
    hold.push("shop", plain("shop again"), "1.4.2")
    project.run("lock", "-s", "t", "--update")
    before, after = text.splitlines(), project.lock.read_text().splitlines()
    changed = [line.strip().partition(":")[0] for line in after if line not in before]
    assert sorted(set(changed)) in (["at", "digest"], ["at", "digest", "size"], ["digest"], ["digest", "size"])
    assert [line for line in after if "#" in line] == [line for line in before if "#" in line]
