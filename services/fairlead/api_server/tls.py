"""The certificate of the API: given by files, by the Secret `argocd-server-tls`, or made at start.

The invariant: TLS 1.2 at least; a key lies in a file only for as long as it takes to load it.
"""

import asyncio
import ssl
import tempfile

import structlog

from fairlead.api_server.config import Config
from fairlead.api_server.config_map import read_secret
from fairlead.api_server.kinds import SECRET, SECRETS, TLS_SECRET
from fairlead.kube.rest import KubeClient

log = structlog.get_logger(__name__)

LIFE_DAYS = 365
ORGANISATION = "Argo CD"


async def context(config: Config, client: KubeClient) -> ssl.SSLContext | None:
    """The TLS settings to serve with; None when plaintext was asked for."""
    if config.insecure:
        return None
    settings = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    settings.minimum_version = ssl.TLSVersion.TLSv1_2
    settings.set_alpn_protocols(["http/1.1"])
    if config.tls_cert:
        settings.load_cert_chain(config.tls_cert, config.tls_key or None)
        return settings
    pair = await _from_secrets(client, config.namespace)
    if pair is None:
        pair = await asyncio.to_thread(self_signed, config.namespace)
    _load(settings, *pair)
    return settings


def _load(settings: ssl.SSLContext, certificate: bytes, key: bytes) -> None:
    """`ssl` reads pairs from files only; ours is readable by us alone and gone at once."""
    with tempfile.NamedTemporaryFile(prefix="fairlead-") as pair:
        pair.write(certificate + b"\n" + key)
        pair.flush()
        settings.load_cert_chain(pair.name)


async def _from_secrets(client: KubeClient, namespace: str) -> tuple[bytes, bytes] | None:
    for name in (TLS_SECRET, SECRET):
        raw = await client.find(SECRETS, name, namespace)
        values = read_secret(raw).values if raw is not None else {}
        if values.get("tls.crt") and values.get("tls.key"):
            log.info("api.tls.loaded", secret=name)
            return values["tls.crt"].encode(), values["tls.key"].encode()
    return None


def self_signed(namespace: str) -> tuple[bytes, bytes]:
    """A certificate and its key in PEM, for the names this service has in a cluster (contract 12.1)."""
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415
    from ipaddress import ip_address  # noqa: PLC0415

    from cryptography import x509  # noqa: PLC0415 - megabytes that plaintext does not need
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID  # noqa: PLC0415

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
        .not_valid_after(now + timedelta(days=LIFE_DAYS))
        .add_extension(x509.SubjectAlternativeName([*names, *addresses]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    log.info("api.tls.made", hosts=hosts)
    return certificate.public_bytes(serialization.Encoding.PEM), key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
