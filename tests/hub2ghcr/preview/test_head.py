"""A base's program with a head's data: what is laid over what, and what must not be done with it."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import yaml

from hub2ghcr.errors import Problems
from hub2ghcr.preview import opening, previewing
from hub2ghcr.preview.head import Overlay, overlay
from hub2ghcr.preview.judging import Judge
from hub2ghcr.preview.side import Side

from ..conftest import NEW, SHOP, Project, entry

CHART = {
    "stacks/chart/Chart.yaml": "apiVersion: v2\nname: chart\nversion: 1.0.0\n",
    "stacks/chart/templates/a.yaml": SHOP.partition("---")[0],
    "stacks/values.yaml": "a: 1\n",
}
OVERLAY = {
    "stacks/overlay/kustomization.yaml": "resources: [../parts]\n",
    "stacks/parts/kustomization.yaml": "resources: [web.yaml]\n",
    "stacks/parts/web.yaml": SHOP.partition("---")[0],
}


class Change:
    """A base, and a head that tests change."""

    def __init__(self, project: Project, folder: Path) -> None:
        self.base, self.target = project.root, folder / "target"
        self.target.mkdir()
        copytree(self.base, folder / "head", symlinks=True)
        self.head = Project(folder / "head")
        self.head.config = yaml.safe_load((self.base / "stacks/Pulumi.test.yaml").read_text())["config"]

    def overlay(self) -> Overlay:
        return overlay(self.base, self.head.root, self.target)


@pytest.fixture
def base(tmp_path: Path) -> Project:
    """Return a project whose manifests are in ``stacks/``, and that has a program."""
    (tmp_path / "base").mkdir()
    found = Project(tmp_path / "base")
    for name in ("shop.yaml", "new.yaml"):
        (found.root / name).unlink()
    namespaces = found.config["hub2ghcr:clusters"][0]["namespaces"]
    for name, text in (("shop", SHOP), ("new", NEW)):
        found.write(f"stacks/{name}.yaml", text)
        namespaces[name]["manifests"] = [f"stacks/{name}.yaml"]
    for name, text in (("__main__.py", "base"), ("components/one.py", "base"), ("Pulumi.yaml", "name: base\n")):
        found.write(name, text)
    found.write(".git/config", "[core]\n")
    found.write(".venv/bin/python", "base")
    return found.save()


@pytest.fixture
def change(base: Project, tmp_path: Path) -> Change:
    return changed(base, tmp_path)


def changed(base: Project, tmp_path: Path) -> Change:
    """Return a head that is as its base, but for programs that would be run."""
    found = Change(base, tmp_path)
    for name in ("__main__.py", "components/one.py", "Pulumi.yaml", "sitecustomize.py", ".venv/bin/python"):
        found.head.write(name, "head")
    return found


def namespaces(project: Project) -> dict[str, Any]:
    """Return those of the only cluster."""
    found: dict[str, Any] = project.config["hub2ghcr:clusters"][0]["namespaces"]
    return found


def test_program_and_environment_are_the_bases_stacks_and_lock_are_the_heads(change: Change) -> None:
    change.head.write("stacks/shop.yaml", SHOP + "# head\n")
    change.head.lock = change.head.lock.merged([entry("docker.io/acme/new:1", "ghcr.io/acme/new:1")])
    change.head.change(lambda config: config.update(phase="prepare")).save()
    found = change.overlay()
    assert (found.refused, found.unplanned) == ({}, {})
    there = {str(each.relative_to(found.root)) for each in found.root.rglob("*") if each.is_file()}
    assert {each for each in there if not each.startswith("stacks/")} == {
        "__main__.py",
        "components/one.py",
        "Pulumi.yaml",
        "images.lock.yaml",
        *([".venv/bin/python"] if ".venv/bin/python" in there else []),
    }
    for name in ("__main__.py", "components/one.py", ".venv/bin/python"):
        assert (found.root / name).read_text() == "base"
    assert "acme/new" in (found.root / "images.lock.yaml").read_text()
    assert "# head" in (found.root / "stacks/shop.yaml").read_text()


def test_a_stack_that_sends_a_credential_elsewhere_is_planned_and_not_asked_about(change: Change) -> None:
    change.head.change(lambda config: config["registries"]["ghcr.io"].update(endpoint="https://evil.example")).save()
    found = change.overlay()
    where = "what decides where credentials go differs from the base: registries.ghcr.io.endpoint"
    assert (found.refused, found.unplanned) == ({"test": where}, {})


@pytest.mark.parametrize("lock", ["__main__.py", "Pulumi.yaml", "components/one.py"])
def test_a_lock_takes_no_programs_place(change: Change, lock: str) -> None:
    change.head.change(lambda config: config.update(images={"lock": lock})).save()
    found = change.overlay()
    assert (found.root / lock).read_text() != "head"
    assert "test" in found.refused and "test" in found.unplanned


def test_a_new_stack_is_planned_alone(change: Change) -> None:
    text = (change.head.root / "stacks/Pulumi.test.yaml").read_text()
    change.head.write("stacks/Pulumi.more.yaml", text)
    change.head.write("stacks/Pulumi.broken.yaml", "config: {'hub2ghcr:phase': seel}\n")
    found = change.overlay()
    reasons = {"more": "the base has no such stack", "broken": "its settings cannot be read"}
    assert (found.refused, found.unplanned) == (reasons, {})


def test_a_stack_that_goes_is_not_asked_about(change: Change) -> None:
    (change.head.root / "stacks/Pulumi.test.yaml").unlink()
    assert change.overlay().refused == {"test": "the change removes it"}


@pytest.mark.parametrize("text", ["stacks/kube", "./stacks/kube"])
def test_a_kubeconfig_that_a_change_may_rewrite_is_never_used(base: Project, tmp_path: Path, text: str) -> None:
    base.change(lambda config: config["clusters"][0].update(kubeconfig=text)).save()
    base.write("stacks/kube", "kind: Config\n")
    found = changed(base, tmp_path).overlay()
    assert found.refused == {"test": f"its kubeconfig lies in stacks/, which a change may rewrite: {text}"}


def test_a_certificate_authority_is_trusted_as_far_as_it_is_the_bases(base: Project, tmp_path: Path) -> None:
    base.change(lambda config: config["registries"]["ghcr.io"].update(certificateAuthority="stacks/ca.pem")).save()
    base.write("stacks/ca.pem", "pem")
    found = changed(base, tmp_path)
    assert found.overlay().refused == {}
    found.target = tmp_path / "again"
    found.target.mkdir()
    found.head.write("stacks/ca.pem", "another")
    assert "certificateAuthority" in found.overlay().refused["test"]


RENDERED = {
    "helm": (CHART, {"helm": "stacks/chart", "release": "web", "values": ["stacks/values.yaml"]}),
    "kustomize": (OVERLAY, {"kustomize": "stacks/overlay"}),
}


@pytest.mark.parametrize("kind", RENDERED)
def test_a_chart_or_overlay_that_changes_anywhere_is_not_rendered(base: Project, tmp_path: Path, kind: str) -> None:
    files, said = RENDERED[kind]
    for name, text in files.items():
        base.write(name, text)
    namespaces(base)["shop"]["manifests"].append(said)
    base.save()
    same = changed(base, tmp_path)
    assert same.overlay().unplanned == {}
    for number, name in enumerate(files):
        same.target = tmp_path / f"{number}"
        same.target.mkdir()
        same.head.write(name, files[name] + "# head\n")
        found = same.overlay()
        assert name in found.unplanned["test"] and found.refused == found.unplanned
        same.head.write(name, files[name])


@pytest.mark.parametrize("kind", RENDERED)
def test_a_chart_or_overlay_that_is_named_anew_is_not_rendered(base: Project, tmp_path: Path, kind: str) -> None:
    files, said = RENDERED[kind]
    for name, text in files.items():
        base.write(name, text)
    found = changed(base.save(), tmp_path)
    namespaces(found.head)["shop"]["manifests"].append(said)
    found.head.save()
    assert "it renders stacks/" in found.overlay().unplanned["test"]


def test_what_is_not_planned_is_told_and_nothing_is_rendered(
    base: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control is the same preview without the verdict: the program is called."""
    files, said = RENDERED["kustomize"]
    for name, text in files.items():
        base.write(name, text)
    found = changed(base.save(), tmp_path)
    namespaces(found.head)["shop"]["manifests"] = [said]
    found.head.save()
    called = tmp_path / "called"
    program = tmp_path / "bin" / "kustomize"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\ntouch {called}\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent) + os.pathsep + os.environ["PATH"])
    with ExitStack() as opened:
        sides = opening.beside(found.head.root, base.root, opened)
        (stack,) = previewing.preview(sides, sides.stacks).stacks
        assert (stack.mode, "it renders stacks/overlay" in stack.why, called.exists()) == ("none", True, False)
        assert stack.changes
        monkeypatch.setattr(Judge, "reasons", lambda *_: ("", ""))
        sides = opening.beside(found.head.root, base.root, opened)
        previewing.preview(sides, sides.stacks)
    assert called.exists()


def test_what_lies_elsewhere_and_changes_is_told(base: Project, tmp_path: Path) -> None:
    base.write("apps/web.yaml", SHOP)
    namespaces(base)["shop"]["manifests"] = ["apps/web.yaml"]
    found = changed(base.save(), tmp_path)
    found.head.write("apps/web.yaml", SHOP + "# head\n")
    result = found.overlay()
    assert result.unplanned == {"test": "apps/web.yaml changes, or is new, and lies outside stacks/"}
    assert "# head" not in (result.root / "apps/web.yaml").read_text()


def test_links_among_the_data_end_it(change: Change) -> None:
    (change.head.root / "stacks/more.yaml").symlink_to("/proc/self/environ")
    with pytest.raises(Problems, match=r"head: stacks/more\.yaml"):
        change.overlay()


def test_no_variable_of_the_environment_comes_back_in_a_plan(change: Change, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: read with the environment, as a project of one's own is, the error shows it."""
    monkeypatch.setenv("A_TOKEN", "hunter two")
    change.head.change(lambda config: config["registries"]["ghcr.io"].update(endpoint="${A_TOKEN}")).save()
    with ExitStack() as opened:
        sides = opening.beside(change.head.root, change.base, opened)
        told = repr(previewing.preview(sides, sides.stacks))
        assert "hunter" not in told
        control = previewing.Sides(Side(sides.head.root), "head")
        assert "hunter" in repr(previewing.preview(control, control.stacks))


def test_a_heads_commit_is_read_without_git(change: Change) -> None:
    """Git would run what a folder's own configuration names."""
    called = change.target.parent / "called"
    change.head.write(".git/config", f"[core]\n\tfsmonitor = touch {called}\n[alias]\n\trev-parse = !touch {called}\n")
    change.head.write(".git/HEAD", "a" * 40 + "\n")
    with ExitStack() as opened:
        assert opening.beside(change.head.root, change.base, opened).head_name == "a" * 40
        change.head.write(".git/HEAD", "ref: refs/heads/[evil](https://evil.example)\n")
        assert opening.beside(change.head.root, change.base, opened).head_name == opening.HERE
    assert not called.exists()


def test_no_link_of_the_base_leads_to_what_a_change_may_rewrite(base: Project, tmp_path: Path) -> None:
    """The control: a link to what is the base's own stays, since programs may need it."""
    links = {"file": "../stacks/kube", "folder": "../stacks", "up": "..", "lock": "../images.lock.yaml"}
    for name, to in links.items():
        (base.root / "conf").mkdir(exist_ok=True)
        (base.root / "conf" / name).symlink_to(to)
    (base.root / "conf/far").symlink_to("file")
    (base.root / "conf/own").symlink_to("../__main__.py")
    base.write("stacks/kube", "kind: Config\n")
    found = changed(base.save(), tmp_path)
    found.head.write("stacks/kube", "head\n")
    assert [each.name for each in sorted((found.overlay().root / "conf").iterdir())] == ["own"]


def test_a_folder_above_a_lock_that_is_a_link_ends_it(base: Project, tmp_path: Path) -> None:
    base.write("locks/images.lock.yaml", (base.root / "images.lock.yaml").read_text())
    base.change(lambda config: config.update(images={"lock": "locks/images.lock.yaml"})).save()
    found = changed(base, tmp_path)
    elsewhere = tmp_path / "elsewhere"
    (found.head.root / "locks").rename(elsewhere)
    (found.head.root / "locks").symlink_to(elsewhere)
    with pytest.raises(Problems, match=r"head: locks/images\.lock\.yaml"):
        found.overlay()


def test_a_base_file_outside_the_data_that_changes_is_told(base: Project, tmp_path: Path) -> None:
    base.write("shared/base.yaml", "config: {'hub2ghcr:rollback': checked}\n")
    base.write("stacks/base.yaml", "config: {'hub2ghcr:extends': shared/base.yaml}\n")
    base.change(lambda config: config.update(extends="stacks/base.yaml")).save()
    found = changed(base, tmp_path)
    assert found.overlay().unplanned == {}
    found.target = tmp_path / "again"
    found.target.mkdir()
    found.head.write("shared/base.yaml", "config: {'hub2ghcr:rollback': forced}\n")
    assert found.overlay().unplanned == {"test": "shared/base.yaml changes, or is new, and lies outside stacks/"}


def test_an_archive_outside_the_data_that_changes_is_told(base: Project, tmp_path: Path) -> None:
    base.write("archives/web.tar", "one")
    base.change(lambda config: config.update(images={"archives": ["archives/web.tar"]})).save()
    found = changed(base, tmp_path)
    found.head.write("archives/web.tar", "two")
    assert found.overlay().unplanned == {"test": "archives/web.tar changes, or is new, and lies outside stacks/"}


@pytest.mark.parametrize("where", ["clusters", "registries", "clusterDefaults", "credentials"])
def test_what_a_base_file_says_of_where_credentials_go_is_guarded_like_the_stacks_own(
    base: Project, tmp_path: Path, where: str
) -> None:
    base.write("stacks/base.yaml", "config: {'hub2ghcr:rollback': checked}\n")
    base.change(lambda config: config.update(extends="stacks/base.yaml")).save()
    found = changed(base, tmp_path)
    assert found.overlay().refused == {}
    said = {
        "clusters": base.config["hub2ghcr:clusters"],
        "registries": {"ghcr.io": {"endpoint": "https://evil.example"}},
        "clusterDefaults": {"push": "pull"},
        "credentials": {next(iter(base.config["hub2ghcr:credentials"])): {"email": "evil@example.com"}},
    }[where]
    text = yaml.safe_dump({"config": {f"hub2ghcr:{where}": said}})
    if where == "clusters":
        del found.head.config["hub2ghcr:clusters"]
        found.head.save()
        text = text.replace("context: ", "context: evil-")
    found.head.write("stacks/base.yaml", text)
    found.target = tmp_path / "again"
    found.target.mkdir()
    assert "credentials go" in found.overlay().refused["test"]
