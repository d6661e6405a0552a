"""Rows of `certificate.CertificateService`."""

from fairlead.api_server.methods.method import Method

ROWS: tuple[Method, ...] = ()
