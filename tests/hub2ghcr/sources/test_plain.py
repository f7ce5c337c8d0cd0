from __future__ import annotations

from pathlib import Path

import pytest

from hub2ghcr.errors import Hub2GhcrError
from hub2ghcr.sources import Plain
from tests.hub2ghcr.sources.conftest import Load, Write, deployment


def test_a_folder_is_read_file_by_file_in_order_and_nothing_else_of_it(write: Write, load: Load) -> None:
    write({"d/b.yml": deployment("b"), "d/a/z.yaml": deployment("z"), "d/README.md": "text", "d/.x/h.yaml": "no: 1"})
    write({"d/c.json": '{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "c"}}'})
    source = load(Plain("d"))
    assert source.files == ("d/a/z.yaml", "d/b.yml", "d/c.json")
    assert [each.place for each in source.documents] == [
        "d/a/z.yaml: Deployment z",
        "d/b.yml: Deployment b",
        "d/c.json: Service c",
    ]


def test_a_file_is_a_source_of_its_own(write: Write, load: Load) -> None:
    write({"web.yaml": deployment("web")})
    source = load(Plain("web.yaml"))
    assert (source.kind, source.name, source.files) == ("files", "web.yaml", ("web.yaml",))


def test_the_digest_changes_with_every_byte_and_name_that_goes_in(write: Write, load: Load) -> None:
    write({"d/a.yaml": deployment("a"), "e/a.yaml": deployment("a"), "d/README.md": "text"})
    first = load(Plain("d")).digest
    assert first.startswith("sha256:") and first != load(Plain("e")).digest
    write({"d/README.md": "other text"})
    assert load(Plain("d")).digest == first
    write({"d/a.yaml": deployment("a") + "# \n"})
    assert load(Plain("d")).digest != first


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("d/x/kustomization.yaml", "{kustomize: d/x}"),
        ("d/x/Kustomization", "{kustomize: d/x}"),
        ("d/x/Chart.yaml", "{helm: d/x, release: …}"),
    ],
)
def test_what_is_to_be_rendered_is_no_plain_folder(write: Write, load: Load, name: str, remedy: str) -> None:
    write({name: "resources: []\n", "d/a.yaml": deployment("a")})
    with pytest.raises(Hub2GhcrError, match="in a folder of manifests") as caught:
        load(Plain("d"))
    assert remedy in str(caught.value)


def test_every_broken_file_of_a_folder_is_named_at_once(write: Write, load: Load) -> None:
    write({"d/a.yaml": "a: [", "d/b.yaml": "kind: Pod\n", "d/c.yaml": deployment("c")})
    with pytest.raises(Hub2GhcrError) as caught:
        load(Plain("d"))
    assert [line.partition(":")[0] for line in caught.value.lines] == ["d/a.yaml", "d/b.yaml"]


def test_an_empty_folder_is_a_mistake(write: Write, load: Load) -> None:
    write({"d/README.md": "text"})
    with pytest.raises(Hub2GhcrError, match="no manifest in this folder"):
        load(Plain("d"))


def test_a_link_out_of_the_project_is_refused(write: Write, load: Load, tmp_path: Path) -> None:
    write({"d/a.yaml": deployment("a")})
    (tmp_path / "d" / "out.yaml").symlink_to("/etc/hostname")
    with pytest.raises(Hub2GhcrError, match=r"d/out.yaml: a symbolic link out of the project's folder"):
        load(Plain("d"))


def test_a_link_to_a_folder_is_not_passed_over_in_silence(write: Write, load: Load, tmp_path: Path) -> None:
    write({"d/a.yaml": deployment("a"), "e/b.yaml": deployment("b")})
    (tmp_path / "d" / "e").symlink_to("../e")
    with pytest.raises(Hub2GhcrError, match=r"d/e: a symbolic link to a folder; name that folder itself"):
        load(Plain("d"))
