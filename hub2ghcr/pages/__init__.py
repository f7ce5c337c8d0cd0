"""Pages: HTML files of their own, which load nothing, run no script and follow whoever reads them into the dark.

A page is a template that extends ``base.html``; ``parts.html`` has what tables, badges and numbers look like. Every
value is escaped, and shown without what is no character for people, or has the shape of a token.
"""

from .page import link, page, utc
from .timeline import Drawing, Span, State, drawn

__all__ = ["Drawing", "Span", "State", "drawn", "link", "page", "utc"]
