"""Follows the Applications: what is new, what changed and whether it concerns us at all.

Invariant: our own writes come back as watch events and cost a look at their resourceVersion, no more.
"""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import NoReturn

import msgspec
import structlog

from fairlead.app_controller.book import Book, Record
from fairlead.app_controller.following.asked import REFRESH, acting, is_terminating, refresh_of, wants_look
from fairlead.app_controller.following.seen import version_of
from fairlead.events import Cause, RenderLevel, Trace
from fairlead.kube.collection import APPLICATIONS, Collection, Name
from fairlead.kube.errors import ImpossibleNameError
from fairlead.kube.head import Head, decode_head
from fairlead.kube.rest import KubeClient
from fairlead.model.application import AppId, Application, ApplicationSpec
from fairlead.model.decode import decode_application
from fairlead.model.errors import MalformedObjectError
from fairlead.model.metadata import ObjectMeta

log = structlog.get_logger(__name__)

UNREADABLE = ""
"""Stands for the project of an Application that cannot be read: it may be any."""


class Applications:
    """The Applications of the control plane's namespace and of those that are allowed beside it."""

    def __init__(
        self,
        client: KubeClient,
        book: Book,
        *,
        namespaces: tuple[str, ...] = (),
        on_change: Callable[[AppId], None],
        on_gone: Callable[[Record], None],
        on_stranger: Callable[[], None] = lambda: None,
    ) -> None:
        self._client = client
        self._book = book
        self._namespaces = namespaces
        self._on_change = on_change
        self._on_gone = on_gone
        self._on_stranger = on_stranger
        self._strangers: dict[AppId, str] = {}
        self.collection = Collection(
            client,
            APPLICATIONS,
            namespace=None if namespaces else book.control_namespace,
            on_put=self.take,
            on_gone=self._drop,
        )

    async def run(self) -> NoReturn:
        """Follow until cancelled."""
        await self.collection.run()

    def take(self, head: Head, raw: bytes) -> None:
        """An Application as the watch or list has it."""
        app_id = AppId(head.metadata.namespace, head.metadata.name)
        if not self._is_ours(app_id):
            self._note_stranger(app_id, raw)
            return
        record = self._book.get(app_id)
        if record is not None:
            if record.seen.writes_in_flight:
                record.seen.held = raw
                return
            version = head.metadata.resource_version
            if (
                version.isdecimal()
                and int(version) <= record.seen.version
                and record.app.metadata.uid == (head.metadata.uid)
            ):
                return
        self._accept(app_id, record, raw)

    def names(self, project: str) -> bool:
        """Whether any Application that is seen names the project, or may: one that cannot be read."""
        ours = any(
            record.seen.unreadable or (record.app.spec.project or "default") == project
            for record in self._book
        )
        return ours or any(named in (UNREADABLE, project) for named in self._strangers.values())

    async def is_gone(self, app_id: AppId) -> bool:
        """Whether the API server, asked now, knows no such Application of ours. Raises KubeError."""
        if not self._is_ours(app_id):
            return True
        try:
            return await self._client.find(APPLICATIONS, app_id.name, app_id.namespace) is None
        except ImpossibleNameError:
            return True

    def release(self, record: Record) -> None:
        """Our write ended: look at what the watch said meanwhile."""
        held, record.seen.held = record.seen.held, None
        if held is None or self._book.get(record.id) is not record:
            return
        self._accept(record.id, record, held)

    def notice(self, record: Record, before: Application) -> None:
        """The answer to our own write may hold what somebody else wrote just before it; the watch will not
        say so again, as its version is no newer than the answer's."""
        app = record.app
        asked = refresh_of(app)
        is_asked = asked is not None and asked != refresh_of(before)
        is_requested = app.operation is not None and app.operation != before.operation
        is_ended = is_terminating(app) and not is_terminating(before)
        is_changed = app.spec != before.spec or app.is_deleting != before.is_deleting
        is_changed = is_changed or acting(app) != acting(before)
        if not (is_asked or is_requested or is_ended or is_changed):
            return
        self._follow(record, before)
        self._on_change(record.id)

    def _accept(self, app_id: AppId, record: Record | None, raw: bytes) -> None:
        try:
            app = decode_application(raw)
        except MalformedObjectError as error:
            self._unreadable(app_id, record, raw, str(error))
            return
        if record is not None and record.seen.unreadable:
            record.seen.unreadable = ""
            if not record.wanted.digest:
                self._book.close(app_id)
                record = None
        if record is not None and app.metadata.uid == record.app.metadata.uid:
            if version_of(app) <= record.seen.version:
                return
            self._changed(record, app)
        else:
            if record is not None:
                self._drop(app_id)
            self._opened(app)
        self._on_change(app_id)

    def _unreadable(self, app_id: AppId, record: Record | None, raw: bytes, error: str) -> None:
        """What it said before is kept for who asks, and acted upon no more; the application says why."""
        text = f"the Application cannot be read, so nothing is done for it: {error}"
        meta = decode_head(raw).metadata
        if record is None or record.app.metadata.uid != meta.uid:
            if record is not None:
                self._drop(app_id)
            metadata = ObjectMeta(
                name=app_id.name,
                namespace=app_id.namespace,
                uid=meta.uid,
                resource_version=meta.resource_version,
            )
            record = self._book.open(Application(metadata=metadata, spec=ApplicationSpec()))
        if record.seen.unreadable == text:
            return
        log.warning("application.unreadable", app=app_id.qualified, error=error)
        record.seen.unreadable = text
        self._on_change(app_id)

    def _opened(self, app: Application) -> None:
        record = self._book.open(app)
        fresh = app.status.reconciled_at is None
        record.trace = Trace.start()
        record.wanted.ask(
            RenderLevel.RESOLVE if fresh else RenderLevel.CACHED,
            Cause.SPEC_CHANGED if fresh else Cause.STARTUP,
        )
        refresh = app.metadata.annotations.get(REFRESH)
        if refresh or wants_look(app):
            _ask_refresh(record, refresh or "normal")

    def reopen(self, record: Record) -> Record:
        """Forget all that is remembered of an application that was another replica's: it is met anew."""
        self._book.close(record.id)
        self._opened(record.app)
        return self._book.get(record.id) or record

    def _changed(self, record: Record, app: Application) -> None:
        before, record.app, record.seen.version = record.app, app, version_of(app)
        self._follow(record, before)

    def _follow(self, record: Record, before: Application) -> None:
        """Ask for what the change of an Application asks for."""
        app = record.app
        asked, earlier = refresh_of(app), refresh_of(before)
        if asked is not None and asked != earlier:
            record.trace = Trace.start()
            _ask_refresh(record, asked[0])
        elif app.spec != before.spec or app.operation != before.operation:
            record.trace = Trace.start()
        if app.operation != before.operation and wants_look(app):
            _ask_refresh(record, "normal")

    def _drop(self, name: Name) -> None:
        if self._strangers.pop(AppId(*name), None) is not None:
            self._on_stranger()
        record = self._book.close(AppId(*name))
        if record is not None:
            self._on_gone(record)

    def _note_stranger(self, app_id: AppId, raw: bytes) -> None:
        """Another controller's: only what project it names is of interest."""
        before, self._strangers[app_id] = self._strangers.get(app_id), project_of(raw)
        if before != self._strangers[app_id]:
            self._on_stranger()

    def _is_ours(self, app_id: AppId) -> bool:
        if app_id.namespace == self._book.control_namespace:
            return True
        return any(fnmatchcase(app_id.namespace, glob) for glob in self._namespaces)


class _Spec(msgspec.Struct, frozen=True):
    project: str = ""


class _Named(msgspec.Struct, frozen=True):
    spec: _Spec = _Spec()


_NAMED = msgspec.json.Decoder(_Named)


def project_of(raw: bytes | msgspec.Raw) -> str:
    """The project that an Application names, UNREADABLE when nobody can tell."""
    try:
        return _NAMED.decode(raw).spec.project or "default"
    except (msgspec.DecodeError, RecursionError):
        return UNREADABLE


def _ask_refresh(record: Record, value: str) -> None:
    if value == "hard":
        record.wanted.ask(RenderLevel.HARD, Cause.HARD_REFRESH)
    else:
        record.wanted.ask(RenderLevel.REFRESH, Cause.REFRESH)
