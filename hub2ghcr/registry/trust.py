"""Which certificates are believed."""

from __future__ import annotations

import ssl
from pathlib import Path

import certifi

from ..errors import RegistryError


def context(authority: Path | None = None) -> ssl.SSLContext:
    """Return what checks servers: the system's authorities, and those of a PEM file besides them.

    ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` of the environment stand for the system's, as in other programs with OpenSSL.
    A system that has none (Python of python.org on macOS) gets those that Mozilla trusts.

    Raises:
        RegistryError: the PEM file cannot be read or holds no certificate.
    """
    made = ssl.create_default_context()
    system = ssl.get_default_verify_paths()
    if system.cafile is None and system.capath is None:
        made.load_verify_locations(certifi.where())
    if authority is not None:
        try:
            made.load_verify_locations(authority)
        except (OSError, ssl.SSLError) as error:
            why = error.strerror if not isinstance(error, ssl.SSLError) and error.strerror else "no certificate in it"
            raise RegistryError(
                f"the certificate authority cannot be read: {why}", str(authority), remedy="name a PEM file"
            ) from None
    return made
