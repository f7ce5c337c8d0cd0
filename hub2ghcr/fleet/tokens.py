"""The tokens of clusters that are reached by a URL: each stack has its own, often under one name in all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from ..credentials import variable
from ..engine import secret
from ..plan import Plan, Server


def with_tokens(
    planned: Plan,
    stack: str,
    root: Path,
    environ: Mapping[str, str],
    ask: Callable[[str, Path, str], str] = secret,
) -> Mapping[str, str]:
    """Return an environment that has the tokens of a stack's clusters, those that it lacks from the configuration.

    Args:
        planned: the stack's plan.
        stack: its name.
        root: the project's folder.
        environ: what there is; a token in it goes before the configuration's.
        ask: gives one (default: the engine).

    Raises:
        EngineError: one cannot be had.
    """
    keys = {each.reach.token.secret_key for each in planned.clusters if isinstance(each.reach, Server)}
    missing = sorted(key for key in keys if variable(key) not in environ)
    return {**environ, **{variable(key): ask(stack, root, key) for key in missing}}
