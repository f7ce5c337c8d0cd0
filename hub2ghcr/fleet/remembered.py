"""Reading a ledger back: one JSON object a line. The line that a kill tore apart is the last one, and is left out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ..errors import SettingsError
from .history import ClusterOutcome, FleetRun, GateOutcome, History
from .ledger import PLACE


def history(root: Path) -> History:
    """Return what the ledger of a project tells; nothing where there is none.

    Raises:
        SettingsError: it cannot be read.
    """
    try:
        data = (root / PLACE).read_bytes()
    except FileNotFoundError:
        return History()
    except OSError as error:
        raise SettingsError(f"cannot be read: {error.strerror}", PLACE) from None
    return told(data.rpartition(b"\n")[0].splitlines())


def told(lines: Iterable[bytes]) -> History:
    """Return the runs that whole lines of a ledger tell.

    Raises:
        SettingsError: a line that is no record, with its number.
    """
    runs: dict[str, FleetRun] = {}
    for number, line in enumerate(lines, 1):
        try:
            record = json.loads(line)
            run = str(record["run"])
            runs[run] = _begun(run, record) if record["record"] == "run begun" else _changed(runs[run], record)
        except (ValueError, KeyError, TypeError, AttributeError):
            remedy = "move the file away: what ran before is forgotten then, and nothing else"
            raise SettingsError("is no record of a fleet's run", f"{PLACE}:{number}", remedy=remedy) from None
    return History(tuple(runs.values()))


def _begun(run: str, record: Mapping[str, Any]) -> FleetRun:
    return FleetRun(
        run,
        record["command"],
        record["of"],
        record["phase"],
        record["commit"],
        record["dirty"],
        record["fleet"],
        record["pid"],
        record["host"],
        record["budget"],
        {wave: tuple(names) for wave, names in record["waves"].items()},
        _at(record),
    )


def _changed(run: FleetRun, record: Mapping[str, Any]) -> FleetRun:
    match record["record"]:
        case "cluster begun":
            begun = ClusterOutcome(record["cluster"], record["wave"], record["stack"], record["before"], _at(record))
            return replace(run, clusters=(*run.clusters, begun))
        case "cluster ended":
            return replace(run, clusters=tuple(_ended(run.clusters, record)))
        case "gate begun":
            gate = GateOutcome(record["wave"], _at(record), clusters=tuple(record["clusters"]))
            return replace(run, gates=(*run.gates, gate))
        case "gate ended":
            failed = {name: tuple(lines) for name, lines in record["failed"].items()}
            return replace(run, gates=(*run.gates[:-1], replace(run.gates[-1], ended=_at(record), failed=failed)))
        case "run ended":
            return replace(run, ended=_at(record), ending=record["ending"])
    raise ValueError(record["record"])


def _ended(clusters: Iterable[ClusterOutcome], record: Mapping[str, Any]) -> Iterator[ClusterOutcome]:
    for each in clusters:
        if each.cluster == record["cluster"]:
            ending, after, problems = record["ending"], record["after"], tuple(record["problems"])
            yield replace(each, ended=_at(record), ending=ending, after=after, problems=problems)
        else:
            yield each


def _at(record: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(record["at"])
