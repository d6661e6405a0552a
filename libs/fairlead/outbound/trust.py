"""Which authorities vouch for a host: those declared for it alone, else those of the system.

Invariant: a host that has certificates of its own is never taken for itself on the word of anybody else; what
is declared for it and cannot be read refuses it.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from fairlead.outbound.names import host_of

_NOBODY = "nobody"
"""A folder without certificates, so that no library looks for more in its own."""


class Trust:
    """Certificates by host, as files for git and as contexts for our own connections.

    `folder` is ours alone; without it there are no files, nor any git. What is put takes effect with the next
    connection.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._bundles: dict[str, str] = {}
        self._contexts: dict[str, ssl.SSLContext] = {}
        if folder is not None:
            (folder / _NOBODY).mkdir(parents=True, exist_ok=True)

    def put(self, bundles: Mapping[str, str]) -> set[str]:
        """These are the certificates now, PEM by the host's name without port; the hosts whose changed."""
        wanted = {host.lower(): pem for host, pem in bundles.items() if pem.strip()}
        before = self._bundles
        changed = {host for host in {*wanted, *before} if wanted.get(host) != before.get(host)}
        if self._folder is not None:
            for host in changed & wanted.keys():
                _write(self._folder, wanted[host])
        if changed:
            self._bundles, self._contexts = wanted, {}
        return changed

    def configuration(self, url: str) -> list[tuple[str, str]]:
        """Git settings under which only the declared authorities vouch for the host of an address."""
        pem = self._bundles.get(host_of(url).lower())
        if pem is None or self._folder is None:
            return []
        return [
            ("http.sslCAInfo", str(_file(self._folder, pem))),
            ("http.sslCAPath", str(self._folder / _NOBODY)),
        ]

    def authorities(self, url: str) -> str:
        """The certificates that alone vouch for the host of an address, PEM; "" for the system's."""
        return self._bundles.get(host_of(url).lower(), "")

    def context(self, url: str) -> ssl.SSLContext | bool:
        """What aiohttp takes for `ssl`; True is the system's authorities.

        Raises ssl.SSLError or ValueError for certificates that cannot be read.
        """
        pem = self._bundles.get(host_of(url).lower())
        if pem is None:
            return True
        known = self._contexts.get(pem)
        if known is None:
            known = self._contexts[pem] = ssl.create_default_context(cadata=pem)
        return known


def _write(folder: Path, pem: str) -> None:
    file = _file(folder, pem)
    if not file.exists():
        partial = file.with_suffix(".partial")
        partial.write_text(pem)
        partial.replace(file)


def _file(folder: Path, pem: str) -> Path:
    return folder / f"{sha256(pem.encode()).hexdigest()[:32]}.pem"
