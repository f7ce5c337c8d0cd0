"""Reading a ledger back: one JSON object a line. The line that a kill tore apart is the last one, and is left out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
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
    runs: dict[str, _Run] = {}
    for number, line in enumerate(lines, 1):
        try:
            record = json.loads(line)
            run = str(record["run"])
            if record["record"] == "run begun":
                runs[run] = _Run(_begun(run, record))
            else:
                runs[run].goes_on(record)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError):
            remedy = "move the file away: what ran before is forgotten then, and nothing else"
            raise SettingsError("is no record of a fleet's run", f"{PLACE}:{number}", remedy=remedy) from None
    return History(tuple(each.told() for each in runs.values()))


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


class _Run:
    """A run that grows record by record: thousands of clusters, none of which is copied for another one's record."""

    def __init__(self, begun: FleetRun) -> None:
        self._run = begun
        self._clusters: dict[str, ClusterOutcome] = {}
        self._gates: list[GateOutcome] = []

    def told(self) -> FleetRun:
        return replace(self._run, clusters=tuple(self._clusters.values()), gates=tuple(self._gates))

    def goes_on(self, record: Mapping[str, Any]) -> None:
        at = _at(record)
        match record["record"]:
            case "cluster begun":
                name = record["cluster"]
                self._clusters[name] = ClusterOutcome(name, record["wave"], record["stack"], record["before"], at)
            case "cluster ended":
                name, problems = record["cluster"], tuple(record["problems"])
                begun, ending, after = self._clusters[name], record["ending"], record["after"]
                self._clusters[name] = replace(begun, ended=at, ending=ending, after=after, problems=problems)
            case "gate begun":
                self._gates.append(GateOutcome(record["wave"], at, clusters=tuple(record["clusters"])))
            case "gate ended":
                failed = {name: tuple(lines) for name, lines in record["failed"].items()}
                self._gates[-1] = replace(self._gates[-1], ended=at, failed=failed)
            case "run ended":
                self._run = replace(self._run, ended=at, ending=record["ending"])
            case other:
                raise ValueError(other)


def _at(record: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(record["at"])
