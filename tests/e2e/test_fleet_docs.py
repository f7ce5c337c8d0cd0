"""The documentation at a shell: the tutorial as a newcomer follows it, then each line of each page where that ends."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
import yaml

from lab import images, registry_admin
from lab.accounts import GITHUB_ADMIN
from lab.kubectl import kubectl
from tests.docs.commands import ROOT, lines
from tests.e2e.conftest import Lab
from tests.e2e.reader import Reader
from tests.e2e.reading import HEAD, Reading, read
from tests.hub2ghcr.archives import shapes

pytestmark = [pytest.mark.e2e, pytest.mark.root, pytest.mark.slow]

TUTORIAL = "docs/tutorial.md"
NAMES = {
    "decode hub2ghcr-ghcr -s prod -n shop": "decode hub2ghcr-ghcr -s canary -n shop-canary",
    "--namespace shop": "--namespace shop-canary",
    "STACK": "canary",
    "prod": "canary",
}
"""The stack that the tutorial leaves is the one of all other pages."""

TITLE = "Commands of the documentation: what ran on the lab, and what cannot"
CHART = """
apiVersion: v1
kind: Pod
metadata: {name: chart}
spec: {containers: [{name: web, image: "nginx:1.27"}]}
"""
CLUSTER_TOKEN = "lab-ghcr-pull-demo-51d0b8e4"
FILES = {
    "app/Dockerfile": "FROM ghcr.io/acme/tools:3\n",
    "charts/shop/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
    "charts/shop/templates/pod.yaml": CHART,
    "token": CLUSTER_TOKEN,
}
NAMESPACES = ("shop", "builds")
SECRETS = {"HUB2GHCR_SECRET_GHCR_CLUSTER_TOKEN": CLUSTER_TOKEN, "HUB2GHCR_SECRET_GITHUB_TOKEN": GITHUB_ADMIN.token}
GITHUB = {
    "hub2ghcr:github": {
        "owner": "acme",
        "endpoint": "${LAB_GITHUB_URL}",
        "credential": "github-admin",
        "packages": {"shop": {"retention": {"keepVersions": 5}}},
    }
}

EXITS: dict[str, int] = {}
"""Lines that end with another code than 0, as their pages say."""


@pytest.fixture(scope="module")
def reader(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Somebody beside a checkout, with the lab's environment and pulls enough."""
    folder = tmp_path_factory.mktemp("reader")
    (folder / "checkout").mkdir()
    registry_admin.set_limit(lab.state, "hub", anonymous=1000, account=1000, window=3600)
    yield Reader(folder / "checkout", lab.env, folder / "notes")
    registry_admin.set_limit(lab.state, "hub", anonymous=100, account=200, window=21600)


@pytest.fixture(scope="module")
def followed(reader: Reader) -> Reading:
    """The tutorial, from its first line to its last."""
    return read(reader, TUTORIAL, [line for line in lines() if line.page == TUTORIAL], shown=True)


def test_the_tutorial_goes_as_it_is_written(followed: Reading) -> None:
    assert followed.ran > 30
    assert followed.wrong == []


@pytest.fixture(scope="module")
def equipped(lab: Lab, reader: Reader, followed: Reading) -> Iterator[Reader]:
    """The reader once more, with what other pages take for granted: files, namespaces, GitHub's side of the stack."""
    folder = reader.folder = next(reader.folder.parent.glob("acme"))
    shutil.copytree(ROOT / "stacks" / "demo", folder / "deploy")
    shutil.copytree(ROOT / "stacks" / "kaniko", folder / "stacks" / "kaniko")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    shapes.write(
        folder / "app.tar", shapes.layout({"docker.io/acme/app:local": images.make("acme/app:local", "serve")})
    )
    for namespace in NAMESPACES:
        kubectl(lab.env, "create", "namespace", namespace)
    kubectl(lab.env, "apply", "--server-side", "-f", str(ROOT / "tests" / "e2e" / "crds" / "stacks.yaml"))
    file = folder / "stacks" / "Pulumi.canary.yaml"
    settings = yaml.safe_load(file.read_text())
    settings["config"].update(GITHUB)
    settings["config"]["hub2ghcr:credentials"]["github-admin"] = {"username": "acme-admin", "secretKey": "githubToken"}
    file.write_text(yaml.safe_dump(settings, sort_keys=False))
    secret = f"printf {GITHUB_ADMIN.token} | hub2ghcr secret set github-admin -s canary"
    done = reader.type(f"{secret} && git add . && git commit --quiet --message equipped")
    assert done.code == 0, done.text
    reader.begun = {**reader.begun, **SECRETS}
    yield reader
    kubectl(lab.env, "delete", "namespace", *NAMESPACES, "--timeout=60s")


@pytest.mark.parametrize("page", sorted({line.page for line in lines()} - {TUTORIAL}))
def test_every_line_of_a_page_runs(page: str, equipped: Reader, reports: dict[str, list[tuple[str, ...]]]) -> None:
    found = [line for line in lines() if line.page == page]
    equipped.folder, equipped.env = next(equipped.notes.parent.glob("acme")), {**equipped.begun}
    reading = read(equipped, page, found, exits=EXITS, names=NAMES)
    reports.setdefault(TITLE, [HEAD]).append(reading.row())
    assert reading.ran + len(reading.apart) == len(found)
    assert reading.wrong == []
