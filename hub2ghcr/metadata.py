"""Names, labels and annotations, as the API server validates them.

Source: ``apimachinery/pkg/util/validation`` and ``pkg/api/validation`` of Kubernetes 1.34. Each function returns what
is wrong with a value, empty when nothing is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

ANNOTATIONS_SIZE: Final = 256 * 1024
"""Bytes that all annotations of an object may have, keys and values together."""

_LABEL: Final = "[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_NAMESPACE = re.compile(_LABEL)
_SUBDOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_QUALIFIED = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?")


def namespace_fault(name: str) -> str:
    """Return what is wrong with a namespace's name (an RFC 1123 label)."""
    if len(name) <= 63 and _NAMESPACE.fullmatch(name):
        return ""
    return "a namespace's name has lower case letters, digits and '-', begins and ends with neither '-', at most 63"


def name_fault(name: str) -> str:
    """Return what is wrong with the name of a Secret, a ServiceAccount or a workload (an RFC 1123 subdomain)."""
    if len(name) <= 253 and _SUBDOMAIN.fullmatch(name):
        return ""
    return "a name has lower case letters, digits, '-' and '.', with a letter or digit around each '.', at most 253"


def label_fault(key: str, value: str) -> str:
    """Return what is wrong with a label."""
    if fault := _key_fault("a label", key):
        return fault
    if not value or (len(value) <= 63 and _QUALIFIED.fullmatch(value)):
        return ""
    return "a label's value has letters, digits, '-', '_' and '.', begins and ends with a letter or digit, at most 63"


def annotations_fault(annotations: Mapping[str, str]) -> str:
    """Return what is wrong with all annotations of an object, the first of their keys or their size."""
    for key in sorted(annotations):
        if fault := _key_fault("an annotation", key.lower()):
            return f"{fault}: {key!r}"
    size = sum(len(text.encode()) for pair in annotations.items() for text in pair)
    return f"annotations have {size} bytes, more than {ANNOTATIONS_SIZE >> 10} KiB" if size > ANNOTATIONS_SIZE else ""


def _key_fault(what: str, key: str) -> str:
    prefix, slash, name = key.rpartition("/")
    sound = len(name) <= 63 and _QUALIFIED.fullmatch(name) and (not slash or not name_fault(prefix))
    return "" if sound else f"the key of {what} is [example.com/]name: letters, digits, '-', '_' and '.', at most 63"
