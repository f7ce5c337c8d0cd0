"""A fact: what is assumed of a real service, where the lab plays it, and how it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import httpx

if TYPE_CHECKING:
    from tests.live.ground import Ground

Verdict = Literal["same", "differs", "unchecked", "unreachable"]
Probe = Callable[["Ground"], str]


class Unexpected(Exception):
    """What a probe builds on was answered otherwise: the text is what was observed."""


class Unchecked(Exception):
    """A probe could not be made; the text says what it lacks."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact.

    ``assumed`` are the observations that agree with it. ``stand_in`` is the file of the lab, and the rule in it, that
    plays it; empty where the lab does not play it, because nothing of ours rests on it. ``probe`` observes, in the
    words of ``assumed`` where it agrees; it shows no secret.
    """

    name: str
    meaning: str
    assumed: tuple[str, ...]
    stand_in: str
    probe: Probe


@dataclass(frozen=True, slots=True)
class Finding:
    """What one fact turned out to be."""

    fact: Fact
    verdict: Verdict
    observed: str


def fact(place: str, *assumed: str, stand_in: str = "") -> Callable[[Probe], Fact]:
    """Make a fact of a probe: its name is the place and the function's, its meaning the first line of its docstring."""

    def made(probe: Probe) -> Fact:
        name = f"{place}-{probe.__name__.replace('_', '-')}"
        return Fact(name, (probe.__doc__ or "").partition("\n")[0], assumed, stand_in, probe)

    return made


def check(facts: Sequence[Fact], ground: Ground, told: Callable[[Fact], None] = lambda _: None) -> tuple[Finding, ...]:
    """Ask for each fact in turn; ``told`` hears of each before it is asked for."""
    findings = []
    for each in facts:
        told(each)
        findings.append(_find(each, ground))
    return tuple(findings)


def _find(asked: Fact, ground: Ground) -> Finding:
    try:
        observed = asked.probe(ground)
    except Unexpected as error:
        observed = str(error)
    except Unchecked as error:
        return Finding(asked, "unchecked", str(error))
    except httpx.TransportError as error:
        return Finding(asked, "unreachable", type(error).__name__)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        observed = f"an answer of another shape ({type(error).__name__})"
    return Finding(asked, "same" if observed in asked.assumed else "differs", observed)
