"""What is shipped: the core, and the components under a name that is safe to install beside other programs."""

from __future__ import annotations

import shutil
import subprocess
import sys
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


def test_the_wheel_ships_what_modules_read_beside_themselves(wheel: Path) -> None:
    files = (each for each in (ROOT / "hub2ghcr").rglob("*") if each.is_file() and each.suffix not in (".py", ".pyc"))
    needed = {each.relative_to(ROOT).as_posix() for each in files}
    assert "hub2ghcr/pages/templates/style.css" in needed
    assert needed <= set(zipfile.ZipFile(wheel).namelist())


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
