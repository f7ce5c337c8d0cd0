"""Certificates and keys of a lab's cluster: one authority, one server, one client, one key that signs tokens.

They are made once per lab, with elliptic keys (P-256), and open nothing outside of it.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFETIME = dt.timedelta(days=3650)
"""How long the certificates hold, from a day before they were made (clocks of virtual machines jump)."""


@dataclass(frozen=True)
class Certificates:
    """Where the files are: PEM, the private ones readable by their owner only."""

    authority: Path
    server: Path
    server_key: Path
    kubelet_client: Path
    kubelet_client_key: Path
    token_key: Path
    token_public_key: Path


def certificates(folder: Path) -> Certificates:
    """The certificates below ``folder``, made now unless they are there already."""
    paths = Certificates(
        authority=folder / "ca.crt",
        server=folder / "apiserver.crt",
        server_key=folder / "apiserver.key",
        kubelet_client=folder / "kubelet-client.crt",
        kubelet_client_key=folder / "kubelet-client.key",
        token_key=folder / "service-account.key",
        token_public_key=folder / "service-account.pub",
    )
    # Written last, so that an interrupted start makes them all again.
    if not paths.authority.exists():
        _make(paths, folder)
    return paths


def self_signed(*hosts: str) -> tuple[bytes, bytes]:
    """A certificate for these hosts that is its own authority, and its key: PEM, kept nowhere."""
    key, name = ec.generate_private_key(ec.SECP256R1()), _name(hosts[0])
    names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
    signed = _builder(name, name, key).add_extension(names, critical=False).sign(key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM), _private(key)


def _make(paths: Certificates, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    authority_key = ec.generate_private_key(ec.SECP256R1())
    issuer = _name("hub2ghcr lab authority")
    constraints = x509.BasicConstraints(ca=True, path_length=0)
    authority = _builder(issuer, issuer, authority_key).add_extension(constraints, critical=True)

    server_key = ec.generate_private_key(ec.SECP256R1())
    names: list[x509.GeneralName] = [
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
        *(x509.DNSName(host) for host in ("localhost", "kubernetes", "kubernetes.default.svc")),
    ]
    server = (
        _builder(_name("kube-apiserver"), issuer, server_key)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    )
    # The group that a kubelet lets do everything: logs, exec, port forwarding.
    client_key = ec.generate_private_key(ec.SECP256R1())
    client = _builder(_name("kube-apiserver-kubelet-client", group="system:masters"), issuer, client_key).add_extension(
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False
    )
    token_key = ec.generate_private_key(ec.SECP256R1())
    for path, key in (
        (paths.server_key, server_key),
        (paths.kubelet_client_key, client_key),
        (paths.token_key, token_key),
    ):
        _write(path, _private(key), 0o600)
    public = token_key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    _write(paths.token_public_key, public, 0o644)
    for path, builder in (
        (paths.server, server),
        (paths.kubelet_client, client),
        (paths.authority, authority),
    ):
        signed = builder.sign(authority_key, hashes.SHA256())
        _write(path, signed.public_bytes(serialization.Encoding.PEM), 0o644)


def _name(common: str, *, group: str | None = None) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common)]
    if group is not None:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, group))
    return x509.Name(parts)


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    begin = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + LIFETIME)
    )


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes, mode: int) -> None:
    draft = path.with_suffix(path.suffix + ".tmp")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as sink:
        sink.write(content)
    draft.replace(path)
