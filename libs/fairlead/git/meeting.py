"""How one git process meets a server: its proxy, the addresses it may connect to, whose word it takes for the
server, and which certificate it shows.

Invariant: a client's certificate and key are in no file on a disk; they end with the process.
"""

from __future__ import annotations

import contextlib

import msgspec

from fairlead.git.credentials import Credential
from fairlead.git.reach import as_git_errors, host_of, pinned
from fairlead.matching.networks import Networks
from fairlead.outbound.memory_file import memory_file
from fairlead.outbound.names import check_literal
from fairlead.outbound.proxies import Proxies, way_to
from fairlead.outbound.trust import Trust

Settings = list[tuple[str, str]]


class Meeting(msgspec.Struct, frozen=True, kw_only=True):
    """Git's settings, and the descriptors that the process has to inherit for them."""

    settings: Settings
    descriptors: tuple[int, ...] = ()

    def __repr__(self) -> str:
        return f"Meeting({[name for name, _ in self.settings]})"


async def meet(
    url: str,
    credential: Credential,
    held: contextlib.ExitStack,
    *,
    networks: Networks,
    proxies: Proxies,
    trust: Trust | None,
) -> Meeting:
    """How to meet the server of an address while `held` is open.

    Raises:
        UrlRefusedError: it, or its proxy, may not be connected to.
        GitTransientError: a name leads to no address at this moment.
    """
    settings = await _way(url, credential, networks=networks, proxies=proxies, trust=trust)
    if trust is not None:
        settings += trust.configuration(url)
    descriptors = []
    if credential.client_certificate and credential.client_key:
        for name, text in (
            ("http.sslCert", credential.client_certificate),
            ("http.sslKey", credential.client_key),
        ):
            path, descriptor = held.enter_context(memory_file(text))
            settings.append((name, path))
            descriptors.append(descriptor)
    return Meeting(settings=settings, descriptors=tuple(descriptors))


async def _way(
    url: str, credential: Credential, *, networks: Networks, proxies: Proxies, trust: Trust | None
) -> Settings:
    """Through a proxy the proxy looks the server's name up, so what is pinned is the proxy."""
    with as_git_errors(url):
        way = way_to(url, credential.proxy, credential.no_proxy, proxies)
        if not way.proxy:
            return await pinned(url, networks)
        check_literal(host_of(url), networks)
    settings = [("http.proxy", way.proxy.replace("socks5://", "socks5h://"))]
    if not way.is_ours:
        settings += await pinned(way.proxy, networks)
    if trust is not None and way.proxy.startswith("https:"):
        settings += [
            (name.replace("http.ssl", "http.proxySSL"), value)
            for name, value in trust.configuration(way.proxy)
            if name == "http.sslCAInfo"
        ]
    return settings
