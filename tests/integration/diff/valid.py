"""Makes of a random object one that the API server takes: by its own words about what is wrong with it."""

import re
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import msgspec

from fairlead.kube.errors import BadRequestError, Cause, KubeError
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from tests.integration.diff.schemas import Maker
from tests.integration.diff.skeletons import skeleton_of

ATTEMPTS = 25
"""Refusals that are answered before an object is given up."""
MANAGER = "argocd-controller"
_SUPPORTED = re.compile(r'"([^"]*)"')
_STEP = re.compile(r"\[([^\]]*)\]|([^.\[\]]+)")

Object = dict[str, Any]
Wait = Callable[[Coroutine[Any, Any, Any]], Any]
"""Has work done on the loop, and waits for it: whoever draws does so in a thread of their own."""
Path = tuple[str | int, ...]


def overlaid(obj: Any, base: Any) -> Any:
    """`obj` with all that `base` has; items of lists one by one."""
    if isinstance(obj, dict) and isinstance(base, Mapping):
        return {**obj, **{name: overlaid(obj.get(name), value) for name, value in base.items()}}
    if isinstance(obj, list) and isinstance(base, list) and obj and base:
        return [overlaid(obj[0], base[0]), *base[1:], *obj[1:]]
    return base


class RefusedError(Exception):
    """The server takes no such object, whatever is left out."""


class Valid:
    """Has random objects accepted."""

    def __init__(self, client: KubeClient, resource: Resource, namespace: str, wait: Wait) -> None:
        self._client = client
        self._wait = wait
        self._resource = resource
        self._namespace = namespace if resource.namespaced else ""

    def made(self, maker: Maker, name: str) -> Object:
        """An object that the server would take. Raises RefusedError."""
        base = skeleton_of(self._resource.kind, name)
        obj = overlaid(maker.object(), base)
        metadata = {**maker.metadata(), "name": name}
        if self._namespace:
            metadata["namespace"] = self._namespace
        head = {"apiVersion": self._resource.api_version, "kind": self._resource.kind}
        obj = {**head, "metadata": metadata, **obj}
        plain = {
            **head,
            "metadata": {key: metadata[key] for key in ("name", "namespace") if key in metadata},
            **base,
        }
        for attempt in range(ATTEMPTS + 1):
            try:
                self._wait(self.tried(obj))
            except BadRequestError as error:
                if attempt == ATTEMPTS - 1:
                    obj = plain
                    continue
                obj = self._mended(obj, error, maker)
                continue
            except KubeError as error:
                raise RefusedError(str(error)) from error
            return obj
        raise RefusedError(f"{self._resource.kind} {msgspec.json.encode(obj).decode()[:2000]}")

    async def tried(self, obj: Object) -> Object:
        """The server's answer to a dry run. Raises KubeError."""
        answer = await self._client.apply(
            self._resource,
            obj["metadata"]["name"],
            obj,
            self._namespace or None,
            field_manager=MANAGER,
            force=True,
            params={"dryRun": "All", "fieldValidation": "Ignore"},
        )
        found: Object = msgspec.json.decode(answer.body)
        return found

    def _mended(self, obj: Object, error: BadRequestError, maker: Maker) -> Object:
        if not error.causes:
            return self._with_less(obj, error)
        for cause in error.causes:
            obj = _mended_at(obj, cause, maker)
        return obj

    def _with_less(self, obj: Object, error: BadRequestError) -> Object:
        """The server does not say where: leave out a part that is not needed."""
        named = re.findall(r"\.([A-Za-z0-9_.\[\]]+)", error.message)
        for text in named:
            path = tuple(step for step in _path(text))
            if path and _has(obj, path):
                return _without(obj, path)
        spec = obj.get("spec")
        needed = skeleton_of(self._resource.kind, obj["metadata"]["name"])
        base = needed.get("spec", {})
        if isinstance(spec, dict):
            for name in spec:
                if name not in base:
                    return {**obj, "spec": {key: value for key, value in spec.items() if key != name}}
        for name in obj:
            if name not in ("apiVersion", "kind", "metadata") and name not in needed:
                return {key: value for key, value in obj.items() if key != name}
        return obj


def _mended_at(obj: Object, cause: Cause, maker: Maker) -> Object:
    path = _path(cause.field)
    if not path or path[0] in ("apiVersion", "kind"):
        return obj
    if cause.reason == "FieldValueNotSupported":
        values = _SUPPORTED.findall(cause.message.partition("supported values:")[2])
        if values:
            return _with(obj, path, values[0])
    if cause.reason == "FieldValueRequired" and not _has_value(obj, path):
        try:
            return _with(obj, path, maker.at(path))
        except (KeyError, TypeError, IndexError, AttributeError):
            return obj
    while path and not _has(obj, path):
        path = path[:-1]
    return _without(obj, path) if path and path not in (("metadata",), ("metadata", "name")) else obj


def _path(field: str) -> Path:
    steps: list[str | int] = []
    for inner, plain in _STEP.findall(field):
        steps.append(int(inner) if inner.isdecimal() else inner or plain)
    return tuple(steps)


def _has(obj: Any, path: Path) -> bool:
    for step in path:
        if isinstance(step, int):
            if not isinstance(obj, list) or step >= len(obj):
                return False
        elif not isinstance(obj, dict) or step not in obj:
            return False
        obj = obj[step]
    return True


def _has_value(obj: Any, path: Path) -> bool:
    if not _has(obj, path):
        return False
    for step in path:
        obj = obj[step]
    return obj not in (None, "", [], {})


def _without(obj: Any, path: Path) -> Any:
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        return [*obj[:step], *([_without(obj[step], rest)] if rest else []), *obj[step + 1 :]]
    if rest:
        return {**obj, step: _without(obj[step], rest)}
    return {name: value for name, value in obj.items() if name != step}


def _with(obj: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        items = obj if isinstance(obj, list) else []
        if step >= len(items):
            return [*items, _with(None, rest, value)]
        return [*items[:step], _with(items[step], rest, value), *items[step + 1 :]]
    fields = obj if isinstance(obj, dict) else {}
    return {**fields, step: _with(fields.get(step), rest, value)}
