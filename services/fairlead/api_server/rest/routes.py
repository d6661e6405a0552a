"""The routes of HTTP, made from the schema of the wire and the rows.

Invariant: every route of the schema is there once. Where two RPCs share one, the first with a row answers.
"""

import re
from collections.abc import Mapping

import msgspec

from fairlead.api_server.methods.method import Method
from fairlead.wire.catalogue import PUBLIC, Route, Rpc

_PLACE = re.compile(r"\{([\w.]+)(=\*\*)?\}")
_DOT = "__"


class RestRoute(msgspec.Struct, frozen=True, kw_only=True):
    """One verb and path, the RPC behind it, and its row, if there is one."""

    rpc: Rpc
    route: Route
    method: Method | None

    @property
    def pattern(self) -> str:
        """The path as aiohttp reads it; it takes no dots in the names of places."""
        return _PLACE.sub(_place, self.route.path)


def _place(match: re.Match[str]) -> str:
    name = match[1].replace(".", _DOT)
    return f"{{{name}:.*}}" if match[2] else f"{{{name}}}"


def field_of(place: str) -> tuple[str, ...]:
    """The field, through nested objects, that a place of a pattern fills."""
    return tuple(place.split(_DOT))


def routes(methods: Mapping[str, Method]) -> list[RestRoute]:
    """All routes, longer paths first where a place would take their last part."""
    found: dict[tuple[str, str], RestRoute] = {}
    for rpc in PUBLIC.values():
        method = methods.get(rpc.path)
        for route in rpc.routes:
            key = route.verb, _PLACE.sub("{}", route.path)
            known = found.get(key)
            if known is None or known.method is None:
                found[key] = RestRoute(rpc=rpc, route=route, method=method)
    return sorted(found.values(), key=lambda one: one.route.path.count("{"))
