"""Writes what is true of an application to the Application: one merge patch of the difference.

Invariant: nothing is sent when nothing differs, an operation is only cleared from the version that was read,
and nothing is written to another Application that took the name meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import msgspec
import structlog

from fairlead.app_controller.book import Record
from fairlead.app_controller.following.applications import Applications
from fairlead.app_controller.following.asked import REFRESH, REFRESH_TIMESTAMP
from fairlead.app_controller.following.seen import version_of
from fairlead.app_controller.reporting.fit import OVERSIZED, fitted
from fairlead.app_controller.reporting.observed import observed
from fairlead.app_controller.reporting.patch import is_exact, merge_patch, patched, status_patch
from fairlead.app_controller.reporting.same import made_anew, of_this, same_application
from fairlead.app_controller.reporting.tell import Teller
from fairlead.kube import write
from fairlead.kube.collection import APPLICATIONS
from fairlead.kube.errors import ConflictError, InvalidError, KubeError, NotFoundError
from fairlead.kube.writer import ClusterWriter
from fairlead.model.application import AppId, Application, ApplicationSpec
from fairlead.model.decode import decode_application
from fairlead.model.status import ApplicationStatus, Condition, SyncCode
from fairlead.model.sync import Operation, OperationPhase, OperationState

log = structlog.get_logger(__name__)

GUARDED_ATTEMPTS = 4
LEAST_BYTES = 60_000
"""Bytes of a status below which its size is not what is wrong."""
_TOO_LARGE = ("request is too large", "too large", "exceeds the limit")


class StatusTooLargeError(KubeError):
    """What is to be remembered of an operation that goes on does not fit into the Application."""


class Unset:
    """Stands for: leave `operation` as it is."""


KEEP = Unset()


class StatusWriter:
    """The only place that writes an Application's status, operation and refresh annotation."""

    def __init__(
        self,
        writer: ClusterWriter,
        applications: Applications,
        teller: Teller,
        *,
        may_wait: Callable[[Record, tuple[str, ...]], bool] = lambda *_: False,
        written: Callable[[AppId], None] = lambda _: None,
    ) -> None:
        self._writer = writer
        self._applications = applications
        self._teller = teller
        self._may_wait = may_wait
        self._written = written

    async def write(
        self,
        record: Record,
        status: ApplicationStatus,
        *,
        operation: Operation | Unset | None = KEEP,
        spec: ApplicationSpec | None = None,
        guarded: bool = False,
        ended: OperationState | None = None,
        noted: Mapping[str, str] = {},
    ) -> bool:
        """Write the difference; whether anything was sent.

        A status that is too large is cut (see `fit`); of an operation that goes on nothing may be cut, since
        it is what the operation knows of itself: that raises StatusTooLargeError. `noted` are annotations of
        ours that go with it, "" for one that goes away. That somebody asked for its end is never undone.

        With `guarded`, and with the operation that `ended`, the write fails when another request was made
        since the Application was read. Raises KubeError.
        """
        before = record.app
        if status.source_hydrator is not before.status.source_hydrator:  # the hydrator's alone to write
            said = before.status.source_hydrator
            status = msgspec.structs.replace(status, source_hydrator=said)
        if ended is not None:
            status = observed(status, ended)
        if status is not before.status:
            status = self._fitted(record, _still_terminating(before.status, status))
        body = self._body(before, status, operation, spec, noted)
        if not body or (_is_moved(before, status, body) and self._may_wait(record, _revisions(status))):
            return False
        self._written(record.id)
        try:
            await self._send(record, body, guarded=guarded or ended is not None)
        except KubeError as error:
            if not is_too_large(error) or record.status_bytes <= LEAST_BYTES:
                raise
            record.status_bytes //= 2
            log.warning("status.too_large", app=record.id.qualified, bytes=record.status_bytes)
            return await self.write(
                record,
                status,
                operation=operation,
                spec=spec,
                guarded=guarded,
                ended=ended,
                noted=noted,
            )
        if ended is not None:
            await self._teller.operation_completed(record, ended)
        await self._teller.transitions(record, before.status, record.app.status)
        return True

    @staticmethod
    def _fitted(record: Record, status: ApplicationStatus) -> ApplicationStatus:
        found = fitted(status, record.status_bytes)
        state = status.operation_state
        if found.operation_state != state and state is not None and not state.phase.is_final:
            raise StatusTooLargeError(OVERSIZED)
        return found

    async def _send(self, record: Record, body: dict[str, Any], *, guarded: bool) -> None:
        if guarded:
            await self._send_guarded(record, body)
        else:
            await self._sent(record, body)

    async def _send_guarded(self, record: Record, body: dict[str, Any]) -> None:
        """Send against the version that was read, or a newer one with the same operation."""
        for _ in range(GUARDED_ATTEMPTS):
            before = record.app
            version = {"resourceVersion": before.metadata.resource_version}
            try:
                metadata = {**body.get("metadata", {}), **version}
                return await self._sent(record, {**body, "metadata": metadata})
            except ConflictError:
                raw = await self._writer.client.get(APPLICATIONS, record.id.name, record.id.namespace)
                self._take(record, decode_application(raw))
                if not _is_same_request(before, record.app):
                    raise
        raise ConflictError(f"application {record.id.qualified} keeps changing")

    async def ask_refresh(self, app_id: AppId) -> None:
        """Ask whoever has an application to look at its repository; nothing where it is gone."""
        body = {"metadata": {"annotations": {REFRESH: "normal"}}}
        with suppress(NotFoundError):
            await write.merge_patch(
                self._writer, APPLICATIONS, app_id.name, msgspec.json.encode(body), app_id.namespace
            )

    async def say(self, record: Record, conditions: tuple[Condition, ...]) -> None:
        """Write conditions and nothing else, of an Application that cannot be read. Raises KubeError."""
        body = of_this(record, {"status": {"conditions": conditions}})
        with same_application(record):
            await write.merge_patch(
                self._writer,
                APPLICATIONS,
                record.id.name,
                msgspec.json.encode(body),
                record.id.namespace,
            )
        status = msgspec.structs.replace(record.app.status, conditions=conditions)
        record.app = msgspec.structs.replace(record.app, status=status)

    async def clear_refresh(self, record: Record, timestamp: str) -> None:
        """Remove the refresh annotation, unless another request has come in since (contract 6)."""
        operations: list[dict[str, object]] = [
            {"op": "test", "path": "/metadata/uid", "value": record.app.metadata.uid}
        ]
        if timestamp:
            pointer = f"/metadata/annotations/{_escaped(REFRESH_TIMESTAMP)}"
            operations.append({"op": "test", "path": pointer, "value": timestamp})
            operations.append({"op": "remove", "path": pointer})
        operations.append({"op": "remove", "path": f"/metadata/annotations/{_escaped(REFRESH)}"})
        record.seen.writes_in_flight += 1
        try:
            raw = await write.json_patch(
                self._writer, APPLICATIONS, record.id.name, operations, record.id.namespace
            )
            self._take(record, decode_application(raw))
        except (InvalidError, NotFoundError) as error:
            log.debug("refresh.asked_again", app=record.id.qualified, error=error.message[:200])
        finally:
            self._release(record)

    async def patch_metadata(self, record: Record, metadata: dict[str, Any]) -> None:
        """A guarded patch of metadata (finalizers). Raises KubeError."""
        guard = {"resourceVersion": record.app.metadata.resource_version, **metadata}
        await self._sent(record, {"metadata": guard})

    def _body(
        self,
        before: Application,
        status: ApplicationStatus,
        operation: Operation | Unset | None,
        spec: ApplicationSpec | None,
        noted: Mapping[str, str],
    ) -> dict[str, Any]:
        body: dict[str, Any] = {}
        known = before.metadata.annotations
        annotations = {name: text or None for name, text in noted.items() if known.get(name, "") != text}
        if annotations:
            body["metadata"] = {"annotations": annotations}
        changed = status_patch(before.status, status)
        if changed:
            body["status"] = changed
        if not isinstance(operation, Unset) and operation != before.operation:
            asked, wanted = msgspec.to_builtins(before.operation), msgspec.to_builtins(operation)
            body["operation"] = None if wanted is None else merge_patch(asked, wanted)
        if spec is not None and spec != before.spec:
            patch = merge_patch(msgspec.to_builtins(before.spec), msgspec.to_builtins(spec))
            if patch:
                body["spec"] = patch
        return body

    async def _sent(self, record: Record, body: dict[str, Any]) -> None:
        """Raises ConflictError when the application was made anew meanwhile: that one is met by itself."""
        body = of_this(record, body)
        record.seen.writes_in_flight += 1
        try:
            with same_application(record):
                if is_exact(body):
                    raw = await self._write_whole(record, body)
                else:
                    raw = await write.merge_patch(
                        self._writer,
                        APPLICATIONS,
                        record.id.name,
                        msgspec.json.encode(body),
                        record.id.namespace,
                    )
            self._take(record, decode_application(raw))
        finally:
            self._release(record)

    async def _write_whole(self, record: Record, body: dict[str, Any]) -> bytes:
        """Write a patch that a merge patch cannot say into the whole object, as it is now.

        Raises ConflictError when the body names a version and the object has another.
        """
        name, namespace = record.id.name, record.id.namespace
        wanted = (body.get("metadata") or {}).get("resourceVersion")
        for attempt in range(GUARDED_ATTEMPTS):
            found = msgspec.json.decode(await self._writer.client.get(APPLICATIONS, name, namespace))
            if found["metadata"]["uid"] != record.app.metadata.uid:
                raise made_anew(record)
            if wanted is not None and found["metadata"]["resourceVersion"] != wanted:
                raise ConflictError(f"application {record.id.qualified} has changed", status=409)
            whole = msgspec.json.encode(patched(found, body))
            try:
                return await write.replace(self._writer, APPLICATIONS, name, whole, namespace)
            except ConflictError:
                if wanted is not None or attempt == GUARDED_ATTEMPTS - 1:
                    raise
        raise ConflictError(f"application {record.id.qualified} keeps changing", status=409)

    def _take(self, record: Record, app: Application) -> None:
        if app.metadata.uid != record.app.metadata.uid:
            raise made_anew(record)
        if version_of(app) >= record.seen.version:
            before = record.app
            same = app.spec == before.spec
            record.app = msgspec.structs.replace(app, spec=before.spec) if same else app
            record.seen.version = version_of(app)
            self._applications.notice(record, before)

    def _release(self, record: Record) -> None:
        record.seen.writes_in_flight -= 1
        if not record.seen.writes_in_flight:
            self._applications.release(record)


def _still_terminating(before: ApplicationStatus, after: ApplicationStatus) -> ApplicationStatus:
    """With the end that was asked for while the operation was at work: it goes on until it has ended."""
    known, state = before.operation_state, after.operation_state
    if known is None or known.phase is not OperationPhase.TERMINATING:
        return after
    if state is None or state.phase is not OperationPhase.RUNNING or state.started_at != known.started_at:
        return after
    asked = msgspec.structs.replace(state, phase=OperationPhase.TERMINATING)
    return msgspec.structs.replace(after, operation_state=asked)


def _is_moved(before: Application, status: ApplicationStatus, body: dict[str, Any]) -> bool:
    """Whether a write would only say that a commit left the application as it was: readers lay that over."""
    if body.keys() != {"status"} or body["status"].keys() != {"sync"} or not _revisions(before.status):
        return False
    sync = before.status.sync
    same = msgspec.structs.replace(status.sync, revision=sync.revision, revisions=sync.revisions)
    return same == sync and sync.status is SyncCode.SYNCED


def _revisions(status: ApplicationStatus) -> tuple[str, ...]:
    return status.sync.revisions or ((status.sync.revision,) if status.sync.revision else ())


def _is_same_request(one: Application, other: Application) -> bool:
    """Whether two versions ask for the same operation and have come equally far with it."""
    state, known = one.status.operation_state, other.status.operation_state
    return (one.operation, one.is_deleting, state and state.phase) == (
        other.operation,
        other.is_deleting,
        known and known.phase,
    )


def is_too_large(error: KubeError) -> bool:
    """Whether the API server refused a body for its size, whichever of its parts said so."""
    return error.status == 413 or (
        error.status >= 400 and any(text in error.message.lower() for text in _TOO_LARGE)
    )


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
