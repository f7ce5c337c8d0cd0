"""The ``Link`` header of a list that has more pages (RFC 8288; OCI distribution specification, "Listing Tags")."""

from __future__ import annotations

import re
from collections.abc import Iterable

_LINK = re.compile(r'\s*<([^>]*)>((?:\s*;\s*[^\s=;,]+(?:\s*=\s*(?:"[^"]*"|[^\s;,]*))?)*)\s*(?:,|$)')
_NEXT = re.compile(r';\s*rel\s*=\s*(?:"(?:[^"]*\s)?next(?:\s[^"]*)?"|next)\s*(?:;|$)', re.IGNORECASE)


def next_page(headers: Iterable[str]) -> str | None:
    """Return where the next page is, as a URL or relative to this one; None on the last page."""
    for header in headers:
        for target, parameters in _LINK.findall(header):
            if _NEXT.search(parameters):
                return str(target)
    return None
