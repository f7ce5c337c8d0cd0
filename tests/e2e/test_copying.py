"""Copying against the lab's two registries: every form of image, what is attached to it, and the pulls it costs."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from hub2ghcr.allowance import Budget
from hub2ghcr.attached import Attached, Kind
from hub2ghcr.copying import Copied, Copier, Failed, Job, Left, Result, narrow
from hub2ghcr.credentials import Credential
from hub2ghcr.errors import RegistryError
from hub2ghcr.lock import Entry, Lock, Resolved
from hub2ghcr.manifest_store import ManifestStore
from hub2ghcr.reference import Reference
from hub2ghcr.registry import Access, Manifest, Patience, Registries
from lab import accounts, artifacts, images, oci, registry_admin
from lab.registry_admin import Fault
from lab.registry_config import PLACES, Place

ROOT = Path(__file__).resolve().parent.parent.parent
HUB = Credential(accounts.HUB_READER.user, accounts.HUB_READER.token)
GHCR = Credential(accounts.MIGRATION.user, accounts.MIGRATION.token)

pytestmark = pytest.mark.e2e


@dataclass(frozen=True)
class Pair:
    """The two registries with a folder on each that is this test's own."""

    state: Path
    urls: Mapping[str, str]
    folder: str

    def push(self, name: str, image: oci.Image, reference: str = "1") -> None:
        with self._behind("hub", f"{self.folder}/{name}") as client:
            images.push(client, f"{self.folder}/{name}", reference, image)

    def job(self, name: str, image: oci.Image, *attached: Attached, target: str = "") -> Job:
        target = f"ghcr.io/{self.folder}/{target or name}:1"
        return Job(f"docker.io/{self.folder}/{name}:1", target, image.digest, tuple(attached))

    def copy(
        self, *jobs: Job, store: Path | None = None, pulls: int | None = None, wait: bool = False, **more: Any
    ) -> list[Result]:
        """Copy with all that is kept between runs in ``store``; nothing else is."""
        budget = Budget(pulls)
        accesses = [Access("docker.io", self.urls["hub"], pull=HUB), Access("ghcr.io", self.urls["ghcr"], push=GHCR)]
        patience = Patience(attempts=3, first=0.01, longest=5)
        with (
            Registries(accesses, patience, observe=budget.observe) as registries,
            Copier(registries, manifests=ManifestStore(store, budget), **more) as copier,
        ):
            return list(copier.copy_all(jobs, wait=wait))

    def read(self, place: Place, repository: str, path: str, accept: str = "*/*") -> bytes | None:
        with self._behind(place, repository) as client:
            answer = client.get(f"/v2/{repository}/{path}", headers={"Accept": accept})
        return answer.content if answer.status_code == 200 else None

    def count(self, place: Place) -> dict[str, int]:
        return registry_admin.counters(self.state, place)

    def reset(self) -> None:
        for place in PLACES:
            registry_admin.reset_counters(self.state, place)

    def assert_there(self, job: Job, image: oci.Image, reference: str = "1") -> None:
        """Every manifest and blob of an image has its bytes at the target, read past our own client."""
        repository = Reference.parse(job.target).repository
        for at, blob in [(reference, image.index), *((each.digest, each) for each in image.manifests)]:
            assert self.read("ghcr", repository, f"manifests/{at}", blob.media_type) == blob.data
        for blob in image.blobs:
            content = self.read("ghcr", repository, f"blobs/{blob.digest}")
            assert content is not None
            assert f"sha256:{hashlib.sha256(content).hexdigest()}" == blob.digest

    def _behind(self, place: Place, repository: str) -> httpx.Client:
        return images.behind(self.state, place, repository)


@pytest.fixture
def pair(lab_state: Path, lab_registries: dict[str, str]) -> Iterator[Pair]:
    found = Pair(lab_state, lab_registries, f"acme/pair-{uuid.uuid4().hex[:8]}")
    _calm(found)
    yield found
    _calm(found)


def _calm(pair: Pair) -> None:
    for place in PLACES:
        registry_admin.clear_faults(pair.state, place)
        registry_admin.set_rules(pair.state, place, token_seconds=300, mount=201, referrers="none")
    registry_admin.set_limit(pair.state, "hub", anonymous=100, account=200, window=21600)
    pair.reset()


def plain(name: str, architectures: tuple[str, ...] = ("amd64", "arm64")) -> oci.Image:
    """An image that shares a layer of each platform with all others made here."""
    layers = {
        each: (oci.layer({"shared": each.encode() * 1000}), oci.layer({"own": f"{name} {each}".encode()}))
        for each in architectures
    }
    return oci.image(oci.Content(("/none",), layers, {"title": name}))


def attachment(subject: str, made: oci.Image, tag: str = "") -> Attached:
    kind: Kind = "signature" if tag else "referrer"
    return Attached(subject, kind, made.digest, made.index.media_type, "", len(made.index.data), tag)


def outcomes(results: list[Result]) -> list[str]:
    return [each.outcome if isinstance(each, Copied) else type(each).__name__ for each in results]


FORMS = {
    "attested inside": artifacts.attested(plain("a")),
    "docker's types": artifacts.docker_list(plain("b")),
    "nested": artifacts.nested(plain("c"), plain("d")),
    "windows": artifacts.windows(),
    "chart": artifacts.chart(),
    "wasm": artifacts.wasm(),
    "one platform": oci.Image(plain("e", ("amd64",)).manifests[0], (), plain("e", ("amd64",)).blobs),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_image_arrives_byte_for_byte(pair: Pair, form: str) -> None:
    image = FORMS[form]
    pair.push("form", image)
    job = pair.job("form", image)
    assert outcomes(pair.copy(job)) == ["copied"]
    pair.assert_there(job, image)
    pair.reset()
    assert outcomes(pair.copy(job)) == ["present"]
    assert pair.count("hub") == {}
    assert pair.count("ghcr") == {"manifest_head": 2, "token": 1}  # the first is asked who it is


def test_a_github_enterprise_s_registry_is_a_target_like_ghcr(pair: Pair) -> None:
    image = plain("enterprise")
    pair.push("enterprise", image)
    host = "containers.github.acme.example"
    accesses = [Access("docker.io", pair.urls["hub"], pull=HUB), Access(host, pair.urls["ghcr"], push=GHCR)]
    job = replace(pair.job("enterprise", image), target=f"{host}/{pair.folder}/enterprise:1")
    with Registries(accesses) as registries, Copier(registries) as copier:
        assert outcomes(list(copier.copy_all([job]))) == ["copied"]
    assert pair.read("ghcr", f"{pair.folder}/enterprise", "manifests/1") == image.index.data


def test_a_manifest_of_schema_1_is_refused_by_name_with_what_to_do(pair: Pair) -> None:
    old = artifacts.schema_1("acme/old", "1")
    headers = {"Content-Type": old.media_type, "Docker-Content-Digest": old.digest}
    fault = Fault("status", path="/manifests/", status=200, headers=headers, body=old.data.decode(), count=-1)
    registry_admin.inject(pair.state, "hub", fault)
    (result,) = pair.copy(Job("docker.io/acme/old:1", f"ghcr.io/{pair.folder}/old:1", old.digest))
    assert isinstance(result, Failed)
    assert "schema 1" in str(result.error)
    assert "build it anew" in str(result.error)


@pytest.mark.parametrize("referrers", ["none", "empty", "native"])
def test_signatures_and_referrers_travel_and_are_found_in_either_way(pair: Pair, referrers: Any) -> None:
    registry_admin.set_rules(pair.state, "ghcr", referrers=referrers)
    image = plain("signed")
    signature, sbom = artifacts.cosign(image.digest), artifacts.referrer(image.index, text="sbom")
    of_sbom = artifacts.referrer(sbom.index, "application/vnd.example.signature", "of the sbom")
    tag = artifacts.cosign_tag(image.digest)
    pair.push("signed", image)
    pair.push("signed", signature, tag)
    pair.push("signed", sbom, sbom.digest)
    pair.push("signed", of_sbom, of_sbom.digest)
    attached = (
        attachment(sbom.digest, of_sbom),  # before what it is attached to
        attachment(image.digest, signature, tag),
        attachment(image.digest, sbom),
    )
    job = pair.job("signed", image, *attached)
    (done,) = pair.copy(job)
    assert isinstance(done, Copied)
    assert (done.outcome, done.attached) == ("copied", 3)
    pair.assert_there(job, image)
    pair.assert_there(job, signature, tag)
    pair.assert_there(job, sbom, sbom.digest)
    repository = Reference.parse(job.target).repository
    for subject, made in ((image, sbom), (sbom, of_sbom)):
        index = pair.read("ghcr", repository, f"manifests/{artifacts.fallback_tag(subject.digest)}", oci.INDEX_TYPE)
        if referrers == "native":
            assert index is None
        else:
            assert index is not None
            assert json.loads(index) == json.loads(artifacts.fallback(made).index.data)
    pair.reset()
    assert outcomes(pair.copy(job)) == ["present"]
    assert pair.count("hub") == {}
    # Negative control: what is missing is seen, and only that is brought.
    registry_admin.delete_manifest(pair.state, "ghcr", repository, signature.digest)
    (again,) = pair.copy(job)
    assert isinstance(again, Copied)
    assert (again.outcome, again.attached, again.manifests) == ("attached", 1, 1)
    pair.assert_there(job, signature, tag)


def test_a_signature_made_at_the_target_is_kept_and_told(pair: Pair) -> None:
    image = plain("resigned")
    theirs, ours = artifacts.cosign(image.digest), artifacts.cosign(image.digest, "att")
    tag = artifacts.cosign_tag(image.digest)
    pair.push("resigned", image)
    pair.push("resigned", theirs, tag)
    pair.push("resigned", ours, "ours")
    bare = pair.job("resigned", image)
    pair.copy(
        bare, replace(bare, source=bare.source.replace(":1", ":ours"), target=bare.target + "x", digest=ours.digest)
    )
    repository = Reference.parse(bare.target).repository
    with pair._behind("ghcr", repository) as client:
        images.push(client, repository, tag, ours)
    (done,) = pair.copy(pair.job("resigned", image, attachment(image.digest, theirs, tag)))
    assert isinstance(done, Copied)
    assert (done.outcome, done.kept) == ("present", (tag,))
    pair.assert_there(bare, ours, tag)


def test_copies_that_list_referrers_of_one_image_at_the_same_time_lose_none(pair: Pair) -> None:
    image = plain("busy")
    made = [artifacts.referrer(image.index, text=f"number {number}") for number in range(6)]
    pair.push("busy", image)
    for each in made:
        pair.push("busy", each, each.digest)
    pair.copy(pair.job("busy", image))
    jobs = [pair.job("busy", image, attachment(image.digest, each)) for each in made]
    with ThreadPoolExecutor(len(jobs)) as pool:
        results = [result for (result,) in pool.map(pair.copy, jobs)]
    assert outcomes(results) == ["attached"] * 6, [str(each.error) for each in results if isinstance(each, Failed)]
    assert outcomes(pair.copy(*jobs)) == ["present"] * 6


def test_some_platforms_make_the_locked_index_and_leave_what_is_attached_to_others(pair: Pair) -> None:
    whole = plain("narrow")
    image = artifacts.attested(whole)
    about_all, about_one = artifacts.cosign(image.digest), artifacts.cosign(whole.manifests[0].digest)
    pair.push("narrow", image)
    tags = [artifacts.cosign_tag(image.digest), artifacts.cosign_tag(whole.manifests[0].digest)]
    pair.push("narrow", about_all, tags[0])
    pair.push("narrow", about_one, tags[1])
    index = narrow(Manifest(image.index.media_type, image.digest, image.index.data), ["linux/amd64"])
    attached = (
        attachment(image.digest, about_all, tags[0]),
        attachment(whole.manifests[0].digest, about_one, tags[1]),
    )
    job = replace(pair.job("narrow", image, *attached), platforms=("linux/amd64",), narrowed=index.digest)
    (done,) = pair.copy(job)
    assert isinstance(done, Copied)
    assert (done.outcome, done.attached, done.dropped) == ("copied", 1, attached[:1])
    repository = Reference.parse(job.target).repository
    assert pair.read("ghcr", repository, "manifests/1", oci.INDEX_TYPE) == index.content
    listed = [each.digest for each in index.children]
    assert listed == [whole.manifests[0].digest, image.manifests[2].digest]  # amd64, and its attestation
    assert pair.read("ghcr", repository, f"manifests/{whole.manifests[1].digest}", oci.MANIFEST_TYPE) is None
    assert outcomes(pair.copy(job)) == ["present"]
    (refused,) = pair.copy(replace(job, target=job.target + "-other", narrowed="sha256:" + "0" * 64))
    assert isinstance(refused, Failed)
    assert "is locked" in str(refused.error)


def test_what_was_read_once_is_not_read_again_on_this_machine(pair: Pair, tmp_path: Path) -> None:
    image = artifacts.nested(plain("c"), plain("d"))
    pair.push("kept", image)
    pair.copy(pair.job("kept", image, target="one"), store=tmp_path)
    assert pair.count("hub")["manifest_get"] == 7
    pair.reset()
    job = pair.job("kept", image, target="two")
    assert outcomes(pair.copy(job, store=tmp_path)) == ["copied"]
    assert "manifest_get" not in pair.count("hub")
    pair.assert_there(job, image)
    # Negative controls: a file that does not hold, and no store.
    next(each for each in tmp_path.rglob("*") if each.is_file()).write_bytes(b"rotten")
    pair.copy(pair.job("kept", image, target="three"), store=tmp_path)
    assert pair.count("hub")["manifest_get"] == 1
    pair.copy(pair.job("kept", image, target="four"))
    assert pair.count("hub")["manifest_get"] == 8


def test_a_copy_that_broke_off_goes_on_where_it_was(pair: Pair, tmp_path: Path) -> None:
    image = plain("broken")
    pair.push("broken", image)
    job = pair.job("broken", image)
    for path in ("/blobs/uploads/", f"/manifests/{image.manifests[1].digest}", "/manifests/1$"):
        registry_admin.inject(pair.state, "ghcr", Fault("status", path=path, method="PUT", status=400, count=1))
    for _ in range(3):
        (failed,) = pair.copy(job, store=tmp_path)
        assert isinstance(failed, Failed)
    assert outcomes(pair.copy(job, store=tmp_path)) == ["copied"]
    pair.assert_there(job, image)
    assert pair.count("hub")["manifest_get"] == 3
    moved = registry_admin.transfers(pair.state, "ghcr")
    again = {what: count for what, count in moved.items() if what[0] == "manifest_put" and count > 1}
    assert {reference for _, _, reference in again} <= {image.manifests[1].digest, "1"}  # those that were refused


def test_a_blob_that_the_target_will_not_mount_is_sent_again_and_counted(pair: Pair) -> None:
    jobs = []
    for name in ("one", "two"):
        pair.push(name, plain(name))
        jobs.append(pair.job(name, plain(name)))
    registry_admin.set_rules(pair.state, "ghcr", mount=202)
    results = [each for each in pair.copy(*jobs) if isinstance(each, Copied)]
    shared = sum(len(oci.layer({"shared": each.encode() * 1000}).data) for each in ("amd64", "arm64"))
    assert sum(each.repeated for each in results) == shared
    assert sum(each.mounted for each in results) == 0


def test_a_later_run_mounts_from_images_that_are_there(pair: Pair, tmp_path: Path) -> None:
    for name in ("early", "late"):
        pair.push(name, plain(name))
    early, late = (pair.job(name, plain(name)) for name in ("early", "late"))
    pair.copy(early, store=tmp_path)
    (_, done) = pair.copy(early, late, store=tmp_path)
    assert isinstance(done, Copied)
    assert (done.mounted, done.uploaded) == (2, 4)
    (_, control) = pair.copy(early, replace(late, target=late.target.replace("late", "control")))  # nothing is kept
    assert isinstance(control, Copied)
    assert control.mounted == 0


def test_manifests_that_are_there_are_not_put_again_though_their_blobs_are_mounted_anew(
    pair: Pair, tmp_path: Path
) -> None:
    """A mount succeeds for a blob that is there as well: it tells nothing of the manifests above it."""
    image = plain("twin")
    pair.push("twin", image)
    jobs = [pair.job("twin", image, target=target) for target in ("twin-a", "twin-b")]
    assert outcomes(pair.copy(*jobs, store=tmp_path)) == ["copied", "copied"]
    for reference in ("1", image.digest):
        registry_admin.delete_manifest(pair.state, "ghcr", f"{pair.folder}/twin-b", reference)
    pair.reset()
    assert outcomes(pair.copy(*jobs, store=tmp_path)) == ["present", "copied"]
    assert pair.count("ghcr")["manifest_put"] == 1


def three(pair: Pair) -> list[Job]:
    """Three images that cost three pulls each."""
    for name in ("a", "b", "c"):
        pair.push(name, plain(name))
    return [pair.job(name, plain(name)) for name in ("a", "b", "c")]


def test_a_run_s_own_pulls_are_spent_on_whole_images_in_their_order(pair: Pair) -> None:
    jobs = [replace(job, manifests=3) for job in three(pair)]
    results = pair.copy(*jobs, pulls=7)
    assert outcomes(results) == ["copied", "copied", "Left"]
    assert results[2] == Left(jobs[2], 3)
    assert pair.count("hub")["manifest_get"] == 6
    pair.reset()
    assert outcomes(pair.copy(*jobs, pulls=7)) == ["present", "present", "copied"]
    assert pair.count("hub")["manifest_get"] == 3


def test_the_registry_s_allowance_is_read_before_and_never_overdrawn(pair: Pair) -> None:
    jobs = [replace(job, manifests=3) for job in three(pair)]
    registry_admin.set_limit(pair.state, "hub", account=5)
    assert outcomes(pair.copy(*jobs)) == ["copied", "Left", "Left"]
    assert pair.count("hub").get("pull_limited", 0) == 0
    assert pair.count("hub")["manifest_get"] == 3
    # What is there, or kept, needs no allowance.
    registry_admin.set_limit(pair.state, "hub", account=-1)
    assert outcomes(pair.copy(*jobs)) == ["present", "Left", "Left"]


def test_a_limit_that_is_met_in_the_middle_ends_the_run_as_cleanly(pair: Pair, tmp_path: Path) -> None:
    jobs = three(pair)  # how many pulls they cost is not known
    registry_admin.set_limit(pair.state, "hub", account=4)
    results = pair.copy(*jobs, jobs=1, store=tmp_path)
    assert outcomes(results) == ["copied", "Left", "Left"]
    assert pair.count("hub").get("pull_limited", 0) == 0
    # Somebody else spends pulls meanwhile: the registry says so by a 429, once, and nothing more is tried.
    registry_admin.set_limit(pair.state, "hub", account=200)
    message = json.dumps({"errors": [{"code": "TOOMANYREQUESTS", "message": "You have reached your pull rate limit"}]})
    fault = Fault("status", path="/manifests/sha256", method="GET", status=429, body=message, count=-1)
    registry_admin.inject(pair.state, "hub", fault)
    pair.reset()
    assert outcomes(pair.copy(*jobs, jobs=1, store=tmp_path)) == ["present", "Left", "Left"]
    assert pair.count("hub")["fault"] == 1
    registry_admin.clear_faults(pair.state, "hub")
    pair.reset()
    assert outcomes(pair.copy(*jobs, store=tmp_path)) == ["present", "copied", "copied"]
    assert pair.count("hub")["manifest_get"] == 5  # one was read before, and kept


def test_waiting_goes_on_when_there_are_pulls_again_and_finishes_larger_images_than_a_window(pair: Pair) -> None:
    jobs = [replace(job, manifests=3) for job in three(pair)]
    large = artifacts.nested(plain("c"), plain("d"))
    pair.push("large", large)
    registry_admin.set_limit(pair.state, "hub", account=4, window=1)
    told: list[int] = []

    class Waits:
        def expect(self, job: Job, size: int) -> None: ...
        def advance(self, job: Job, size: int) -> None: ...
        def finish(self, result: Result) -> None: ...
        def wait(self, seconds: float, images: int) -> None:
            told.append(images)

    results = pair.copy(*jobs, pair.job("large", large), wait=True, progress=Waits())
    assert outcomes(results) == ["copied"] * 4
    assert told[0] >= 2
    assert pair.count("hub").get("pull_limited", 0) == 0


def test_a_source_that_does_not_answer_is_a_failure_and_no_lack_of_pulls(pair: Pair) -> None:
    registry_admin.inject(pair.state, "hub", Fault("status", path="/manifests/", status=500, count=-1))
    (result,) = pair.copy(three(pair)[0])
    assert isinstance(result, Failed)
    assert isinstance(result.error, RegistryError)


def command(pair: Pair, folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Our command as a whole process, with credentials in Docker's config.json alone."""
    auths = {key: {"auth": each.basic} for key, each in (("https://index.docker.io/v1/", HUB), ("ghcr.io", GHCR))}
    (folder / "config.json").write_text(json.dumps({"auths": auths}))
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "HOME": str(folder),
        "DOCKER_CONFIG": str(folder),
        "XDG_CACHE_HOME": str(folder / "cache"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "hub2ghcr", *args],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    for secret in (HUB.secret, GHCR.secret):
        assert secret not in done.stdout + done.stderr
    return done


def write_lock(pair: Pair, folder: Path) -> list[Job]:
    jobs = [replace(job, manifests=3) for job in three(pair)]
    entries = [
        Entry(
            job.source,
            job.digest,
            oci.INDEX_TYPE,
            ("linux/amd64", "linux/arm64"),
            5000,
            job.target,
            Resolved("2026-11-20T10:00:00Z", "docker.io"),
            3,
        )
        for job in jobs
    ]
    Lock(tuple(entries)).dump(folder / "images.lock.yaml")
    return jobs


def test_a_lock_file_is_copied_without_a_stack_within_a_budget_and_then_the_rest(pair: Pair, tmp_path: Path) -> None:
    jobs = write_lock(pair, tmp_path)
    urls = [f"--registry={host}={pair.urls[place]}" for host, place in (("docker.io", "hub"), ("ghcr.io", "ghcr"))]
    copy = ("copy", "--lock", "images.lock.yaml", *urls)
    first = command(pair, tmp_path, *copy, "--pull-budget", "4")
    assert first.returncode == 3, first.stderr
    assert f"[1/3] copied: {jobs[0].target}" in first.stderr
    assert "2 images are left, with 6 pulls at most; run it again, with another --pull-budget\n" in first.stderr
    assert "3 images: 1 copied, 2 left; " in first.stdout
    registry_admin.set_limit(pair.state, "hub", account=4)
    second = command(pair, tmp_path, *copy)
    assert second.returncode == 3, second.stderr
    assert "1 image is left, with 3 pulls at most; resume after 20" in second.stderr
    assert pair.count("hub").get("pull_limited", 0) == 0
    registry_admin.set_limit(pair.state, "hub", account=200)
    third = command(pair, tmp_path, *copy, "--output", "json")
    assert third.returncode == 0, third.stderr
    events = [json.loads(line) for line in third.stdout.splitlines()]
    assert events[0] == {"event": "start", "images": 3, "dryRun": False}
    assert {each["outcome"] for each in events if each["event"] == "image"} == {"present", "copied"}
    assert events[-1]["event"] == "end"
    assert {name: count for name, count in events[-1]["images"].items() if count} == {"copied": 1, "present": 2}
    pair.reset()
    again = command(pair, tmp_path, *copy)
    assert (again.returncode, again.stdout) == (0, "3 images: 3 present; 0 B sent\n")
    assert pair.count("hub") == {}


def test_shards_copy_each_image_once_between_them(pair: Pair, tmp_path: Path) -> None:
    jobs = write_lock(pair, tmp_path)
    urls = [f"--registry={host}={pair.urls[place]}" for host, place in (("docker.io", "hub"), ("ghcr.io", "ghcr"))]
    copied = []
    for index in range(2):
        done = command(
            pair, tmp_path, "copy", "--lock", "images.lock.yaml", *urls, "--shard", f"{index}/2", "--output", "json"
        )
        assert done.returncode == 0, done.stderr
        events = [json.loads(line) for line in done.stdout.splitlines()]
        copied += [each["target"] for each in events if each["event"] == "image"]
    assert sorted(copied) == sorted(job.target for job in jobs)
    job = command(
        pair, tmp_path, "job", "--lock", "images.lock.yaml", "--image", "x:1", "--shards", "2", "--secret", "s"
    )
    config_map, made = yaml.safe_load_all(job.stdout)
    assert config_map["data"]["images.lock.yaml"] == (tmp_path / "images.lock.yaml").read_text()
    assert made["spec"]["completions"] == 2


@pytest.mark.parametrize(
    ("args", "code", "expected"),
    [
        ((), 2, "Error: give --stack, --lock, or both"),
        (("--lock", "none.yaml"), 1, "error: none.yaml: no such lock file; `hub2ghcr lock` writes it"),
        (("--lock", "images.lock.yaml", "--shard", "2/2"), 2, "Error: --shard: no shard: '2/2'; write I/N"),
        (("--lock", "images.lock.yaml", "--registry", "ghcr.io"), 2, "Error: --registry ghcr.io: write HOST=URL"),
    ],
)
def test_wrong_use_is_answered_with_one_line(
    pair: Pair, tmp_path: Path, args: tuple[str, ...], code: int, expected: str
) -> None:
    write_lock(pair, tmp_path)
    done = command(pair, tmp_path, "copy", *args)
    assert done.returncode == code
    assert expected in done.stderr
