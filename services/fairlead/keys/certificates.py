"""A certificate authority for one installation, and the certificates of its servers."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY = "ca.crt"
LIFE = timedelta(days=3650)
RENEW = timedelta(days=365)
"""What is left of its life when a certificate is made anew, at the next start."""
SKEW = timedelta(minutes=5)
MUTUAL = "nats"
LOOPBACK = ("localhost", "127.0.0.1")
"""Names every server has beside its own: probes run in its pod."""


def are_good(known: Mapping[str, bytes], hosts: Mapping[str, Sequence[str]]) -> bool:
    """Whether all certificates are there, signed by the authority, long enough, and for these hosts."""
    try:
        authority = x509.load_pem_x509_certificate(known[AUTHORITY])
        return all(_is_good(known, server, names, authority) for server, names in hosts.items())
    except (KeyError, ValueError, TypeError, x509.ExtensionNotFound):
        return False


def first_of(bundle: bytes) -> bytes:
    """The newest authority of several; nothing when there is none that can be read."""
    try:
        return _pem(x509.load_pem_x509_certificate(bundle))
    except ValueError:
        return b""


def make(hosts: Mapping[str, Sequence[str]]) -> dict[str, bytes]:
    """An authority and a certificate with its key for every server, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "fairlead-installation")])
    constraints = x509.BasicConstraints(ca=True, path_length=0)
    authority = (
        _unsigned(name, name, key).add_extension(constraints, critical=True).sign(key, hashes.SHA256())
    )
    made = {AUTHORITY: _pem(authority)}
    for server, names in hosts.items():
        made |= _issue(server, names, name, key)
    return made


def _issue(
    server: str, names: Sequence[str], issuer: x509.Name, signer: ec.EllipticCurvePrivateKey
) -> dict[str, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, server)])
    certificate = (
        _unsigned(subject, issuer, key)
        .add_extension(x509.SubjectAlternativeName([_general(host) for host in _all(names)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage(_uses(server)), critical=False)
        .sign(signer, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {f"{server}.crt": _pem(certificate), f"{server}.key": private}


def _uses(server: str) -> list[x509.ObjectIdentifier]:
    """NATS's servers are each other's clients, and show each other who they are."""
    client = [ExtendedKeyUsageOID.CLIENT_AUTH] if server == MUTUAL else []
    return [ExtendedKeyUsageOID.SERVER_AUTH, *client]


def _is_good(
    known: Mapping[str, bytes], server: str, names: Sequence[str], authority: x509.Certificate
) -> bool:
    certificate = x509.load_pem_x509_certificate(known[f"{server}.crt"])
    private = serialization.load_pem_private_key(known[f"{server}.key"], password=None)
    certificate.verify_directly_issued_by(authority)
    uses = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    subjects = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return (
        certificate.not_valid_after_utc - datetime.now(UTC) > RENEW
        and private.public_key() == certificate.public_key()
        and set(_uses(server)) <= set(uses)
        and all(_general(host) in subjects for host in _all(names))
    )


def _unsigned(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(now + LIFE)
    )


def _all(names: Sequence[str]) -> tuple[str, ...]:
    return (*names, *LOOPBACK)


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
