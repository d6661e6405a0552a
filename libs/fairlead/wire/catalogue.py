"""Looking up what the table says: RPCs by path, messages by name.

Invariant: a message is read from the table once, when it is first asked for, so that a process pays for the
messages it carries and not for all of them.
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import msgspec

from fairlead.wire.schema import MESSAGES, RPCS

SCALARS = frozenset({"string", "bytes", "bool", "int32", "int64", "uint64"})
_OTHERS = ("/plugin.", "/grpc.")


class Route(msgspec.Struct, frozen=True):
    """One way to ask over HTTP: `body` "" takes none, "*" all fields, else it names the field it fills."""

    verb: str
    path: str
    body: str = ""


class Rpc(msgspec.Struct, frozen=True, kw_only=True):
    """One RPC. `kind` is `unary`, `server-stream`, `client-stream` or `bidi-stream`."""

    path: str
    request: str
    response: str
    kind: str
    routes: tuple[Route, ...]

    @property
    def service(self) -> str:
        """The full name of its service."""
        return self.path[1:].partition("/")[0]


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One field. The fields of an inlined one stand in the JSON object of its parent."""

    number: int
    name: str
    json: str
    type: str
    is_repeated: bool = False
    is_required: bool = False
    is_pointer: bool = False
    is_always: bool = False
    is_inline: bool = False


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message, its fields by number."""

    name: str
    syntax: str
    is_map_entry: bool
    fields: tuple[Field, ...]

    @property
    def is_of_kubernetes(self) -> bool:
        """Whether absent and zero are the same in it, unless a field is a pointer."""
        return self.name.startswith(("k8s.io.", "github.com.argoproj.argo_cd.v3.pkg.apis."))


def _rpc(line: str) -> Rpc:
    path, request, response, kind, *routes = line.split("\t")
    return Rpc(
        path=path, request=request, response=response, kind=kind, routes=tuple(_route(r) for r in routes)
    )


def _route(text: str) -> Route:
    verb, path, *body = text.split(" ")
    return Route(verb, path, body[0].removeprefix("body=") if body else "")


def _field(line: str) -> Field:
    number, name, kind, *json = line.split(" ")
    marks = kind[len(kind.rstrip("*!?=")) :]
    other = json[0] if json else ""
    return Field(
        number=int(number),
        name=name,
        json=name if other in ("", "-") else other,
        type=kind.rstrip("*!?="),
        is_repeated="*" in marks,
        is_required="!" in marks,
        is_pointer="?" in marks,
        is_always="=" in marks,
        is_inline=other == "-",
    )


RPCS_BY_PATH: Mapping[str, Rpc] = MappingProxyType({rpc.path: rpc for rpc in map(_rpc, RPCS)})
"""Every RPC, those of plugins and of gRPC itself as well."""
PUBLIC: Mapping[str, Rpc] = MappingProxyType(
    {path: rpc for path, rpc in RPCS_BY_PATH.items() if not path.startswith(_OTHERS)}
)
"""Those that the API server answers."""
NAMES = frozenset(MESSAGES)


@cache
def message(name: str) -> Message:
    """A message by its full name. Raises KeyError."""
    head, *lines = MESSAGES[name].split("\n")
    syntax, _, entry = head.partition(" ")
    return Message(
        name=name, syntax=syntax, is_map_entry=bool(entry), fields=tuple(_field(line) for line in lines)
    )
