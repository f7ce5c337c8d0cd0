"""Registries: whether they answer whoever has no credential, and how many pulls are left."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from .. import access
from ..allowance import Budget
from ..plan import Plan
from ..reference import HUB, Reference
from .finding import Finding
from .opening import opens
from .patient import Patient
from .uses import Use


def anonymous(patient: Patient, use: Use, repositories: Collection[str]) -> list[Finding]:
    """Return whether a registry that no credential is named for gives anyone a token for one of the sources."""
    found = opens("", patient.registry(use, None), sorted(repositories)[:1])
    return [replace(each, area="registry", name=use.host, text=f"anonymously {each.text}") for each in found]


def allowance(patient: Patient) -> list[Finding]:
    """Return how many pulls are left at Docker Hub, beside what copying all of the lock takes from it."""
    takes = _takes(patient.plan) if patient.plan else None
    if takes is None:
        return []
    budget = Budget()
    with access.registries(patient.settings, patient.environ, observe=budget.observe) as registries:
        left = budget.ask(registries.at(HUB))
    if left is None:
        return [Finding("ok", "registry", HUB, "says nothing of a pull limit")]
    counted = f", counted as {left.source}" if left.source else ""
    text = f"{left.remaining} of {left.limit} pulls left within {left.window // 3600} h{counted}"
    if takes > left.remaining:
        remedy = "copy in several runs, or pull with an account that has more"
        return [Finding("warning", "registry", HUB, f"{text}; copying all of the lock takes {takes}", remedy)]
    return [Finding("ok", "registry", HUB, text)]


def _takes(plan: Plan) -> int | None:
    """Return how many pulls copying takes from Docker Hub, None where nothing comes from there."""
    copied = [each for each in plan.copies if each.source and Reference.parse(each.source).registry == HUB]
    return sum(each.entry.manifests for each in copied) if copied else None
