"""The forms that a report can have."""

from __future__ import annotations

from typing import Final, Literal

from . import json_form, markdown, stack_page
from .nouns import Report

Form = Literal["html", "json", "markdown"]
FORMS: Final[tuple[Form, ...]] = ("html", "json", "markdown")


def written(report: Report, form: Form) -> str:
    """Return a report in one of its forms."""
    return {"html": stack_page.html, "json": json_form.text, "markdown": markdown.text}[form](report)
