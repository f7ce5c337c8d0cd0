"""The organisation of ``stacks/`` on four clusters: a lock leads a digest from dev to production."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import yaml

from hub2ghcr.lock import Lock
from hub2ghcr.reference import Reference
from lab import images, oci, registry_admin, second_cluster
from lab.accounts import GITHUB_ADMIN, SHOP_PUBLISHER
from lab.kubectl import get, kubectl
from tests.e2e.conftest import Lab
from tests.e2e.stack import Stack, lines

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

CLUSTERS = ("dev", "staging", "eu", "us")
NAMESPACES = ("jobs", "shop")
LOCK = "images.lock.yaml"


@pytest.fixture(scope="module")
def kubeconfig(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A kubeconfig as an organisation has it: a context for each cluster. dev is the lab's own, whose node pulls."""
    folder = tmp_path_factory.mktemp("clusters")
    found = {"dev": Path(lab.env["KUBECONFIG"])}
    try:
        for name in CLUSTERS[1:]:
            found[name] = second_cluster.up(folder / name, lab.state, lab.tools, nodes="kwok")
        path = folder / "kubeconfig"
        path.write_text(json.dumps(_joined(found)))
        path.chmod(0o600)
        yield path
    finally:
        for name in CLUSTERS[1:]:
            second_cluster.down(folder / name)


def _joined(found: dict[str, Path]) -> dict[str, object]:
    read = {name: json.loads(path.read_text()) for name, path in found.items()}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{**each["clusters"][0], "name": name} for name, each in read.items()],
        "users": [{**each["users"][0], "name": name} for name, each in read.items()],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}} for name in read],
    }


@dataclass(frozen=True)
class Organisation:
    """A clone of the repository, whose stacks reach the clusters by their contexts."""

    lab: Lab
    root: Path
    env: dict[str, str]

    def stack(self, name: str) -> Stack:
        return Stack(self.lab, self.root, self.env, name)

    def hub2ghcr(self, *command: str, **env: str) -> CompletedProcess[str]:
        return self.lab.run("hub2ghcr", *command, cwd=self.root, timeout=300.0, **{**self.env, **env})

    def up(self, name: str) -> None:
        done = self.stack(name).up()
        assert done.returncode == 0, done.stdout + done.stderr

    def merge(self, path: str, before: str, after: str) -> list[str]:
        """Merge a pull request that replaces a text of one file; return the lines it changes."""
        old = (self.root / path).read_text()
        assert old.count(before) == 1
        (self.root / path).write_text(old.replace(before, after))
        return changed(old, (self.root / path).read_text())

    def runs(self, cluster: str) -> dict[str, str]:
        """The image of every workload of a cluster."""
        context = f"--context={cluster}"
        found = {}
        for kind, namespace in (("deployments", "shop"), ("cronjobs", "jobs")):
            for each in get(self.env, kind, "-n", namespace, context):
                spec = each["spec"]["jobTemplate"]["spec"] if kind == "cronjobs" else each["spec"]
                found[each["metadata"]["name"]] = spec["template"]["spec"]["containers"][0]["image"]
        return found


def changed(before: str, after: str) -> list[str]:
    """The lines that a pull request takes away and adds."""
    diff = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return [each for each in diff if each[:1] in "+-" and each[:3] not in ("+++", "---")]


@pytest.fixture
def organisation(lab: Lab, program: Path, kubeconfig: Path, many_pulls: None) -> Iterator[Organisation]:
    """The organisation before its migration: every cluster runs the application on Docker Hub's images."""
    env = {**lab.env, "KUBECONFIG": str(kubeconfig)}
    for each in Lock.load(program / LOCK, LOCK).entries:  # what another test of this lab has copied
        reference = Reference.parse(each.target)
        for name in filter(None, (reference.tag, each.target_digest)):
            registry_admin.delete_manifest(lab.state, "ghcr", reference.repository, name)
    for name in CLUSTERS:
        for namespace in NAMESPACES:
            kubectl(env, f"--context={name}", "create", "namespace", namespace)
        kubectl(env, f"--context={name}", "apply", "-f", str(program / "stacks" / "apps"))
    for name in CLUSTERS:
        kubectl(env, f"--context={name}", "rollout", "status", "deployment", "-n", "shop", "--timeout=90s")
    found = Organisation(lab, program, env)
    for name in ("org", "dev", "staging", "production"):
        made = found.stack(name).pulumi("stack", "init")
        assert made.returncode == 0, made.stderr
    yield found
    images.seed(lab.state)
    for name in CLUSTERS:
        kubectl(env, f"--context={name}", "delete", "namespace", *NAMESPACES, "--ignore-not-found", "--wait=false")


def took(lab: Lab) -> bool:
    """Whether anything was taken from Docker Hub since its counters were reset."""
    return any(registry_admin.counters(lab.state, "hub").get(kind) for kind in ("manifest_get", "blob_get"))


def republish(lab: Lab, repository: str, tag: str, made: oci.Image) -> None:
    """Have somebody push another image to Docker Hub under a tag that is there."""
    with images.behind(lab.state, "hub", repository) as client:
        images.push(client, repository, tag, made)


def test_the_digest_that_dev_ran_is_the_digest_that_reaches_production(
    organisation: Organisation, reports: dict[str, list[tuple[str, ...]]]
) -> None:
    lab, root = organisation.lab, organisation.root
    locked = {each.target: each.target_digest for each in Lock.load(root / LOCK, LOCK).entries}
    rows = reports.setdefault("From dev to production", [("what", "dev", "staging", "eu", "us")])

    def told(what: str) -> None:
        rows.append((what, *(organisation.runs(name)["web"].partition("@")[2][7:15] or "Hub" for name in CLUSTERS)))

    # Nobody comes before dev: what it has not copied is required in vain, and nothing moves
    (early, *_) = lines(organisation.stack("production").up())
    assert "ghcr.io/acme/" in early
    told("before")

    organisation.up("dev")
    dev = organisation.runs("dev")
    assert dev == {
        "web": f"ghcr.io/acme/mirror/nginx:1.27@{locked['ghcr.io/acme/mirror/nginx:1.27']}",
        "shop": f"ghcr.io/acme/shop:1.4.2@{locked['ghcr.io/acme/shop:1.4.2']}",
        "report": f"ghcr.io/acme/report:0.9@{locked['ghcr.io/acme/report:0.9']}",
    }
    told("dev: up")

    # Meanwhile somebody publishes another image under the tag that is in all manifests
    republish(lab, "library/nginx", "1.27", images.make("library/nginx:1.27, patched"))
    registry_admin.reset_counters(lab.state, "hub")

    # A promotion is a pull request of one line. staging inherits its phase here: it is written over the base
    organisation.merge("stacks/Pulumi.staging.yaml", "  hub2ghcr:phase: prepare\n", "")
    base, own = (root / "stacks/base.yaml").read_text(), (root / "stacks/Pulumi.staging.yaml").read_text()
    done = organisation.hub2ghcr("up", "-s", "staging", "--phase", "cutover", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (root / "stacks/base.yaml").read_text() == base
    assert changed(own, (root / "stacks/Pulumi.staging.yaml").read_text()) == ["+  hub2ghcr:phase: cutover"]
    told("staging: cutover")

    lines_of = organisation.merge("stacks/Pulumi.production.yaml", "phase: prepare", "phase: cutover")
    assert lines_of == ["-  hub2ghcr:phase: prepare", "+  hub2ghcr:phase: cutover"]
    organisation.up("production")
    told("production: cutover")
    assert [organisation.runs(name) for name in CLUSTERS] == [dev] * 4
    assert not took(lab), "staging and production took nothing from Docker Hub"

    # Negative control: but for the lock they would have run another image than dev
    check = organisation.hub2ghcr("lock", "-s", "production", "--update", "--check")
    assert check.returncode == 1 and "docker.io/library/nginx:1.27" in check.stdout

    # A lock line is promoted the same way: dev copies and runs it first, production cannot run ahead
    before = (root / LOCK).read_text()
    done = organisation.hub2ghcr("lock", "-s", "dev", "--update", "docker.io/library/*")
    assert done.returncode == 0, done.stderr
    diff = changed(before, (root / LOCK).read_text())
    assert {each[1:].split(":")[0].strip() for each in diff} <= {"digest", "at", "size"}, diff
    assert lines(organisation.stack("production").up()) != []
    assert organisation.runs("eu") == dev
    told("the lock's line moves")
    for name in ("dev", "staging", "production"):
        registry_admin.reset_counters(lab.state, "hub")
        organisation.up(name)
        assert took(lab) is (name == "dev"), "control: dev takes from Docker Hub what it copies"
        told(f"{name}: up")
    after = [organisation.runs(name) for name in CLUSTERS]
    assert after == [after[0]] * 4 and after[0]["web"] != dev["web"] and after[0]["shop"] == dev["shop"]


def test_the_organisations_own_stack_needs_no_cluster(lab: Lab, program: Path) -> None:
    nowhere = {**lab.env, "KUBECONFIG": str(program / "none")}
    organisation = Organisation(lab, program, nowhere)
    stack = organisation.stack("org")
    if stack.pulumi("stack", "select").returncode:
        assert stack.pulumi("stack", "init").returncode == 0
    copied = organisation.hub2ghcr("copy", "-s", "dev")  # packages come into being with the first copy
    assert copied.returncode == 0, copied.stderr
    organisation.up("org")
    again = stack.up("--expect-no-changes")
    assert again.returncode == 0, again.stdout + again.stderr
    tokens = {
        "HUB2GHCR_SECRET_CR_PAT_SHOP": SHOP_PUBLISHER.token,
        "HUB2GHCR_SECRET_GITHUB_ADMIN_TOKEN": GITHUB_ADMIN.token,
    }
    for command in ("plan", "permissions", "status", "inventory", "doctor"):
        done = organisation.hub2ghcr(command, "-s", "org", **tokens)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    assert yaml.safe_load((program / "stacks/org.inventory.yaml").read_text()).get("clusters") in (None, [])
    gone = stack.pulumi("destroy", "--yes", "--skip-preview")
    assert gone.returncode == 0, gone.stdout + gone.stderr
