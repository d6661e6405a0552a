"""Rows of `certificate.CertificateService`."""

from fairlead.api_server.methods.method import Method
from fairlead.api_server.operations import certificate

CERTIFICATES = 1 << 20
"""Bytes of a request that holds certificates."""
_SERVICE = "/certificate.CertificateService"

ROWS: tuple[Method, ...] = (
    Method(rpc=f"{_SERVICE}/ListCertificates", run=certificate.list_all, ask=certificate.CertificateQuery),
    Method(
        rpc=f"{_SERVICE}/CreateCertificate",
        run=certificate.create,
        ask=certificate.CertificateCreate,
        body_bytes=CERTIFICATES,
    ),
    Method(rpc=f"{_SERVICE}/DeleteCertificate", run=certificate.delete, ask=certificate.CertificateQuery),
)
