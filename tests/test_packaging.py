"""What is shipped: the core, and the components under a name that is safe to install beside other programs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "setup.py", "requirements.txt", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for package in ("hub2ghcr", "components", "lab", "tests"):
        shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", source, source],
        check=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
    )
    return next(source.glob("*.whl"))


def test_the_wheel_ships_every_module_of_the_core_and_of_the_components(wheel: Path) -> None:
    shipped = {name for name in zipfile.ZipFile(wheel).namelist() if name.endswith(".py")}
    core = {p.relative_to(ROOT).as_posix() for p in (ROOT / "hub2ghcr").rglob("*.py")}
    components = {f"hub2ghcr_{p.relative_to(ROOT).as_posix()}" for p in (ROOT / "components").rglob("*.py")}
    assert shipped == core | components


LEFT_OUT = {"components/requirements.txt", "components/schema.json"}
"""What the checkout alone needs: a wheel is served by its command, which gives the schema."""


def test_the_wheel_ships_every_file_beside_the_modules(wheel: Path) -> None:
    """Templates, style sheets, tables of data."""
    names = zipfile.ZipFile(wheel).namelist()
    shipped = {name for name in names if not name.endswith(".py") and ".dist-info/" not in name}
    there = {
        path.relative_to(ROOT).as_posix()
        for package in ("hub2ghcr", "components")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
    }
    assert {name.removeprefix("hub2ghcr_") if "_components/" in name else name for name in shipped} == there - LEFT_OUT


def test_the_components_of_the_wheel_import_without_the_checkout(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    modules = sorted(f"hub2ghcr_components.{p.stem}" for p in (ROOT / "components").glob("[!_]*.py"))
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "import importlib, hub2ghcr_components\n"
        f"assert hub2ghcr_components.__file__.startswith({str(tmp_path)!r})\n"
        f"[importlib.import_module(name) for name in {modules!r}]\n"
        "assert not {name for name in sys.modules if name.split('.')[0] in ('components', 'lab')}\n"
    )
    subprocess.run([sys.executable, "-I", "-c", code], check=True, timeout=120, cwd=tmp_path)


def test_the_wheel_asks_for_the_ranges_of_requirements_txt_and_has_the_command(wheel: Path) -> None:
    opened = zipfile.ZipFile(wheel)
    metadata = next(opened.read(n).decode() for n in opened.namelist() if n.endswith("METADATA"))
    entries = next(opened.read(n).decode() for n in opened.namelist() if n.endswith("entry_points.txt"))
    asked = {line.removeprefix("Requires-Dist: ") for line in metadata.splitlines() if "Requires-Dist" in line}
    assert {"pulumi<4,>=3.254", "pulumi-kubernetes<5,>=4.25", "pulumi-github<7,>=6.15"} <= asked
    assert "hub2ghcr = hub2ghcr.cli:main" in entries


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel; what the wheel asks for is that of this run, so that nothing is fetched."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True, timeout=120)
    python = folder / "bin/python"
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "--quiet",
        "--no-index",
        "--no-deps",
        str(wheel),
    ]
    subprocess.run(pip, check=True, timeout=120, stdin=subprocess.DEVNULL)
    (site,) = folder.glob("lib/python*/site-packages")
    # a folder that is named this way has no .pth of its own read: not the one of the checkout's editable install
    (site / "others.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return folder / "bin"


def run(installed: Path, folder: Path, *command: str) -> str:
    """Run a program of the virtual environment in a folder, as a shell that knows nothing of this checkout."""
    environ = {"PATH": os.defpath, "HOME": str(folder)}
    argv = [str(installed / command[0]), *command[1:]]
    done = subprocess.run(argv, cwd=folder, env=environ, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_is_installed_begins_a_repository_and_plans_it(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text("apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a, image: nginx}]}\n")
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert run(installed, tmp_path, "hub2ghcr", "--version") == f"hub2ghcr {version}\n"
    assert "Commands:" in run(installed, tmp_path, "hub2ghcr", "--help")
    assert "written: stacks/Pulumi.dev.yaml" in run(
        installed, tmp_path, "hub2ghcr", "init", "--owner", "acme", "-s", "dev"
    )
    assert json.loads(run(installed, tmp_path, "hub2ghcr", "plan", "-s", "dev", "--output", "json"))["stack"] == "dev"
    assert (tmp_path / "requirements.txt").read_text() == f"hub2ghcr=={version}\n"


def test_what_is_installed_has_the_program_and_the_package_of_components(installed: Path, tmp_path: Path) -> None:
    code = (
        "import hub2ghcr, hub2ghcr_components.program, hub2ghcr_components.package as package\n"
        "print(hub2ghcr.__file__, package.__file__, package.schema(), sep='\\n')"
    )
    core, components, schema = run(installed, tmp_path, "python", "-c", code).split("\n", 2)
    assert Path(core).is_relative_to(installed.parent) and Path(components).is_relative_to(installed.parent)
    assert schema.strip() == (ROOT / "components/schema.json").read_text().strip()
    assert (installed / "pulumi-resource-hub2ghcr").exists()
