"""Which lists of a kind are maps or sets in disguise, and which maps one value, from the cluster's OpenAPI.

A group version is read when first asked for, and only this is kept: some kilobytes of a document
of up to megabytes. Invariant: a list nothing is known about is atomic.
"""

import asyncio
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec
import structlog

from fairlead.diff.list_keys import ListKeys, Path
from fairlead.kube.errors import KubeError, NotFoundError, ProtocolError
from fairlead.kube.rest import KubeClient
from fairlead.manifest.identity import GroupVersionKind

Keys = tuple[str, ...]
"""The fields that tell a list's items apart; empty for a set, whose items are their own keys."""

INDEX = "/openapi/v3"
MAX_DEPTH = 32
FAILURE_HOLDS = 30.0
"""Seconds before a group version that could not be read is asked for again."""
_REF = "#/components/schemas/"


class _Schema(msgspec.Struct, frozen=True):
    ref: str = msgspec.field(name="$ref", default="")
    all_of: list["_Schema"] = msgspec.field(name="allOf", default_factory=list)
    properties: dict[str, "_Schema"] = {}
    additional: msgspec.Raw = msgspec.field(name="additionalProperties", default=msgspec.Raw())
    items: "_Schema | None" = None
    type: str = ""
    list_type: str = msgspec.field(name="x-kubernetes-list-type", default="")
    map_type: str = msgspec.field(name="x-kubernetes-map-type", default="")
    map_keys: tuple[str, ...] = msgspec.field(name="x-kubernetes-list-map-keys", default=())
    merge_key: str = msgspec.field(name="x-kubernetes-patch-merge-key", default="")
    keeps_unknown: bool = msgspec.field(name="x-kubernetes-preserve-unknown-fields", default=False)
    kinds: list[dict[str, str]] = msgspec.field(name="x-kubernetes-group-version-kind", default_factory=list)


class _Components(msgspec.Struct, frozen=True):
    schemas: dict[str, _Schema] = {}


class _Document(msgspec.Struct, frozen=True):
    components: _Components = _Components()


class _Address(msgspec.Struct, frozen=True, rename="camel"):
    server_relative_url: str = msgspec.field(name="serverRelativeURL")


class _Index(msgspec.Struct, frozen=True):
    paths: dict[str, _Address] = {}


log = structlog.get_logger(__name__)

_DOCUMENT = msgspec.json.Decoder(_Document)
_INDEX = msgspec.json.Decoder(_Index)


class Structure(NamedTuple):
    """The keyed lists and sets of a kind, and its maps (or lists of maps) that an apply replaces whole."""

    keys: Mapping[Path, Keys]
    atomic: frozenset[Path]


class OpenApi:
    """The list keys of one cluster's kinds. `learn` asks the cluster; `keys_at` only reads memory."""

    def __init__(self, client: KubeClient, *, fallback: ListKeys | None = None) -> None:
        self._client = client
        self._fallback = fallback
        self._kinds: dict[GroupVersionKind, Structure] = {}
        self._loaded: dict[tuple[str, str], str] = {}
        self._addresses: dict[str, str] = {}
        self._failed: dict[tuple[str, str], float] = {}
        self._is_outdated = False
        self._lock = asyncio.Lock()

    def is_loaded(self, group: str, version: str) -> bool:
        """Whether a group version's keys are known."""
        return (group, version) in self._loaded

    def expire(self) -> None:
        """A definition changed: what is known is looked at again before anything more is learnt."""
        self._is_outdated = True
        self._failed.clear()

    async def learn(self, versions: Iterable[tuple[str, str]]) -> bool:
        """Load the (group, version)s not known yet; whether anything was learnt. Never fails: see the log."""
        learnt = False
        try:
            if self._is_outdated:
                self._is_outdated = False
                await self.refresh()
        except KubeError as error:
            self._is_outdated = True
            log.info("kube.openapi.unreadable", error=error.message[:200])
        for name in sorted(set(versions)):
            if (
                self.is_loaded(*name)
                or time.monotonic() - self._failed.get(name, -FAILURE_HOLDS) < FAILURE_HOLDS
            ):
                continue
            try:
                await self.load(*name)
            except KubeError as error:
                self._failed[name] = time.monotonic()
                log.info("kube.openapi.unreadable", group=name[0], version=name[1], error=error.message[:200])
            else:
                learnt = True
        return learnt

    async def load(self, group: str, version: str) -> None:
        """Reads a group version, once. Raises NotFoundError when the cluster does not describe it."""
        async with self._lock:
            if self.is_loaded(group, version):
                return
            if _name(group, version) not in self._addresses:
                self._addresses = await self._index()
            await self._read(group, version, self._address(group, version))

    async def address_of(self, group: str, version: str) -> str:
        """Where the cluster describes a group version now. Raises NotFoundError when it does not."""
        async with self._lock:
            self._addresses = await self._index()
            return self._address(group, version)

    async def refresh(self) -> bool:
        """Forgets the group versions whose description changed (a new CRD); whether there were any."""
        async with self._lock:
            self._addresses = await self._index()
            now = set(self._addresses.values())
            changed = [name for name, address in self._loaded.items() if address not in now]
            for name in changed:
                del self._loaded[name]
            self._kinds = {
                gvk: keys for gvk, keys in self._kinds.items() if (gvk.group, gvk.version) in self._loaded
            }
        return bool(changed)

    def list_keys(self, gvk: GroupVersionKind) -> Mapping[Path, Keys] | None:
        """Every keyed list or set of a kind; None when its group version was not loaded."""
        known = self._kinds.get(gvk)
        return known.keys if known is not None else None

    def keys_at(self, gvk: GroupVersionKind, path: Path) -> Keys | None:
        """The keys of one list, None when it is atomic. Kinds not loaded are answered by the fallback."""
        known = self._kinds.get(gvk)
        if known is not None:
            return known.keys.get(path)
        return self._fallback.keys_at(gvk, path) if self._fallback is not None else None

    def is_atomic(self, gvk: GroupVersionKind, path: Path) -> bool:
        """Whether the map at a path is replaced whole. Kinds not loaded are answered by the fallback."""
        known = self._kinds.get(gvk)
        if known is not None:
            return path in known.atomic
        return self._fallback is None or self._fallback.is_atomic(gvk, path)

    def _address(self, group: str, version: str) -> str:
        name = _name(group, version)
        if name not in self._addresses:
            raise NotFoundError(f"the cluster has no OpenAPI of {name}")
        return self._addresses[name]

    async def _index(self) -> dict[str, str]:
        answer = await self._client.get_path(INDEX)
        try:
            found = _INDEX.decode(answer.body)
        except msgspec.DecodeError:
            raise ProtocolError(f"{INDEX} did not answer an index") from None
        return {name: entry.server_relative_url for name, entry in found.paths.items()}

    async def _read(self, group: str, version: str, address: str) -> None:
        answer = await self._client.get_path(address)
        found = await asyncio.to_thread(structures_of, answer.body, group, version)
        self._kinds.update(found)
        self._loaded[group, version] = address


def _name(group: str, version: str) -> str:
    return f"apis/{group}/{version}" if group else f"api/{version}"


def structures_of(body: bytes, group: str, version: str) -> dict[GroupVersionKind, Structure]:
    """The structure of every kind that a group version's document describes."""
    try:
        schemas = _DOCUMENT.decode(body).components.schemas
    except msgspec.DecodeError:
        raise ProtocolError(f"the OpenAPI of {group}/{version} is not a document") from None
    found: dict[GroupVersionKind, Structure] = {}
    for schema in schemas.values():
        if len(schema.kinds) != 1:
            continue
        gvk = GroupVersionKind(
            schema.kinds[0].get("group", ""),
            schema.kinds[0].get("version", ""),
            schema.kinds[0].get("kind", ""),
        )
        if (gvk.group, gvk.version) == (group, version):
            places = list(_walk(schema, schemas, (), ()))
            keys = {path: keys for path, keys in places if keys is not None}
            found[gvk] = Structure(keys, frozenset(path for path, keys in places if keys is None))
    return found


def _walk(
    schema: _Schema, schemas: Mapping[str, _Schema], path: Path, above: tuple[str, ...]
) -> Iterator[tuple[Path, Keys | None]]:
    """Keyed lists, and maps replaced whole (None), below a schema. A type inside itself (a schema of schemas)
    is entered once."""
    if len(path) > MAX_DEPTH:
        return
    for part in (schema, *schema.all_of):
        if part.ref:
            name = part.ref.removeprefix(_REF)
            if name in schemas and name not in above:
                yield from _walk(schemas[name], schemas, path, (*above, name))
    for field, child in schema.properties.items():
        below = (*path, field)
        keys = _keys(child)
        if keys is not None:
            yield below, keys
        if _is_atomic(child.items or child, schemas):
            yield below, None
        yield from _walk(child.items or child, schemas, below, above)


def _is_atomic(schema: _Schema, schemas: Mapping[str, _Schema]) -> bool:
    parts = [schema, *schema.all_of]
    parts += [schemas[name] for part in parts if (name := part.ref.removeprefix(_REF)) in schemas]
    if any(part.map_type == "atomic" for part in parts):
        return True
    return not any(
        part.type not in ("", "object") or part.properties or part.additional or part.keeps_unknown
        for part in parts
    )


def _keys(schema: _Schema) -> Keys | None:
    """A list without a declared type merges by its patch key, as strategic merge would have it."""
    if schema.list_type == "map":
        return schema.map_keys or None
    if schema.list_type == "set":
        return ()
    if not schema.list_type and schema.items is not None and schema.merge_key:
        return (schema.merge_key,)
    return None
