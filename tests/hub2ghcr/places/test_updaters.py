"""What updaters follow moves by name, and is never pinned: they would take a digest away, or move an image back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hub2ghcr import places
from hub2ghcr.lock import Lock
from hub2ghcr.mapping import Mapping, Rule
from hub2ghcr.places import dependabot
from hub2ghcr.places.pieces import piece
from hub2ghcr.places.rows import CUSTOM, Place
from hub2ghcr.reference import Reference
from hub2ghcr.rewriting import rewrite
from hub2ghcr.source import Scalar
from tests.hub2ghcr.conftest import entry

from .test_table import merged, nested

BEFORE = Path(__file__).parent / "before" / "updaters"
MAPPING = Mapping((Rule.parse("docker.io/*", "ghcr.io/acme/*"),))


def application(annotations: dict[str, str]) -> bytes:
    named = {f"argocd-image-updater.argoproj.io/{key}": value for key, value in annotations.items()}
    metadata = {"name": "shop", "annotations": named}
    return json.dumps({"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": metadata}).encode()


@pytest.mark.parametrize(
    ("row", "path"), [(row, path) for row in CUSTOM for path in row.follows], ids=lambda each: str(each)[:60]
)
def test_what_each_row_follows_moves_by_name_in_files_and_in_memory(row: Place, path: str) -> None:
    about = {"apiVersion": f"{row.group}/v1", "kind": row.kind, "metadata": {"name": "n"}}
    body: Any = merged(about, nested(path, "a=acme/x:~1"))
    (found,) = [each for each in places.find(json.dumps(body).encode(), "m.yaml") if each.text]
    assert (found.text, found.note, found.name_only) == ("acme/x", "", True)
    done = rewrite(json.dumps(body).encode(), "m.yaml", MAPPING)
    assert json.loads(done.data) == merged(about, nested(path, "a=ghcr.io/acme/acme/x:~1"))
    memory = places.in_memory(body)
    (said,) = memory.rewritten(places.edits(memory.found[0], Reference.parse("ghcr.io/acme/x"))).values()
    assert said == "a=ghcr.io/acme/x:~1"


@pytest.mark.parametrize(
    ("listed", "names"),
    [
        ("acme/shop", ["acme/shop"]),
        ("acme/shop:>=1.2", ["acme/shop"]),
        (" a=acme/shop:~1.4 ,b=localhost:5000/web:1.x", ["acme/shop", "localhost:5000/web"]),
        ("a.b-c_d=docker.io/acme/shop@sha256:1", ["docker.io/acme/shop"]),
        ("a={{image}}:~1", ["{{image}}:~1"]),
        ("", []),
    ],
)
def test_a_list_is_read_as_the_updater_reads_it(listed: str, names: list[str]) -> None:
    assert [each.text for each in places.find(application({"image-list": listed}), "m.yaml")] == names


def test_a_list_in_bytes_of_its_own_is_reported_and_left() -> None:
    data = application({"image-list": "a=acme/shop,\nb=acme/web"})  # JSON escapes the line end
    done = rewrite(data, "m.json", MAPPING)
    assert done.data == data
    assert [each.partition(": ")[2] for each in done.notes] == [
        "written inside a text: change it by hand: 'acme/shop'",
        "written inside a text: change it by hand: 'acme/web'",
    ]


def test_a_piece_of_a_folded_text_has_no_bytes_of_its_own() -> None:
    assert piece(Scalar("a b", 0, 9, 1, 1, "folded"), 2, "b", b">\n  a\n  b") is None


def test_keys_of_helm_values_are_none() -> None:
    assert places.find(application({"a.helm.image-name": "image.repository"}), "m.yaml") == ()


def remarks(data: bytes) -> list[str]:
    return [each.note for each in places.find(data, "m.yaml") if not each.text]


def test_a_credential_for_docker_hub_alone_is_told() -> None:
    secret = {"a.pull-secret": "pullsecret:argocd/hub"}
    note = "Argo CD Image Updater reads the tags with pullsecret:argocd/hub: it must open ghcr.io, too"
    assert remarks(application({"image-list": "a=acme/shop", **secret})) == [note]
    assert remarks(application({"image-list": "a=ghcr.io/acme/shop", **secret})) == []
    assert remarks((BEFORE / "flux.yaml").read_bytes()) == [
        "Flux reads the tags with Secret hub: it must open ghcr.io, too",
        "follows tags by semver (range 1.4.x): it takes the highest that is on GHCR",
    ]


@pytest.mark.parametrize(("image", "told"), [("acme/shop:~1", 3), ("ghcr.io/acme/shop", 0)])
def test_an_image_updaters_credentials_are_told_at_each_level(image: str, told: int) -> None:
    settings = {"commonUpdateSettings": {"pullSecret": "pullsecret:argocd/hub"}}
    images = [{"alias": "a", "imageName": image, **settings}, {"alias": "b", "imageName": "ghcr.io/a/b"}]
    spec = {"applicationRefs": [{"images": images, **settings}], **settings}
    about = {"apiVersion": "argocd-image-updater.argoproj.io/v1alpha1", "kind": "ImageUpdater"}
    assert len(remarks(json.dumps({**about, "metadata": {"name": "a"}, "spec": spec}).encode())) == told


def test_where_flux_writes_is_told() -> None:
    about = {"apiVersion": "image.toolkit.fluxcd.io/v1", "kind": "ImageUpdateAutomation", "metadata": {"name": "a"}}
    update = {"path": "./apps", "strategy": "Setters"}
    assert remarks(json.dumps({**about, "spec": {"update": update}}).encode()) == [
        "writes tags into the files below ./apps: it runs on commits, so rewrite all of them in one"
    ]
    assert remarks(json.dumps({**about, "spec": {"update": 1}}).encode()) == []


@pytest.mark.parametrize(
    ("registries", "told"),
    [
        ("- {prefix: docker.io, credentials: 'secret:a/b#c'}", True),
        ("- {prefix: docker.io}", False),
        ("- {prefix: docker.io, credentials: 'secret:a/b#c'}\n- {prefix: ghcr.io}", False),
        ("a: [", False),
        ("a", False),
    ],
)
def test_registries_of_the_updater_that_lack_ghcr_are_told(registries: str, told: bool) -> None:
    conf = f"registries:\n{registries}\n"
    data = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"registries.conf": conf}}
    said = "Argo CD Image Updater signs in to Docker Hub alone: add a registry with prefix ghcr.io and its credentials"
    assert remarks(json.dumps(data).encode()) == ([said] if told else [])


LOCK = Lock(
    (
        entry("docker.io/acme/shop:1.4.2", "ghcr.io/acme/acme/shop:1.4.2"),
        entry("docker.io/library/postgres:16", "ghcr.io/acme/library/postgres:16"),
    )
)
DIGEST = LOCK.entries[0].digest


def test_no_digest_is_written_where_flux_writes_the_tag() -> None:
    done = rewrite((BEFORE / "flux.yaml").read_bytes(), "m.yaml", MAPPING, LOCK, pin=True)
    assert done.problems == ()
    text = done.data.decode()
    assert 'ghcr.io/acme/acme/shop:1.4.2 # {"$imagepolicy"' in text
    assert 'tag: 1.4.2 # {"$imagepolicy"' in text
    assert f"postgres:16@{DIGEST}" in text
    why = "not pinned, for Flux's ImagePolicy flux-system:shop writes its tag and takes a digest away"
    assert [each.partition(": ")[2] for each in done.notes] == [
        f"{why}: 'docker.io/acme/shop:1.4.2'",
        f"{why}: 'acme/shop:1.4.2'",
    ]
    unmarked = (BEFORE / "flux.yaml").read_bytes().replace(b"$imagepolicy", b"$other")
    assert rewrite(unmarked, "m.yaml", MAPPING, LOCK, pin=True).data.decode().count(DIGEST) == 3


def test_an_image_that_flux_writes_needs_its_lock_entry_all_the_same() -> None:
    done = rewrite((BEFORE / "flux.yaml").read_bytes(), "m.yaml", MAPPING, Lock(), pin=True)
    assert ["not locked" in str(each) for each in done.problems] == [True, True, True]


@pytest.mark.parametrize(
    "comment",
    [
        '# {"$imagepolicy": 1}',
        '# {"$imagepolicy": a}',
        '# {"$imagepolicy": "a:b"',
        "# $imagepolicy",
        '# {"$imagepolicy": "a:b"} so',
    ],
)
def test_other_comments_are_none_of_fluxs(comment: str) -> None:
    data = f'apiVersion: v1\nkind: Pod\nspec: {{containers: [{{image: acme/shop:1}}]}} {comment}\n#"$imagepolicy"\n'
    assert [each.updater for each in places.find(data.encode(), "m.yaml")] == [""]
    data = f'apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: acme/shop:1 {comment}\n#"$imagepolicy"\n'
    assert [each.updater for each in places.find(data.encode(), "m.yaml")] == [""]


def test_a_digest_that_flux_writes_has_its_own_place_and_is_pinned() -> None:
    values = 'image:\n  repository: acme/shop\n  tag: 1.4.2 # {"$imagepolicy": "a:b:tag"}\n  digest: \'\'\n'
    done = rewrite(values.encode(), "values.yaml", MAPPING, LOCK, pin=True)
    assert f'"{DIGEST}"' in done.data.decode() or f"'{DIGEST}'" in done.data.decode()


@pytest.mark.parametrize(
    ("registries", "told"),
    [
        ("hub: {type: docker-registry, url: 'https://index.docker.io/v1/'}", [3]),
        ("hub: {type: docker-registry, url: registry.hub.docker.com}\n  two: {url: docker.io}", [3, 4]),
        ("hub: {url: docker.io}\n  gh: {type: docker-registry, url: ghcr.io}", []),
        ("npm: {type: npm-registry, url: https://npm.acme.io}\n  odd: 1", []),
    ],
)
def test_dependabots_registry_of_docker_hub_alone_is_told(registries: str, told: list[int]) -> None:
    data = f"version: 2\nregistries:\n  {registries}\nupdates: []\n".encode()
    found = places.find(data, ".github/dependabot.yml")
    assert [each.parts[0][1].line for each in found] == told
    assert {each.note for each in found} <= {dependabot.NOTE}
    assert not places.find(data, "dependabot.yml")
    assert not places.find(b"registries: 1\n", "a/.github/dependabot.yaml")
