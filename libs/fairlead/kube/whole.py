"""Writes an object whole where a server-side apply cannot: what an apply cannot say, and where it gets stuck.

1. A keyed list that names one key twice (one container port under two names), or has an item without one, is
   refused by every apply, and taken by a plain create or update. So it is created or updated, others' fields
   kept.
2. An item whose key somebody changed by hand (a Service's port) is another item to an apply: ours comes
   beside it, and both are invalid together. An apply that is refused as invalid is tried once with ours in
   the place of those that have the same in a field which the server refused; other items stay.

Invariant: each is one request that the server takes or refuses as a whole, guarded by the version it was made
from; nothing is deleted, so uid, addresses and everything allocated stay.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from fairlead.diff.dropped import dropped_fields
from fairlead.diff.list_keys import ListKeys, Path
from fairlead.diff.normalize import LAST_APPLIED
from fairlead.diff.overlay import Refused, overlay
from fairlead.diff.ownership import is_apply_of
from fairlead.kube import write
from fairlead.kube.apply import ApplyResult, Outcome, apply
from fairlead.kube.dry_run import DryRunResult, dry_run_apply
from fairlead.kube.errors import AlreadyExistsError, BadRequestError, Cause, ConflictError, InvalidError
from fairlead.kube.head import decode_head
from fairlead.kube.resource import Resource
from fairlead.kube.writer import ClusterWriter
from fairlead.manifest.identity import gvk_of
from fairlead.manifest.secret import SECRET

ATTEMPTS: Final = 5
"""Looks at an object that others keep changing."""
MAX_REMEMBERED: Final = 128 * 1024
"""Bytes of a last desired state kept in the annotation; all annotations of an object may have 256 KiB."""
_INDEX: Final = re.compile(r"\[[^\]]*\]")
_UNTOLD: Final = ("duplicate entries for key", "omits all key fields")


async def apply_or_write_whole(
    writer: ClusterWriter,
    resource: Resource,
    name: str,
    body: bytes,
    namespace: str | None,
    *,
    keys: ListKeys,
    live_version: str | None,
    validate: bool,
) -> ApplyResult:
    """An apply, or what stands in for it. Raises what the apply raised when nothing helps."""
    whole = _Whole(writer, resource, name, body, namespace, keys=keys, validate=validate)

    async def applied() -> ApplyResult:
        return await apply(
            writer, resource, name, body, namespace, live_version=live_version, validate=validate
        )

    try:
        return await applied()
    except BadRequestError as error:
        if _is_untold(error):
            return await whole.written(live_version)
        if not isinstance(error, InvalidError) or not await whole.put_lists(error):
            raise
    return await applied()


async def dry_run_or_write_whole(
    writer: ClusterWriter,
    resource: Resource,
    name: str,
    body: bytes,
    namespace: str | None,
    *,
    keys: ListKeys,
    validate: bool,
    leave_out_undeclared: bool,
) -> DryRunResult:
    """What `apply_or_write_whole` would lead to; nothing is stored."""
    try:
        return await dry_run_apply(
            writer,
            resource,
            name,
            body,
            namespace,
            validate=validate,
            leave_out_undeclared=leave_out_undeclared,
        )
    except BadRequestError as error:
        whole = _Whole(writer, resource, name, body, namespace, keys=keys, validate=validate, dry_run=True)
        if _is_untold(error):
            raw, created = await whole.write()
            return DryRunResult(object=raw, would_create=created, is_whole=True)
        answer = await whole.put_lists(error) if isinstance(error, InvalidError) else None
        if answer is None:
            raise
        return DryRunResult(object=answer, would_create=False, is_whole=True)


def _is_untold(error: BadRequestError) -> bool:
    """Whether items of a list, desired or live, cannot be told apart by its keys."""
    return any(words in error.message for words in _UNTOLD)


class _Whole:
    def __init__(
        self,
        writer: ClusterWriter,
        resource: Resource,
        name: str,
        body: bytes,
        namespace: str | None,
        *,
        keys: ListKeys,
        validate: bool,
        dry_run: bool = False,
    ) -> None:
        self._writer = writer
        self._resource = resource
        self._name = name
        self._desired: dict[str, Any] = msgspec.json.decode(body)
        self._namespace = namespace
        self._keys = keys
        self._params = {"fieldValidation": "Strict" if validate else "Ignore"}
        if dry_run:
            self._params["dryRun"] = "All"

    async def written(self, live_version: str | None) -> ApplyResult:
        """Create or update it."""
        raw, created = await self.write()
        version = decode_head(raw).metadata.resource_version
        changed: Outcome = "unchanged" if version == live_version else "configured"
        outcome: Outcome = "created" if created else changed
        return ApplyResult(object=raw, outcome=outcome, resource_version=version)

    async def write(self) -> tuple[bytes, bool]:
        """Create or update it; the object, and whether it was created."""
        wanted = _remembering(self._desired)
        for _ in range(ATTEMPTS):
            live = await self._live()
            try:
                if live is None:
                    return await self._create(wanted), True
                dropped = dropped_fields(live, self._desired, self._writer.field_manager, keys=self._keys)
                overlaid = overlay(wanted, live, keys=self._keys, dropped=dropped)
                return await self._put(_as_updated(overlaid.object, self._writer.field_manager)), False
            except (ConflictError, AlreadyExistsError):
                continue
        raise ConflictError(f"{self._name} was changed by others each time it was to be updated")

    async def put_lists(self, refused: InvalidError) -> bytes | None:
        """Update it with our items in the place of those they clash with; None when there are none."""
        clashes = refused_fields(refused.causes)
        for _ in range(ATTEMPTS):
            live = await self._live()
            if live is None:
                return None
            dropped = dropped_fields(live, self._desired, self._writer.field_manager, keys=self._keys)
            overlaid = overlay(self._desired, live, keys=self._keys, dropped=dropped, refused=clashes)
            if not overlaid.makes_way and not dropped:
                return None
            body = {**overlaid.object, "metadata": _without_entries(overlaid.object["metadata"])}
            try:
                return await self._put(body)
            except ConflictError:
                continue
            except BadRequestError:
                raise refused from None
        raise refused

    async def _live(self) -> dict[str, Any] | None:
        raw = await self._writer.client.find(self._resource, self._name, self._namespace)
        return None if raw is None else msgspec.json.decode(raw)

    async def _create(self, body: Mapping[str, Any]) -> bytes:
        return await write.create(
            self._writer, self._resource, dict(body), self._namespace, params=self._params
        )

    async def _put(self, body: Mapping[str, Any]) -> bytes:
        return await write.replace(
            self._writer, self._resource, self._name, dict(body), self._namespace, params=self._params
        )


def refused_fields(causes: Iterable[Cause]) -> Refused:
    """The fields of list items that a refusal names (`spec.ports[1].name`), by the path of their list."""
    found: dict[Path, set[Path]] = {}
    for cause in causes:
        lists, _, field = cause.field.rpartition("].")
        if lists and field:
            path = _INDEX.sub("", f"{lists}]")
            found.setdefault(tuple(path.split(".")), set()).add(tuple(field.split(".")))
    return found


def _remembering(desired: dict[str, Any]) -> dict[str, Any]:
    """The object with its own text as annotation, as client-side apply has it: there is no `Apply` entry."""
    text = msgspec.json.encode(desired).decode()
    if gvk_of(desired).group_kind == SECRET or len(text) > MAX_REMEMBERED:
        return desired
    metadata = desired["metadata"]
    annotations = {**(metadata.get("annotations") or {}), LAST_APPLIED: text}
    return {**desired, "metadata": {**metadata, "annotations": annotations}}


def _as_updated(obj: dict[str, Any], manager: str) -> dict[str, Any]:
    """Our `Apply` entry, which tells of an older state, becomes one of updates."""
    metadata = obj["metadata"]
    entries = [
        {**entry, "operation": "Update"} if is_apply_of(entry, manager) else entry
        for entry in metadata.get("managedFields") or ()
    ]
    return {**obj, "metadata": {**metadata, "managedFields": entries}}


def _without_entries(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Metadata without `managedFields`, which the server then keeps as they are."""
    return {name: value for name, value in metadata.items() if name != "managedFields"}
