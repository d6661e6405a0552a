"""Connections that are kept: straight ones, those through a repository's proxy, those through the process'.

Invariant: what a repository names, a proxy too, is connected to at checked addresses only; the operator's own
proxy may be anywhere.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict

import aiohttp

from fairlead.matching.networks import Networks
from fairlead.outbound.contexts import Contexts
from fairlead.outbound.names import CheckedResolver
from fairlead.outbound.proxies import Way
from fairlead.outbound.tunnels import CONNECT_SECONDS, Tunnels

IDLE_SECONDS = 60.0
"""Seconds an idle connection is kept: most servers close theirs about then."""
MOST_TUNNELS = 64
"""Proxies whose connections are kept; those of the one used longest ago end first."""
_STRAIGHT, _THROUGH_OURS = "straight", "through ours"


class Sessions:
    """A session for each kind of way, made when it is first used."""

    def __init__(self, networks: Networks, contexts: Contexts) -> None:
        self._networks = networks
        self._contexts = contexts
        self._plain: dict[str, aiohttp.ClientSession] = {}
        self._tunnels: OrderedDict[Way, aiohttp.ClientSession] = OrderedDict()

    async def of(self, way: Way) -> aiohttp.ClientSession:
        """The session whose connections lead this way."""
        if _is_tunnelled(way):
            return await self._tunnelled(way)
        kind = _THROUGH_OURS if way.is_ours else _STRAIGHT
        if kind not in self._plain:
            resolver = None if way.is_ours else CheckedResolver(self._networks)
            self._plain[kind] = _session(
                aiohttp.TCPConnector(
                    resolver=resolver, use_dns_cache=False, keepalive_timeout=IDLE_SECONDS, limit=0
                )
            )
        return self._plain[kind]

    def proxy_of(self, way: Way) -> str | None:
        """The proxy as a request of the session is told of it."""
        return way.proxy if way.proxy and not _is_tunnelled(way) else None

    async def close(self) -> None:
        """End all connections."""
        for session in (*self._plain.values(), *self._tunnels.values()):
            await session.close()

    async def _tunnelled(self, way: Way) -> aiohttp.ClientSession:
        session = self._tunnels.pop(way, None)
        if session is None:
            networks = None if way.is_ours else self._networks
            context = await asyncio.to_thread(self._contexts.to_proxy, way.proxy)
            session = _session(Tunnels(way.proxy, networks, context, idle=IDLE_SECONDS))
        self._tunnels[way] = session
        if len(self._tunnels) > MOST_TUNNELS:
            await self._tunnels.popitem(last=False)[1].close()
        return session


def _is_tunnelled(way: Way) -> bool:
    return bool(way.proxy) and not way.proxy.startswith("http:")


def _session(connector: aiohttp.BaseConnector) -> aiohttp.ClientSession:
    """How many connections there are is bounded by who asks, with `slots`."""
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
    )
