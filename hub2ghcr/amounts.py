"""Bytes, seconds and numbers of things as people read them."""

from __future__ import annotations

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def size_of(count: float) -> str:
    """Return an amount of bytes in the largest decimal unit that fits.

    >>> size_of(999), size_of(1_250_000)
    ('999 B', '1.2 MB')
    """
    for unit in _UNITS:
        if count < 999.95 or unit == _UNITS[-1]:
            break
        count /= 1000
    return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"


def duration(seconds: float) -> str:
    """Return a time in its two largest units.

    >>> duration(75), duration(21600), duration(0.4)
    ('1 min 15 s', '6 h', '0 s')
    """
    whole = round(seconds)
    parts = [(whole // 86400, "d"), (whole // 3600 % 24, "h"), (whole // 60 % 60, "min"), (whole % 60, "s")]
    first = next((index for index, (count, _) in enumerate(parts) if count), 3)
    shown = [f"{count} {unit}" for count, unit in parts[first : first + 2] if count]
    return " ".join(shown) or "0 s"


def many(count: int, what: str) -> str:
    """Return a number of things, in the singular or the plural.

    >>> many(1, "namespace"), many(2, "namespace")
    ('1 namespace', '2 namespaces')
    """
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
