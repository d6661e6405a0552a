"""The services of gRPC itself: health, and reflection, which tells tools what there is to call.

Invariant: what reflection tells is made from the schema, one file for each package, so that it never says
less or more than is served.
"""

import asyncio
import base64
from collections.abc import AsyncGenerator, AsyncIterator
from functools import cache
from typing import Any

import msgspec

from fairlead.api_server.methods.method import CREDENTIALS, Method
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.wire.catalogue import NAMES, PUBLIC, RPCS_BY_PATH, SCALARS, Message, Rpc, message
from fairlead.wire.encode import encode

SERVING, NOT_SERVING = 1, 2
LOOK_AGAIN = 5.0
"""Seconds between looks of a health watch."""
_REFLECTION = ("grpc.reflection.v1", "grpc.reflection.v1alpha")
_LABELS = {"optional": 1, "required": 2, "repeated": 3}
_TYPES = {"int64": 3, "uint64": 4, "int32": 5, "bool": 8, "string": 9, "bytes": 12}
_MESSAGE = 11


class HealthAsk(msgspec.Struct, frozen=True, kw_only=True):
    """Names a service; "" is all of it."""

    service: str = ""


class ReflectionAsk(msgspec.Struct, frozen=True, kw_only=True):
    """One question; exactly one of the fields is set."""

    host: str = ""
    file_by_filename: str | None = None
    file_containing_symbol: str | None = None
    all_extension_numbers_of_type: str | None = None
    list_services: str | None = None


async def check(backend: Backend, _: Caller, asked: HealthAsk) -> dict[str, int]:
    """Whether a service is served."""
    if asked.service and asked.service not in services():
        raise RefusalError(Code.NOT_FOUND, "unknown service")
    return {"status": SERVING if backend.mirrors.applications.is_ready else NOT_SERVING}


async def watch(backend: Backend, caller: Caller, asked: HealthAsk) -> AsyncGenerator[Any, None]:
    """The same, now and whenever it is otherwise."""
    told: dict[str, int] | None = None
    while True:
        found = await check(backend, caller, asked)
        yield found if found != told else None
        told = found
        await asyncio.sleep(LOOK_AGAIN)


async def reflect(
    _: Backend, __: Caller, questions: AsyncIterator[ReflectionAsk]
) -> AsyncGenerator[Any, None]:
    """An answer to each question."""
    async for question in questions:
        said = {key: value for key, value in msgspec.to_builtins(question).items() if value}
        yield {"valid_host": question.host, "original_request": said, **_answer(question)}


def _answer(question: ReflectionAsk) -> dict[str, Any]:
    if question.list_services is not None:
        return {"list_services_response": {"service": [{"name": name} for name in services()]}}
    files = _files()
    if question.file_by_filename is not None:
        wanted = question.file_by_filename
        package = wanted.removesuffix(".proto") if wanted.endswith(".proto") else ""
    else:
        wanted = question.file_containing_symbol or ""
        package = _package_of_symbol(wanted)
    if package not in files:
        return {
            "error_response": {"error_code": int(Code.NOT_FOUND), "error_message": f"not found: {wanted}"}
        }
    raw = base64.b64encode(encode("google.protobuf.FileDescriptorProto", files[package])).decode()
    return {"file_descriptor_response": {"file_descriptor_proto": [raw]}}


@cache
def services() -> tuple[str, ...]:
    """The services of this server, by name."""
    own = {rpc.service for path, rpc in RPCS_BY_PATH.items() if path.startswith("/grpc.")}
    return tuple(sorted({rpc.service for rpc in PUBLIC.values()} | own))


def _package_of_symbol(symbol: str) -> str:
    """The package of a service, one of its methods, or a message."""
    for service in services():
        if symbol == service or symbol.startswith(f"{service}."):
            return service.rpartition(".")[0]
    return _package(symbol) if symbol in NAMES else ""


def _package(name: str) -> str:
    """The package of a message: what comes before its first part that begins with a capital."""
    parts = name.split(".")
    return ".".join(parts[: next(index for index, part in enumerate(parts) if part[:1].isupper())])


@cache
def _files() -> dict[str, dict[str, Any]]:
    """The descriptors, by package."""
    rpcs = [rpc for path, rpc in RPCS_BY_PATH.items() if path in PUBLIC or path.startswith("/grpc.")]
    packages = {_package(name) for name in NAMES} | {rpc.service.rpartition(".")[0] for rpc in rpcs}
    return {package: _file(package, rpcs) for package in packages}


def _file(package: str, rpcs: list[Rpc]) -> dict[str, Any]:
    names = sorted(name for name in NAMES if _package(name) == package)
    tops = [name for name in names if "." not in name.removeprefix(f"{package}.")]
    own = sorted({rpc.service for rpc in rpcs if rpc.service.rpartition(".")[0] == package})
    used = {field.type for name in names for field in message(name).fields if field.type not in SCALARS}
    used |= {name for rpc in rpcs if rpc.service in own for name in (rpc.request, rpc.response)}
    return {
        "name": f"{package}.proto",
        "package": package,
        "dependency": [f"{other}.proto" for other in sorted({_package(name) for name in used} - {package})],
        "message_type": [_described(message(name), names) for name in tops],
        "service": [_service(name, rpcs) for name in own],
        "syntax": message(names[0]).syntax if names else "proto3",
    }


def _described(one: Message, names: list[str]) -> dict[str, Any]:
    inner = [name for name in names if name.rpartition(".")[0] == one.name]
    described: dict[str, Any] = {
        "name": one.name.rpartition(".")[2],
        "field": [_field(field) for field in one.fields],
        "nested_type": [_described(message(name), names) for name in inner],
    }
    return {**described, "options": {"map_entry": True}} if one.is_map_entry else described


def _field(field: Any) -> dict[str, Any]:
    label = "repeated" if field.is_repeated else "required" if field.is_required else "optional"
    described = {
        "name": field.name,
        "number": field.number,
        "label": _LABELS[label],
        "type": _TYPES.get(field.type, _MESSAGE),
        "json_name": field.name,
    }
    return described if field.type in SCALARS else {**described, "type_name": f".{field.type}"}


def _service(name: str, rpcs: list[Rpc]) -> dict[str, Any]:
    return {
        "name": name.rpartition(".")[2],
        "method": [
            {
                "name": rpc.path.rpartition("/")[2],
                "input_type": f".{rpc.request}",
                "output_type": f".{rpc.response}",
                "client_streaming": rpc.kind in ("client-stream", "bidi-stream"),
                "server_streaming": rpc.kind in ("server-stream", "bidi-stream"),
            }
            for rpc in rpcs
            if rpc.service == name
        ],
    }


_HEALTH = "/grpc.health.v1.Health"

ROWS: tuple[Method, ...] = (
    Method(rpc=f"{_HEALTH}/Check", run=check, ask=HealthAsk, body_bytes=CREDENTIALS, is_public=True),
    Method(rpc=f"{_HEALTH}/Watch", run=watch, ask=HealthAsk, body_bytes=CREDENTIALS, is_public=True),
    *(
        Method(rpc=f"/{package}.ServerReflection/ServerReflectionInfo", run=reflect, ask=ReflectionAsk)
        for package in _REFLECTION
    ),
)
