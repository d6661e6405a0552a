"""Where Dex is, and how it is known to be Dex.

Invariant: with strict TLS nothing is sent to whoever shows no certificate that the Secret
`argocd-dex-server-tls` vouches for; while there is none, nothing is sent at all. Another certificate counts
with the next request.
"""

import ssl
from collections.abc import Callable, Mapping


class Dex:
    """Dex at `address`. `certificates` gives the values of its Secret as they are now; without `is_strict`
    any certificate is taken, since Dex has one of its own making unless it is given another."""

    def __init__(
        self, address: str, *, is_strict: bool, certificates: Callable[[], Mapping[str, str]]
    ) -> None:
        self.address = address
        self._is_strict = is_strict
        self._certificates = certificates
        self._made: tuple[str, ssl.SSLContext] | None = None

    @property
    def context(self) -> ssl.SSLContext:
        """The TLS settings to ask it with. Raises ssl.SSLError without a certificate to go by."""
        trusted = self._trusted() if self._is_strict else ""
        if self._made is None or self._made[0] != trusted:
            self._made = (trusted, _context(trusted, is_strict=self._is_strict))
        return self._made[1]

    def _trusted(self) -> str:
        values = self._certificates()
        return values.get("ca.crt") or values.get("tls.crt") or ""


def _context(trusted: str, *, is_strict: bool) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if not is_strict:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    try:
        context.load_verify_locations(cadata=trusted)
    except ValueError:
        raise ssl.SSLError("the Secret argocd-dex-server-tls has no certificate to know Dex by") from None
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context
