"""Creates, updates and deletes the Applications of one set: the only place that writes them.

What was planned from memory is planned again from the object as it is now before it is written, and written
over that version only. Invariant: a failure at one Application stops no other, and is words.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import Any, Final

import msgspec
import structlog

from fairlead.applicationset_controller import kept
from fairlead.applicationset_controller.applying.change import Desired, Preserved, current, desired, differs
from fairlead.applicationset_controller.applying.ignoring import Jq, rules_for, unless_ignored
from fairlead.applicationset_controller.applying.ownership import Whose, refusal, whose
from fairlead.applicationset_controller.applying.rollout import Beginning, Operations
from fairlead.applicationset_controller.applying.validate import DEFAULT_PROJECT
from fairlead.applicationset_controller.applying.wanted import Wanted, owner_reference
from fairlead.applicationset_controller.following.child import Child, read_child
from fairlead.applicationset_controller.following.children import Children
from fairlead.applicationset_controller.reporting.events import Events
from fairlead.diff.errors import IgnoreRuleError
from fairlead.kube import write
from fairlead.kube.collection import APPLICATION_SETS, APPLICATIONS
from fairlead.kube.delete import delete
from fairlead.kube.errors import AlreadyExistsError, ConflictError, KubeError, NotFoundError
from fairlead.kube.head import decode_head
from fairlead.kube.rest import KubeClient
from fairlead.kube.writer import ClusterWriter
from fairlead.model.applicationset import ApplicationSet
from fairlead.model.errors import MalformedObjectError
from fairlead.model.status import Destination

log = structlog.get_logger(__name__)

AT_ONCE: Final = 8
"""Applications of one set that are written at once."""
ATTEMPTS: Final = 5
"""Races with other writers that one write may lose."""


class RefusedError(Exception):
    """An Application that is left as it is; the words say why."""


class CarryOut:
    """The writes for one set. `writer` is fenced by who may write for that set."""

    def __init__(
        self,
        aset: ApplicationSet,
        client: KubeClient,
        writer: ClusterWriter,
        *,
        children: Children,
        events: Events,
        jq: Jq,
        preserved: Preserved,
        updates: bool,
    ) -> None:
        self._aset = aset
        self._client = client
        self._writer = writer
        self._children = children
        self._events = events
        self._jq = jq
        self._preserved = preserved
        self._updates = updates
        self._namespace = aset.metadata.namespace

    async def create(self, apps: Iterable[Wanted], operations: Operations) -> dict[str, str]:
        """Make these; what failed, by name, and why."""
        return await self._each(
            {app.name: partial(self._create, app, operations.get(app.name)) for app in apps}
        )

    async def update(self, apps: Iterable[Wanted], operations: Operations) -> dict[str, str]:
        """Bring these to what they are to be; what failed, by name, and why."""
        return await self._each(
            {app.name: partial(self._update, app, operations.get(app.name)) for app in apps}
        )

    async def delete(self, going: Iterable[Child], problem: Callable[[Destination], str]) -> dict[str, str]:
        """Delete these; what failed, by name, and why. `problem` says why a destination leads nowhere."""
        return await self._each({child.name: partial(self._delete, child, problem) for child in going})

    async def refresh(self, names: Iterable[str]) -> dict[str, str]:
        """Have these compared anew; what failed, by name, and why."""
        return await self._each({name: partial(self._refresh, name) for name in names})

    async def release(self, children: Iterable[Child]) -> dict[str, str]:
        """Take the owner reference from these, so that they outlive their set; what failed and why."""
        return await self._each({child.name: partial(self._release, child) for child in children})

    async def _each(self, work: Mapping[str, Callable[[], Awaitable[None]]]) -> dict[str, str]:
        failed: dict[str, str] = {}
        places = asyncio.Semaphore(AT_ONCE)

        async def one(name: str, begin: Callable[[], Awaitable[None]]) -> None:
            async with places:
                try:
                    with self._children.writing((self._namespace, name)):
                        await begin()
                except KubeError as error:
                    failed[name] = error.message
                except (RefusedError, IgnoreRuleError, MalformedObjectError) as error:
                    failed[name] = str(error)

        async with asyncio.TaskGroup() as group:
            for name, begin in work.items():
                group.create_task(one(name, begin))
        return failed

    async def _create(self, app: Wanted, beginning: Beginning | None) -> None:
        body = desired(app, None, owner_reference(self._aset), self._preserved).fresh(
            app.name, self._namespace
        )
        if beginning is not None:
            body["operation"] = beginning.operation
        try:
            raw = await write.create(self._writer, APPLICATIONS, body, self._namespace)
        except AlreadyExistsError:
            await self._update(app, beginning)
            return
        self._children.written(raw)
        self._tell("created", f'created Application "{app.name}"')

    async def _update(self, app: Wanted, beginning: Beginning | None) -> None:
        for _ in range(ATTEMPTS):
            raw = await self._client.find(APPLICATIONS, app.name, self._namespace)
            if raw is None:
                await self._create(app, beginning)
                return
            child = read_child(decode_head(raw), raw)
            change = await self._change(app, child)
            begins = beginning is not None and _begins(beginning, child)
            if change is None and not begins:
                self._children.written(raw)
                return
            body = (change or current(child)).laid_over(msgspec.json.decode(raw))
            if begins and beginning is not None:
                body["operation"] = beginning.operation
            try:
                written = await write.replace(self._writer, APPLICATIONS, app.name, body, self._namespace)
            except (ConflictError, NotFoundError):
                continue
            self._children.written(written)
            self._told_of_update(app, child)
            return
        raise RefusedError(f"Application {app.name} is being changed by others; it is tried again")

    async def _change(self, app: Wanted, child: Child) -> Desired | None:
        """What is to be written of an Application as it is now, None for nothing. Raises RefusedError."""
        found = whose(child, self._aset.metadata)
        if found is Whose.ANOTHERS:
            raise RefusedError(refusal(child.name, _controller(child)))
        if child.is_deleting:
            return None
        if child.problem:
            raise MalformedObjectError("Application", child.problem)
        there = current(child)
        to_be = desired(app, child, owner_reference(self._aset), self._preserved)
        if not self._updates:
            if found is not Whose.FORMER:
                return None
            to_be = msgspec.structs.replace(there, owners=to_be.owners)
        if found is Whose.NOBODYS:
            _require_project(app, child)
        if not differs(to_be, there):
            return None
        if found is Whose.FORMER:
            await self._require_set()
        return await unless_ignored(to_be, there, rules_for(self._aset.spec, app.name), self._jq)

    async def _require_set(self) -> None:
        """The set that is there now is this one: what names a set that is gone, Kubernetes collects. Raises
        RefusedError."""
        metadata = self._aset.metadata
        raw = await self._client.find(APPLICATION_SETS, metadata.name, self._namespace)
        if raw is None or decode_head(raw).metadata.uid != metadata.uid:
            raise RefusedError(f"ApplicationSet {metadata.name} is another one now; it is looked at anew")

    async def _delete(self, child: Child, problem: Callable[[Destination], str]) -> None:
        for _ in range(ATTEMPTS):
            raw = await self._client.find(APPLICATIONS, child.name, self._namespace)
            if raw is None:
                return
            now = read_child(decode_head(raw), raw)
            if now.uid != child.uid or whose(now, self._aset.metadata) is not Whose.OURS:
                raise RefusedError(f"Application {child.name} is not this ApplicationSet's any more")
            if now.is_deleting:
                return
            try:
                if problem(now.spec().destination):
                    now = await self._without_cascade(now, msgspec.json.decode(raw))
                is_gone = await self._end(now)
            except ConflictError:
                continue
            if is_gone:
                self._tell("Deleted", f'Deleted Application "{child.name}"')
            return
        raise RefusedError(f"Application {child.name} is being changed by others; it is tried again")

    async def _end(self, child: Child) -> bool:
        """Delete the very Application that was looked at; whether it was there."""
        self._children.expect_end(child.key)
        try:
            return await delete(
                self._writer,
                APPLICATIONS,
                child.name,
                self._namespace,
                propagation="background",
                uid=child.uid,
                resource_version=child.version,
            )
        except BaseException:
            self._children.expect_end(child.key, expected=False)
            raise

    async def _refresh(self, name: str) -> None:
        child = self._children.get((self._namespace, name))
        if child is None or whose(child, self._aset.metadata) is not Whose.OURS:
            return
        body = {"metadata": {"uid": child.uid, "annotations": {kept.REFRESH: "normal"}}}
        raw = await write.merge_patch(
            self._writer, APPLICATIONS, name, msgspec.json.encode(body), self._namespace
        )
        self._children.written(raw)

    async def _without_cascade(self, child: Child, obj: dict[str, Any]) -> Child:
        """Nothing can be deleted where the destination leads nowhere; the Application would stay for ever."""
        finalizers = tuple(it for it in child.finalizers if not kept.is_cascade(it))
        if finalizers == child.finalizers:
            return child
        body = msgspec.structs.replace(current(child), finalizers=finalizers).laid_over(obj)
        raw = await write.replace(self._writer, APPLICATIONS, child.name, body, self._namespace)
        self._tell(
            "Updated",
            f'Updated Application "{child.name}" finalizer before deletion, because application has an '
            "invalid destination",
        )
        return read_child(decode_head(raw), raw)

    async def _release(self, child: Child) -> None:
        for _ in range(ATTEMPTS):
            raw = await self._client.find(APPLICATIONS, child.name, self._namespace)
            if raw is None:
                return
            now = read_child(decode_head(raw), raw)
            if whose(now, self._aset.metadata) is not Whose.OURS:
                return
            owners = tuple(it for it in now.owners if it.uid != self._aset.metadata.uid)
            body = msgspec.structs.replace(current(now), owners=owners).laid_over(msgspec.json.decode(raw))
            try:
                written = await write.replace(self._writer, APPLICATIONS, child.name, body, self._namespace)
            except (ConflictError, NotFoundError):
                continue
            self._children.written(written)
            return
        raise RefusedError(f"Application {child.name} is being changed by others; it is tried again")

    def _told_of_update(self, app: Wanted, before: Child) -> None:
        if whose(before, self._aset.metadata) is Whose.NOBODYS:
            text = f'adopted Application "{app.name}", which nobody controlled'
            log.info("application_set.adopted", set=self._aset.metadata.name, app=app.name)
            self._tell("adopted", text)
        self._tell("updated", f'updated Application "{app.name}"')

    def _tell(self, reason: str, message: str) -> None:
        self._events.note(self._aset, reason, message)


def _begins(beginning: Beginning, child: Child) -> bool:
    return not child.has_operation and not child.is_deleting and beginning.is_due(child)


def _require_project(app: Wanted, child: Child) -> None:
    """Who may make sets in one project takes nothing out of another. Raises RefusedError."""
    there, wanted = (spec.project or DEFAULT_PROJECT for spec in (child.spec(), app.spec))
    if there != wanted:
        raise RefusedError(
            f"Application {app.name} is there already, in project {there}, and not taken over into project "
            f"{wanted}: give it that project, or delete it"
        )


def _controller(child: Child) -> str:
    owner = child.controller
    return f"{owner.kind} {owner.name}" if owner is not None else "nobody"
