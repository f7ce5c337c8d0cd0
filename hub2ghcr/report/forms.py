"""The forms that a report can have."""

from __future__ import annotations

from typing import Final, Literal

from . import fleet_json, fleet_markdown, fleet_page, json_form, markdown, stack_page
from .fleet_nouns import FleetReport
from .nouns import Report

Form = Literal["html", "json", "markdown"]
FORMS: Final[tuple[Form, ...]] = ("html", "json", "markdown")


def written(report: Report | FleetReport, form: Form) -> str:
    """Return a report in one of its forms."""
    if isinstance(report, FleetReport):
        return {"html": fleet_page.html, "json": fleet_json.text, "markdown": fleet_markdown.text}[form](report)
    return {"html": stack_page.html, "json": json_form.text, "markdown": markdown.text}[form](report)
