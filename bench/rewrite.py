"""``make bench-rewrite``: images rewritten by us and by peers, side by side in one run.

Each program runs as a whole process, its best of several turns taken, the turns of all programs one after the other.
kbld gets every image resolved beforehand, and so asks no registry. kustomize, whose image transformer needs minutes
for all documents, gets a tenth of them.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench import workloads
from bench.measuring import Cost, measure, show
from lab.toolchain import resolve

DOCUMENTS = 10_480
FILES = 5_000


def ours(path: Path) -> list[str]:
    """Our command over a file or folder."""
    return [sys.executable, "-m", "hub2ghcr", "rewrite", str(path), "--map", "docker.io/*=ghcr.io/acme/mirror/*"]


def kbld(program: Path, path: Path, folder: Path) -> list[str]:
    """Kbld with every image resolved beforehand."""
    config = folder / "kbld.yaml"
    entries = "".join(
        f"- image: {name}\n  newImage: ghcr.io/acme/mirror/{name.rpartition('/')[2]}\n  preresolved: true\n"
        for name in workloads.images()
    )
    config.write_text(f"apiVersion: kbld.k14s.io/v1alpha1\nkind: Config\noverrides:\n{entries}")
    return [str(program), "-f", str(path), "-f", str(config), "--images-annotation=false"]


def kustomize(program: Path, path: Path, folder: Path) -> list[str]:
    """Kustomize with an entry for every image."""
    base = folder / "kustomize"
    base.mkdir()
    shutil.copy(path, base / "all.yaml")
    names = {name.rpartition(":")[0] for name in workloads.images()}
    entries = "".join(
        f"- name: {name}\n  newName: ghcr.io/acme/mirror/{name.rpartition('/')[2]}\n" for name in sorted(names)
    )
    (base / "kustomization.yaml").write_text(f"resources:\n- all.yaml\nimages:\n{entries}")
    return [str(program), "build", str(base)]


def compare(title: str, commands: dict[str, list[str]], folder: Path, turns: int) -> None:
    """Run the commands in turns and print a row for each, its ratios to the first: ours."""
    best: dict[str, Cost] = {}
    for _ in range(turns):
        for name, command in commands.items():
            cost = measure(command, folder)
            best[name] = cost.best(best.get(name, cost))
    show(title, best)


def main() -> None:
    """Make the sets, find or build the peers, measure, print."""
    parser = argparse.ArgumentParser(prog="bench.rewrite", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--turns", type=int, default=3, help="best of how many (default: 3)")
    parser.add_argument("--large", action="store_true", help="100,000 documents, and one of 100 MB, too")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    peers = resolve(["kbld", "kustomize"], quiet=True)
    with tempfile.TemporaryDirectory(prefix="hub2ghcr-bench-") as temporary:
        folder = Path(temporary)
        run(folder, peers.program, options.turns, large=options.large)


def run(folder: Path, program: Callable[[str], Path], turns: int, *, large: bool) -> None:
    """Measure every set."""
    one = workloads.one_file(folder / "one.yaml", DOCUMENTS)
    size = one.stat().st_size / 1e6
    both = {"hub2ghcr": ours(one), "kbld v0.46.0": kbld(program("kbld"), one, folder)}
    compare(f"{DOCUMENTS:,} workloads, {workloads.IMAGES} images, one file of {size:.1f} MB", both, folder, turns)
    titles: dict[workloads.Style, str] = {
        "shapes": "as many, hardly two with the same fields, one file",
        "flow": "as many, hardly two with the same fields, each with a mapping in flow style, one file",
        "repository": "as many documents as repositories hold them, four of ten workloads, one file",
    }
    for style, title in titles.items():
        other = workloads.one_file(folder / f"{style}.yaml", DOCUMENTS, style)
        both = {"hub2ghcr": ours(other), "kbld v0.46.0": kbld(program("kbld"), other, folder)}
        compare(f"{title} of {other.stat().st_size / 1e6:.1f} MB", both, folder, turns)
    many = workloads.many_files(folder / "many", DOCUMENTS, FILES)
    both = {"hub2ghcr": ours(many), "kbld v0.46.0": kbld(program("kbld"), many, folder)}
    compare(f"{DOCUMENTS:,} workloads in {FILES:,} files", both, folder, turns)
    tenth = workloads.one_file(folder / "tenth.yaml", DOCUMENTS // 10)
    three = {
        "hub2ghcr": ours(tenth),
        "kbld v0.46.0": kbld(program("kbld"), tenth, folder),
        "kustomize v5.8.1": kustomize(program("kustomize"), tenth, folder),
    }
    compare(f"{DOCUMENTS // 10:,} workloads, one file", three, folder, turns)
    if large:
        most = workloads.one_file(folder / "most.yaml", 100_000)
        compare(
            f"100,000 workloads, one file of {most.stat().st_size / 1e6:.0f} MB", {"hub2ghcr": ours(most)}, folder, 1
        )
        items = "".join("- " + text.replace("\n", "\n  ").rstrip(" ") for text in workloads.documents(200_000))
        listed = folder / "list.yaml"
        listed.write_text("apiVersion: v1\nkind: List\nitems:\n" + items)
        compare(f"one List of {listed.stat().st_size / 1e6:.0f} MB", {"hub2ghcr": ours(listed)}, folder, 1)


if __name__ == "__main__":
    main()
