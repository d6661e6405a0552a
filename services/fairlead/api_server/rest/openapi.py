"""What can be asked over REST as a document of OpenAPI (Swagger 2.0, as the stock server's), and as a page.

Invariant: it is made from the schema and the rows, so that it names what is served and nothing else.
"""

import asyncio
import base64
import hashlib
import re
from functools import cache
from html import escape
from typing import Any

import msgspec
from aiohttp import web

from fairlead.api_server.methods.own import ROWS, SERVICE, Own
from fairlead.api_server.methods.table import METHODS
from fairlead.api_server.rest.routes import RestRoute, routes
from fairlead.model.release import version
from fairlead.wire import values
from fairlead.wire.catalogue import SCALARS, Field, message

Schema = dict[str, Any]

_SCALARS: dict[str, Schema] = {
    "string": {"type": "string"},
    "bytes": {"type": "string", "format": "byte"},
    "bool": {"type": "boolean"},
    "int32": {"type": "integer", "format": "int32"},
    "int64": {"type": "integer", "format": "int64"},
    "uint64": {"type": "integer", "format": "int64", "minimum": 0},
}
_SPECIAL: dict[str, Schema] = {
    values.TIME: {"type": "string", "format": "date-time"},
    values.MICRO_TIME: {"type": "string", "format": "date-time"},
    values.NUMBER_OR_TEXT: {"description": "a number, or a text such as 25%"},
    values.RAW: {"description": "any JSON"},
    values.JSON: {"description": "any JSON"},
    values.FIELDS: {"type": "object"},
}
_ERROR: Schema = {
    "type": "object",
    "properties": {
        "error": {"type": "string"},
        "code": {"type": "integer", "format": "int32", "description": "a code of gRPC"},
        "message": {"type": "string"},
    },
}
_PLACE = re.compile(r"\{([\w.]+)(?:=\*\*)?\}")
_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:#1a2530}"
    "code{font:13px ui-monospace,monospace}b{display:inline-block;width:4.5rem}"
    "details{border-top:1px solid #d5dde3;padding:.4rem 0}summary{cursor:pointer}"
    "table{border-collapse:collapse;margin:.5rem 0}td{padding:.1rem 1rem .1rem 0;vertical-align:top}"
)


@cache
def document() -> bytes:
    """The document as JSON."""
    served = [one for one in routes(METHODS) if one.method is not None]
    needed: set[str] = set()
    paths: dict[str, dict[str, Any]] = {}
    for one in served:
        shown = _PLACE.sub(r"{\1}", one.route.path)
        paths.setdefault(shown, {})[one.route.verb.lower()] = _operation(one, needed)
    definitions: dict[str, Schema] = {}
    while needed - set(definitions):
        for name in sorted(needed - set(definitions)):
            definitions[name] = _object(name, needed)
    return msgspec.json.encode(
        {
            "swagger": "2.0",
            "info": {"title": "Fairlead", "description": "GitOps continuous delivery", "version": version()},
            "consumes": ["application/json"],
            "produces": ["application/json"],
            "securityDefinitions": {"token": {"type": "apiKey", "in": "header", "name": "token"}},
            "security": [{"token": []}],
            "paths": paths | {row.path: {row.verb.lower(): _own(row)} for row in ROWS},
            "definitions": {_short(name): one for name, one in definitions.items()}
            | _own_definitions()
            | {"runtimeError": _ERROR},
        }
    )


def _operation(one: RestRoute, needed: set[str]) -> Schema:
    method = one.method
    assert method is not None  # noqa: S101 - routes without a row are left out
    service = one.rpc.service.rpartition(".")[2]
    answer = _reference(one.rpc.response, needed)
    if one.rpc.kind == "server-stream":
        answer = {"type": "object", "properties": {"result": answer}, "description": "one in each line"}
    described: Schema = {
        "tags": [service],
        "operationId": f"{service}_{one.rpc.path.rpartition('/')[2]}{_nth(one)}",
        "parameters": _parameters(one, needed),
        "responses": {
            "200": {"description": "done", "schema": answer},
            "default": {"description": "refused", "schema": {"$ref": "#/definitions/runtimeError"}},
        },
    }
    return {**described, "security": []} if method.is_public else described


def _own(row: Own) -> Schema:
    """The same of a route of our own, from the structs of its row."""
    answer: Schema = {"$ref": f"#/definitions/{row.answer.__name__}"}
    if row.is_stream:
        what = {"id": {"type": "string"}, "result": answer}
        answer = {
            "type": "object",
            "properties": what,
            "description": "one in each line; of an event stream the result is the data of each event",
        }
    return {
        "tags": [SERVICE],
        "operationId": f"{SERVICE}_{row.name}",
        "summary": row.summary,
        "produces": ["application/json", "text/event-stream"] if row.is_stream else ["application/json"],
        "parameters": _own_parameters(row),
        "responses": {
            "200": {"description": "done", "schema": answer},
            "default": {"description": "refused", "schema": {"$ref": "#/definitions/runtimeError"}},
        },
    }


def _own_parameters(row: Own) -> list[Schema]:
    if row.verb == "POST":
        schema = {"$ref": f"#/definitions/{row.ask.__name__}"}
        return [{"name": "body", "in": "body", "required": True, "schema": schema}]
    described = msgspec.json.schema(row.ask)["$defs"][row.ask.__name__]["properties"]
    return [_own_parameter(name, one) for name, one in described.items()]


def _own_parameter(name: str, described: Schema) -> Schema:
    said = {key: value for key, value in described.items() if key != "default" or value != []}
    more = {"collectionFormat": "multi"} if described["type"] == "array" else {}
    return {"name": name, "in": "query", "required": False, **said, **more}


def _own_definitions() -> dict[str, Schema]:
    named = [row.answer for row in ROWS] + [row.ask for row in ROWS if row.verb == "POST"]
    _, found = msgspec.json.schema_components(named, ref_template="#/definitions/{name}")
    for one in found.values():
        if not one.get("required", True):
            del one["required"]  # an empty list is no OpenAPI
        properties = one.get("properties", {})
        properties |= {name: _present(said) for name, said in properties.items()}
    return found


def _present(said: Schema) -> Schema:
    """What a field is when it is there: one that is null is left out, and no OpenAPI 2 says either."""
    kinds = [kind for kind in said.get("anyOf", ()) if kind.get("type") != "null"]
    return kinds[0] if len(kinds) == 1 else said


def _nth(one: RestRoute) -> str:
    """ "2" for the second route of an RPC, as the stock server's document has it."""
    nth = one.rpc.routes.index(one.route) + 1
    return str(nth) if nth > 1 else ""


def _parameters(one: RestRoute, needed: set[str]) -> list[Schema]:
    places = _PLACE.findall(one.route.path)
    found: list[Schema] = [
        {"name": place, "in": "path", "required": True, "type": "string"} for place in places
    ]
    body = one.route.body
    if body:
        schema = _reference(one.rpc.request, needed) if body == "*" else _named(one.rpc.request, body, needed)
        found.append({"name": "body", "in": "body", "required": True, "schema": schema})
    if body == "*":
        return found
    taken = {place.partition(".")[0] for place in places if "." not in place} | {body}
    asked = _queries(one.rpc.request, "", taken)
    return found + [parameter for parameter in asked if parameter["name"] not in places]


def _queries(name: str, prefix: str, taken: set[str]) -> list[Schema]:
    found: list[Schema] = []
    for field in message(name).fields:
        key = f"{prefix}{field.json}"
        if key in taken:
            continue
        if field.type in SCALARS or field.type in (values.TIME, values.MICRO_TIME):
            one = _SCALARS.get(field.type) or _SPECIAL[field.type]
            more = {"type": "array", "items": one, "collectionFormat": "multi"} if field.is_repeated else one
            found.append({"name": key, "in": "query", "required": False, **more})
        elif not field.is_repeated and not prefix and not message(field.type).is_map_entry:
            found += _queries(field.type, f"{key}.", taken)
    return found


def _named(name: str, key: str, needed: set[str]) -> Schema:
    return next(_value(field, needed) for field in message(name).fields if field.json == key)


def _object(name: str, needed: set[str]) -> Schema:
    properties: dict[str, Schema] = {}
    for field in message(name).fields:
        if field.is_inline:
            properties |= _object(field.type, needed)["properties"]
        else:
            properties[field.json] = _value(field, needed)
    return {"type": "object", "properties": properties}


def _value(field: Field, needed: set[str]) -> Schema:
    if field.type not in SCALARS and message(field.type).is_map_entry:
        return {
            "type": "object",
            "additionalProperties": _value(message(field.type).fields[1], needed),
        }
    one = _SCALARS.get(field.type) or _reference(field.type, needed)
    return {"type": "array", "items": one} if field.is_repeated else one


def _reference(name: str, needed: set[str]) -> Schema:
    if name in _SPECIAL:
        return _SPECIAL[name]
    needed.add(name)
    return {"$ref": f"#/definitions/{_short(name)}"}


def _short(name: str) -> str:
    """A message's name as the stock server's document has it: the last part of the package, and the name."""
    package, _, last = name.rpartition(".")
    return f"{package.rpartition('.')[2]}{last}"


@cache
def page() -> str:
    """The same for a person, without a line of script."""
    said = msgspec.json.decode(document())
    parts = ["<!doctype html><html lang=en><meta charset=utf-8><title>Fairlead API</title>"]
    parts.append(f"<style>{_STYLE}</style><h1>Fairlead API</h1>")
    parts.append("<p>As a document: <a href=swagger.json>swagger.json</a>. Over gRPC: reflection.</p>")
    by_tag: dict[str, list[str]] = {}
    for path, verbs in said["paths"].items():
        for verb, one in verbs.items():
            by_tag.setdefault(one["tags"][0], []).append(_shown(verb, path, one))
    for tag, shown in sorted(by_tag.items()):
        parts.append(f"<h2>{escape(tag)}</h2>{''.join(shown)}")
    return "".join(parts) + "</html>"


def _shown(verb: str, path: str, one: Schema) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(parameter['name'])}</code><td>{escape(parameter['in'])}"
        f"<td>{escape(_type_of(parameter))}</tr>"
        for parameter in one["parameters"]
    )
    answer = escape(_type_of(one["responses"]["200"]))
    return (
        f"<details><summary><b>{verb.upper()}</b> <code>{escape(path)}</code></summary>"
        f"<table>{rows}<tr><td>answer<td><td>{answer}</tr></table></details>"
    )


def _type_of(described: Schema) -> str:
    schema = described.get("schema", described)
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    inner = schema.get("properties", {}).get("result") or schema.get("items")
    word = schema.get("format") or schema.get("type", "")
    return f"{word} of {_type_of(inner)}" if inner else str(word)


def add_routes(router: web.UrlDispatcher, *, has_page: bool = True) -> None:
    """`/swagger.json` and `/swagger-ui`, for everybody: they tell what is served, and nothing more. Without
    `has_page` (`server.disable.swagger.ui`) neither is there."""

    async def as_document(_: web.Request) -> web.StreamResponse:
        return web.Response(body=await asyncio.to_thread(document), content_type="application/json")

    async def absent(_: web.Request) -> web.StreamResponse:
        raise web.HTTPNotFound(text="server.disable.swagger.ui of argocd-cmd-params-cm is true")

    async def as_page(_: web.Request) -> web.StreamResponse:
        digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
        policy = f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'self'"
        return web.Response(
            text=await asyncio.to_thread(page),
            content_type="text/html",
            headers={"Content-Security-Policy": policy},
        )

    router.add_get("/swagger.json", as_document if has_page else absent)
    router.add_get("/swagger-ui", as_page if has_page else absent)
