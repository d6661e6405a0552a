"""The certificates of a local control plane.

Why: a real apiserver speaks TLS and knows its callers by certificate. Invariant: a folder's keys are made
once and kept, so a suite started again on its data trusts what it trusted before.
"""

import datetime
import ipaddress
from collections.abc import Iterable
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFETIME = datetime.timedelta(days=3650)
CLOCK_SKEW = datetime.timedelta(minutes=5)
SERVICE_RANGE = "10.0.0.0/16"
SERVER_NAMES = ("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc")
SERVER_ADDRESSES = ("127.0.0.1", "10.0.0.1")  # the second is the first of SERVICE_RANGE
CLIENTS = {  # file name: (common name, organisation), the names RBAC's bootstrap roles know
    "admin": ("fairlead-admin", "system:masters"),
    "controller-manager": ("system:kube-controller-manager", None),
    "scheduler": ("system:kube-scheduler", None),
    "nodes": ("fairlead-nodes", "system:masters"),
}


class KeyPair(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate and its private key, as PEM files."""

    certificate: Path
    key: Path


class Pki(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the programs of a control plane are started with."""

    ca: KeyPair
    server: KeyPair
    clients: dict[str, KeyPair]
    service_account_key: Path
    service_account_public_key: Path


def ensure_pki(folder: Path) -> Pki:
    """The keys of that folder, made when they aren't there. About 20 ms the first time."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    pki = Pki(
        ca=_pair(folder, "ca"),
        server=_pair(folder, "server"),
        clients={name: _pair(folder, name) for name in CLIENTS},
        service_account_key=folder / "service-account.key",
        service_account_public_key=folder / "service-account.pub",
    )
    complete = folder / "complete"
    if not complete.exists() or not all(pair.certificate.exists() for pair in pki.clients.values()):
        _make(pki)
        complete.touch()
    return pki


def _pair(folder: Path, name: str) -> KeyPair:
    return KeyPair(certificate=folder / f"{name}.crt", key=folder / f"{name}.key")


def _make(pki: Pki) -> None:
    ca_key = ec.generate_private_key(ec.SECP256R1())
    ca_name = _name("fairlead-local-ca", None)
    ca = _unsigned(ca_name, ca_name, ca_key).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), True
    )
    ca = ca.add_extension(_ca_usage(), True)
    _write(pki.ca, ca.sign(ca_key, hashes.SHA256()), ca_key)
    _issue(pki.server, _name("kube-apiserver", None), ca_name, ca_key, server=True)
    for client, (common_name, organisation) in CLIENTS.items():
        _issue(pki.clients[client], _name(common_name, organisation), ca_name, ca_key, server=False)
    signing = ec.generate_private_key(ec.SECP256R1())
    _write_private(pki.service_account_key, signing)
    pki.service_account_public_key.write_bytes(
        signing.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )


def _issue(
    pair: KeyPair, name: x509.Name, issuer: x509.Name, ca_key: ec.EllipticCurvePrivateKey, *, server: bool
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    usage = ExtendedKeyUsageOID.SERVER_AUTH if server else ExtendedKeyUsageOID.CLIENT_AUTH
    builder = _unsigned(name, issuer, key).add_extension(x509.ExtendedKeyUsage([usage]), False)
    if server:
        builder = builder.add_extension(x509.SubjectAlternativeName(_subjects()), False)
    _write(pair, builder.sign(ca_key, hashes.SHA256()), key)


def _unsigned(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + LIFETIME)
    )


def _ca_usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common_name: str, organisation: str | None) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    if organisation:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation))
    return x509.Name(parts)


def _subjects() -> Iterable[x509.GeneralName]:
    addresses = [x509.IPAddress(ipaddress.ip_address(address)) for address in SERVER_ADDRESSES]
    return [*(x509.DNSName(name) for name in SERVER_NAMES), *addresses]


def _write(pair: KeyPair, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    pair.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    _write_private(pair.key, key)


def _write_private(file: Path, key: ec.EllipticCurvePrivateKey) -> None:
    file.touch(mode=0o600)
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
