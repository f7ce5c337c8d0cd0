"""Changed at random, whatever a file holds is rewritten or refused in lines, and nothing but images changes.

``make fuzz`` runs it for ten minutes: ``python -m tests.fuzz_rewrite [--seconds N] [--seed N] [--keep DIR]``. Each
input is one of `SEEDS`, mutated. Of each must hold:

- the only errors are ours, in lines;
- rewriting twice is rewriting once;
- bytes outside the edited scalars are the same, and a YAML parser sees the same events but for their values;
- no input takes longer than `LIMIT` seconds.

What breaks one of these is written to DIR, and ends the run with exit code 1.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, Final

import yaml

from hub2ghcr.errors import Hub2GhcrError
from hub2ghcr.lock import Entry, Lock, Resolved
from hub2ghcr.mapping import Exclusion, Mapping, Pattern, Rule
from hub2ghcr.rewriting import Rewritten, rewrite

from .fuzz_seeds import DIGEST, SEEDS, TOKENS

LIMIT: Final = 20
"""Seconds for one input; a busy machine is slow, a pathological input is slower."""

_MAPPING: Final = Mapping(
    (
        Rule.parse("docker.io/library/*", "ghcr.io/acme/mirror/*"),
        Rule.parse("docker.io/acme/*", "ghcr.io/acme/*"),
        Rule.parse("docker.io/bitnami/redis", "ghcr.io/acme/mirror/nginx"),  # collides
        Rule.parse("localhost:32000/*", "ghcr.io/acme/local/*"),
    ),
    (Exclusion(Pattern.parse("docker.io/library/mine"), "built on the node"),),
)
_RESOLVED: Final = Resolved("2026-11-20T10:00:00Z", "docker.io")
_LOCK: Final = Lock(
    tuple(
        Entry(f"docker.io/{source}", DIGEST, "application/vnd.oci.image.index.v1+json", (), 1, target, _RESOLVED)
        for source, target in (
            ("library/nginx:1.27", "ghcr.io/acme/mirror/nginx:1.27"),
            ("acme/shop:1.4.2", "ghcr.io/acme/shop:1.4.2"),
        )
    )
)


def mutated(chance: random.Random) -> tuple[str, bytes]:
    """Return a file name and bytes that nobody has written."""
    place, text = chance.choice(SEEDS)
    data = bytearray(text.encode())
    if chance.random() < 0.1:
        data = data.replace(b"\n", b"\r\n")
    for _ in range(chance.choice((0, 1, 1, 1, 1, 1, 1, 2, 2, 3, 5, 12))):
        at = chance.randrange(len(data) + 1)
        end = min(len(data), at + chance.choice((1, 1, 2, 5, 20, 80)))
        kind = chance.randrange(9)
        if kind <= 2:
            data[at:at] = chance.choice(TOKENS).encode()
        elif kind == 3:
            data[at:end] = chance.choice(TOKENS).encode()
        elif kind == 4:
            del data[at:end]
        elif kind == 5:
            data[at:at] = data[at:end] * chance.choice((1, 1, 2, 30))
        elif kind == 6 and at < len(data):
            data[at] = chance.randrange(256)
        elif kind == 7:
            lines = bytes(data).split(b"\n")
            line = chance.randrange(len(lines))
            match chance.randrange(3):
                case 0:
                    lines[line] = b" " * chance.randrange(4) + lines[line]
                case 1:
                    lines[line] = lines[line][1:]
                case _:
                    lines.insert(chance.randrange(len(lines)), lines[line])
            data = bytearray(b"\n".join(lines))
        else:
            other = chance.choice(SEEDS)[1].encode()
            begin = chance.randrange(len(other))
            data[at:at] = other[begin : begin + chance.randrange(200)]
    if chance.random() < 0.05:
        place = chance.choice(SEEDS)[0]
    return place, bytes(data[:20000])


def check(place: str, data: bytes, pin: bool) -> str:
    """Rewrite an input and return what became of it: ``changed``, ``same`` or ``refused``.

    Raises:
        AssertionError: what must hold does not.
    """
    try:
        once = rewrite(data, place, _MAPPING, _LOCK, pin)
    except Hub2GhcrError as error:
        assert error.lines and all(line and "\n" not in line for line in error.lines), "an error that is no line"
        return "refused"
    for problem in once.problems:
        assert problem.lines and "\n" not in str(problem), "a problem that is no line"
    if not once.changes:
        assert once.data == data, "bytes changed without a change"
        return "same"
    twice = rewrite(once.data, place, _MAPPING, _LOCK, pin)
    assert twice.data == once.data and not twice.changes, "rewriting twice is not rewriting once"
    _outside_is_the_same(data, once)
    if not place.endswith("Dockerfile") and "templates/" not in place:
        _same_events(data, once)
    return "changed"


def _outside_is_the_same(data: bytes, once: Rewritten) -> None:
    spans = sorted({(scalar.start, scalar.end) for change in once.changes for scalar, _ in change.edits})
    at = last = 0
    for start, end in spans:
        kept = data[last:start]
        found = once.data.find(kept, at)
        assert found >= 0 and (last > 0 or found == 0), "bytes outside the scalars changed"
        at, last = found + len(kept), end
    assert once.data.endswith(data[last:]), "bytes after the last scalar changed"


def _same_events(data: bytes, once: Rewritten) -> None:
    before, after = _events(data), _events(once.data)
    if before is None:
        return  # what another parser refuses is no measure
    assert after is not None and len(before) == len(after), "another number of YAML events"
    wanted = {value for change in once.changes for _, value in change.edits}
    for one, other in zip(before, after, strict=True):
        if one != other:
            assert one[:-1] == other[:-1], "a YAML event of another kind"
            # A name before a variable, and what stands inside a block of text, are parts of their values
            assert any(value in other[-1] for value in wanted), "a value that nobody wanted"


def _events(data: bytes) -> list[tuple[Any, ...]] | None:
    try:
        return [
            (type(each), getattr(each, "anchor", None), getattr(each, "tag", None), getattr(each, "value", ""))
            for each in yaml.parse(data, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        ]
    except (yaml.YAMLError, ValueError):
        return None


def _too_slow(_signal: int, _frame: FrameType | None) -> None:
    raise AssertionError(f"takes longer than {LIMIT} seconds")


def fuzz(seconds: float, seed: int, keep: Path, say: Callable[[str], None]) -> int:
    """Run for ``seconds``, and return the number of inputs that broke something (it ends after ten)."""
    chance = random.Random(seed)
    fates: Counter[str] = Counter()
    failures: dict[str, Path] = {}
    begun = told = time.monotonic()
    signal.signal(signal.SIGALRM, _too_slow)
    while (now := time.monotonic()) - begun < seconds and len(failures) < 10:
        if now - told > 60:
            told = now
            say(f"{now - begun:.0f} s: {sum(fates.values())} inputs, {dict(sorted(fates.items()))}")
        place, data = mutated(chance)
        pin = chance.random() < 0.3
        signal.alarm(LIMIT)
        try:
            fates[check(place, data, pin)] += 1
        except Exception as error:
            signal.alarm(0)
            fates["failed"] += 1
            what = f"{type(error).__name__}: {error}"
            if what not in failures:
                keep.mkdir(parents=True, exist_ok=True)
                failures[what] = keep / f"fuzz-{hashlib.sha256(data).hexdigest()[:12]}-{Path(place).name}"
                failures[what].write_bytes(data)
                say(f"{what}: {place} (pin: {pin}), kept as {failures[what]}")
        finally:
            signal.alarm(0)
    say(
        f"{sum(fates.values())} inputs in {time.monotonic() - begun:.0f} s, seed {seed}: "
        f"{dict(sorted(fates.items()))}, {fates['failed']} failed"
    )
    return fates["failed"]


def main() -> None:
    """Parse the command line and fuzz."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--keep", type=Path, default=Path("build/fuzz"))
    given = parser.parse_args()
    sys.exit(1 if fuzz(given.seconds, given.seed, given.keep, lambda line: print(line, flush=True)) else 0)


if __name__ == "__main__":
    main()
