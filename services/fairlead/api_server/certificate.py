"""A certificate made for this installation (contract 12.1)."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

log = structlog.get_logger(__name__)

LIFE_DAYS = 365
RENEW_DAYS = 30
"""Days before its end from which a made certificate is replaced."""
ORGANISATION = "Argo CD"


def self_signed(namespace: str, *, days: int = LIFE_DAYS) -> tuple[bytes, bytes]:
    """A certificate and its key in PEM, for the names this service has in a cluster."""
    key = ec.generate_private_key(ec.SECP256R1())
    service = f"argocd-server.{namespace}"
    hosts = ["localhost", "argocd-server", service, f"{service}.svc", f"{service}.svc.cluster.local"]
    names = [x509.DNSName(host) for host in hosts]
    addresses = [x509.IPAddress(ip_address("127.0.0.1")), x509.IPAddress(ip_address("::1"))]
    subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([*names, *addresses]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    log.info("api.tls.made", hosts=hosts)
    return certificate.public_bytes(serialization.Encoding.PEM), key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def is_made_and_ending(pem: bytes) -> bool:
    """Whether a certificate is one that was made here or by Argo CD, and ends soon."""
    certificate = x509.load_pem_x509_certificate(pem)
    organisations = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    is_made = certificate.issuer == certificate.subject and any(
        name.value == ORGANISATION for name in organisations
    )
    return is_made and certificate.not_valid_after_utc - datetime.now(UTC) < timedelta(days=RENEW_DAYS)
