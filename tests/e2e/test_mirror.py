"""Copies inside the engine's runs: what a preview says, what is copied, seen and mended, and what a release takes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from hub2ghcr.amounts import size_of
from lab import accounts, artifacts, images, registry_admin
from lab.kubectl import get, kubectl
from lab.oci import Image
from lab.ports import port
from lab.registry_config import Place
from tests.e2e import samples
from tests.e2e import stack as stacks
from tests.e2e.conftest import Lab
from tests.e2e.samples import TAG, Item
from tests.e2e.stack import EXISTING, Stack, lines

FOLDER = "acme/mirrored"
IMAGE = artifacts.attested(images.make("mirrored"))
SIGNED, SBOM = artifacts.cosign(IMAGE.digest), artifacts.referrer(IMAGE.index)
SIGNATURE = artifacts.cosign_tag(IMAGE.digest)
ITEM = Item("mirrored", IMAGE, ((SIGNATURE, SIGNED), (SBOM.digest, SBOM)))
"""An image that runs, with attestations inside, a signature and an SBOM."""
TARGET = f"ghcr.io/{FOLDER}/samples-{ITEM.name}"
RELEASED = f"ghcr.io/{FOLDER}/shop:2.0"

pytestmark = pytest.mark.e2e


def pods(*named: str) -> str:
    return yaml.safe_dump_all(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": f"pod-{index}", "namespace": EXISTING},
            "spec": {"containers": [{"name": "a", "image": image}], "restartPolicy": "Never"},
        }
        for index, image in enumerate(named)
    )


def configure(stack: Stack, *named: str) -> None:
    (stack.file.parent / "app.yaml").write_text(pods(*named))


def lock(stack: Stack, *flags: str) -> None:
    run(stack, "lock", *flags)


def run(stack: Stack, command: str, *flags: str) -> None:
    done = stack.lab.run(
        "hub2ghcr",
        command,
        "-s",
        stacks.NAME,
        *flags,
        cwd=stack.folder,
        timeout=180.0,
        HUB2GHCR_SECRET_HUB_PULL_TOKEN=accounts.HUB_READER.token,
        HUB2GHCR_SECRET_GHCR_PUSH_TOKEN=accounts.MIGRATION.token,
        **stack.env,
    )
    assert done.returncode == 0, done.stderr


def entries(stack: Stack) -> dict[str, dict[str, Any]]:
    found = yaml.safe_load((stack.folder / "images.lock.yaml").read_text())["images"]
    return {each.get("source") or each["target"]: each for each in found}


def infos(text: str) -> list[str]:
    """What the program told: the engine indents it, and marks it where it streams."""
    found = [line.strip().removeprefix("info: ") for line in text.splitlines() if "to be copied" in line]
    return list(dict.fromkeys(line for line in found if line.startswith("image")))


@pytest.fixture(scope="module")
def fresh(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack of one namespace that runs one image."""
    push(lab.state, "hub", ITEM.source, TAG, IMAGE)
    for reference, attached in ITEM.attached:
        push(lab.state, "hub", ITEM.source, reference, attached)
    registry_admin.set_limit(lab.state, "hub", anonymous=10_000, account=10_000)
    kubectl(lab.env, "delete", "namespace", EXISTING, "--ignore-not-found")
    kubectl(lab.env, "create", "namespace", EXISTING)
    made = stacks.create(lab, tmp_path_factory.mktemp("mirror"))
    data = yaml.safe_load(made.file.read_text())
    config = data["config"]
    del config["hub2ghcr:github"]
    config["hub2ghcr:mapping"] = {"rules": [{"from": "docker.io/acme/*", "to": f"ghcr.io/{FOLDER}/*"}]}
    namespaces = config["hub2ghcr:clusters"][0]["namespaces"]
    config["hub2ghcr:clusters"][0]["namespaces"] = {
        EXISTING: {**namespaces[EXISTING], "delivery": "own", "recreate": True}
    }
    made.file.write_text(yaml.safe_dump(data, sort_keys=False))
    (made.folder / "images.lock.yaml").unlink()
    configure(made, f"{ITEM.source}:{TAG}")
    made.env["XDG_CACHE_HOME"] = str(made.folder / "cache")
    lock(made)
    yield made
    made.pulumi("destroy", "--yes", "--skip-preview")
    made.pulumi("stack", "rm", "--yes", "--force")
    kubectl(lab.env, "delete", "namespace", EXISTING, "--ignore-not-found", "--wait=false")
    registry_admin.set_limit(lab.state, "hub", anonymous=100, account=200, window=21600)


def test_a_preview_says_what_would_be_copied_and_how_many_bytes_and_asks_no_source(fresh: Stack) -> None:
    registry_admin.reset_counters(fresh.lab.state, "hub")
    done = fresh.pulumi("preview")
    assert done.returncode == 0, done.stdout + done.stderr
    size = size_of(entries(fresh)[f"docker.io/{ITEM.source}:{TAG}"]["size"])
    assert infos(done.stdout) == [
        f"image {TARGET}:{TAG}: to be copied, at most {size}",
        f"images: 1 of 1 to be copied, at most {size}",
    ]
    assert registry_admin.counters(fresh.lab.state, "hub") == {}


def test_a_preview_that_cannot_ask_the_target_says_so_and_goes_on(fresh: Stack) -> None:
    done = fresh.pulumi("preview", LAB_GHCR_URL="http://127.0.0.1:1")
    assert done.returncode == 0, done.stdout + done.stderr
    (image, total) = infos(done.stdout)
    assert "to be copied, at most" in image and "ghcr.io" in image.partition("(")[2]
    assert total.startswith("images: 1 of 1 to be copied, at most")


def test_a_run_whose_pulls_are_spent_does_not_wait_and_names_the_command_that_does(fresh: Stack) -> None:
    fresh.configure({"hub2ghcr:images": {"lock": "images.lock.yaml", "mirror": "copy", "pullBudget": 1}})
    # the lock has read every manifest here already: without what it kept, they cost pulls
    done = fresh.up(XDG_CACHE_HOME=str(fresh.folder / "empty"))
    assert done.returncode != 0
    (line,) = [line for line in lines(done) if "pulls of this run are spent" in line]
    assert line.startswith("Exception calling application: ") or line.startswith(TARGET)
    assert "`hub2ghcr copy -s STACK --wait` waits for pulls" in line
    assert "Traceback" not in done.stdout + done.stderr
    fresh.configure({"hub2ghcr:images": {"lock": "images.lock.yaml", "mirror": "copy"}})


@pytest.fixture(scope="module")
def applied(fresh: Stack) -> Stack:
    done = fresh.up()
    assert done.returncode == 0, done.stdout + done.stderr
    return fresh


def faults(stack: Stack) -> list[str]:
    return samples.faults_of(stack.lab.state, FOLDER, [replace(ITEM, name=f"samples-{ITEM.name}")])


def test_a_run_copies_the_image_with_all_its_platforms_and_all_that_is_attached(applied: Stack) -> None:
    assert faults(applied) == []
    assert infos(applied.pulumi("preview").stdout) == ["images: 0 of 1 to be copied"]


@pytest.mark.slow
@pytest.mark.parametrize("gone", ["a platform", "a signature"])
def test_what_is_missing_below_an_image_is_seen_by_a_refresh_and_mended_by_the_next_run(
    applied: Stack, gone: str
) -> None:
    reference = {"a platform": ITEM.image.manifests[0].digest, "a signature": SIGNATURE}[gone]
    registry_admin.delete_manifest(applied.lab.state, "ghcr", f"{FOLDER}/samples-{ITEM.name}", reference)
    assert faults(applied) != []
    assert applied.up("--expect-no-changes").returncode == 0  # negative control: without a refresh nothing is looked at
    assert faults(applied) != []
    refreshed = applied.pulumi("refresh", "--yes", "--skip-preview")
    assert refreshed.returncode == 0, refreshed.stdout
    done = applied.up()
    assert done.returncode == 0, done.stdout + done.stderr
    assert faults(applied) == []


def test_the_state_keeps_what_is_copied_and_no_credential(applied: Stack) -> None:
    text = json.dumps(applied.state())
    assert accounts.MIGRATION.token not in text and accounts.HUB_READER.token not in text
    (copy,) = [each for each in applied.state()["deployment"]["resources"] if each["type"].endswith(":ImageCopy")]
    assert sorted(copy["inputs"]) == ["__provider", "attached", "digest", "mode", "source", "target"]


def push(state: Path, place: Place, repository: str, reference: str, image: Image) -> None:
    """Push an image behind the front of a registry, so that nothing is counted."""
    headers = {"Authorization": f"Bearer {registry_admin.token(state, place, repository)}"}
    url = f"http://127.0.0.1:{port(state, f'{place}-registry')}"
    with httpx.Client(base_url=url, headers=headers, timeout=20, trust_env=False, verify=False) as client:
        images.push(client, repository, reference, image)


def release(lab: Lab, version: str) -> str:
    """Publish an image on GHCR, as the workflow of its repository does; its digest."""
    made = images.make(f"shop {version}")
    repository, _, tag = RELEASED.removeprefix("ghcr.io/").partition(":")
    push(lab.state, "ghcr", repository, tag, made)
    return made.digest


@pytest.mark.slow
def test_a_release_after_the_cutover_needs_a_lock_update_and_a_run(applied: Stack) -> None:
    configure(applied, f"{ITEM.source}:{TAG}", RELEASED)
    first = release(applied.lab, "2.0")
    lock(applied, "--update")
    assert entries(applied)[RELEASED]["origin"] == "published"
    done = applied.up()
    assert done.returncode == 0, done.stdout + done.stderr
    assert running(applied) == f"{RELEASED}@{first}"

    second = release(applied.lab, "2.0, rebuilt")
    assert second != first
    assert applied.pulumi("preview").returncode != 0  # what is locked is no longer at its tag: told, not taken
    lock(applied, "--update")
    done = applied.up()
    assert done.returncode == 0, done.stdout + done.stderr
    assert running(applied) == f"{RELEASED}@{second}"
    assert registry_copies(applied) == {f"{TARGET}:{TAG}": "copy", RELEASED: "require"}


@pytest.mark.slow
def test_above_a_number_of_images_a_run_requires_them_and_names_the_command(applied: Stack) -> None:
    applied.configure({"hub2ghcr:images": {"lock": "images.lock.yaml", "mirror": "require"}})
    registry_admin.delete_manifest(applied.lab.state, "ghcr", f"{FOLDER}/samples-{ITEM.name}", SIGNATURE)
    done = applied.pulumi("preview")
    assert done.returncode != 0
    (line,) = lines(done)
    assert line.endswith(
        f" {TARGET}:{TAG}: the registry has not all that is attached to it; run `hub2ghcr copy -s STACK` first, or set"
        " `images.mirror: copy`"
    )
    run(applied, "copy")
    assert applied.pulumi("preview").returncode == 0
    applied.configure({"hub2ghcr:images": {"lock": "images.lock.yaml", "mirror": "copy"}})


def test_destroying_leaves_the_images(applied: Stack) -> None:
    done = applied.pulumi("destroy", "--yes", "--skip-preview")
    assert done.returncode == 0, done.stdout + done.stderr
    assert faults(applied) == []


def running(stack: Stack) -> str:
    (pod,) = [each for each in get(stack.lab.env, "pod", "-n", EXISTING) if each["metadata"]["name"] == "pod-1"]
    return str(pod["spec"]["containers"][0]["image"])


def registry_copies(stack: Stack) -> Mapping[str, str]:
    resources = stack.state()["deployment"]["resources"]
    return {
        each["inputs"]["target"]: each["inputs"]["mode"] for each in resources if each["type"].endswith(":ImageCopy")
    }
