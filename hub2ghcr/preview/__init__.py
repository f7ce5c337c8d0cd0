"""Previews of a change: what it will do to each stack, compared with a base, made without executing what it brings.

Plan, lock and inventory of both sides are compared: no engine, no secret, no cluster is needed for it. Where
credentials allow it the engine is asked, too (`hub2ghcr.engine.foreseen`).
"""

from .comparing import compare
from .nouns import Action, Change, Copied, ImageMove, Mode, Preview, StackPreview

__all__ = ["Action", "Change", "Copied", "ImageMove", "Mode", "Preview", "StackPreview", "compare"]
