"""The environment of a job, whose secrets it is given: a name, or an expression of the inputs of its run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lab.errors import LabError

_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}")
_INPUT = re.compile(r"inputs\.([\w-]+)")


def environment_name(job: Mapping[str, Any], inputs: Mapping[str, str]) -> str:
    """Return the environment's name, empty for none.

    Of expressions there are inputs, and ``||`` between them: the first that is not empty. Raises ``LabError`` for
    others, since a job would be given another environment's secrets than on GitHub.
    """
    said = job.get("environment") or ""
    text = str(said["name"] if isinstance(said, dict) else said)
    return _EXPRESSION.sub(lambda found: _value(found[1], inputs), text)


def _value(expression: str, inputs: Mapping[str, str]) -> str:
    named = [_INPUT.fullmatch(part.strip()) for part in expression.split("||")]
    values = [inputs.get(each[1], "") for each in named if each]
    if len(values) < len(named):
        why = f"environment: a lab's runner does not know the expression {expression.strip()}"
        raise LabError(why, remedy="name inputs, with || between them")
    return next(filter(None, values), "")
