"""From a template and its values to a page."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ..amounts import duration, size_of
from ..token_shapes import redacted
from .timeline import drawn

_NOT_SHOWN: Final = "\N{REPLACEMENT CHARACTER}"


def page(package: str, template: str, **values: Any) -> str:
    """Return a page.

    Args:
        package: whose folder ``templates`` has the template; the parts of all pages are found there, too.
        template: its file's name.
        values: what it shows. Templates know the filters ``size`` (bytes), ``duration`` (seconds), ``utc`` (a moment)
            and ``link``, and the function ``drawn``.

    Raises:
        jinja2.UndefinedError: the template asks for a value that is not given.
    """
    return _environment(package).get_template(template).render(values)


def link(url: str) -> str:
    """Return a URL that people can follow, empty for any other scheme than HTTPS.

    >>> link("https://github.com/acme"), link("javascript:alert(1)")
    ('https://github.com/acme', '')
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme == "https" and parts.hostname else ""


def utc(moment: datetime) -> str:
    """Return a moment, which has a zone, as pages say it: ``2026-11-22 03:04:05``, in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


@cache
def _environment(package: str) -> Environment:
    loader = ChoiceLoader([PackageLoader(package), PackageLoader(__package__)])
    made = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"size": size_of, "duration": duration, "link": link, "utc": utc}
    made.globals |= {"drawn": drawn}
    return made


def _visible(value: Any) -> Any:
    """Return a value as it may be shown: control characters, marks that turn a line's direction, tokens taken out."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    text = redacted(value)
    return text if text.isprintable() else "".join(each if each.isprintable() else _NOT_SHOWN for each in text)
