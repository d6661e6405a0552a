"""Answers over the bus what a set would come to, without making anything of it.

Invariant: a question is drawn as a look at the set would be, by the same hand, and never carried out. Who may
ask for what is the api-server's to decide; here a set is of a namespace that sets may be in, or refused.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, NoReturn

import msgspec
import structlog

from fairlead.applicationset_controller.applying.wanted import Wanted
from fairlead.applicationset_controller.config import SERVICE
from fairlead.applicationset_controller.drawing import Drawing
from fairlead.applicationset_controller.following.sets import Sets
from fairlead.applicationset_controller.generating.errors import GenerationError
from fairlead.bus import Bus, RemoteError
from fairlead.events import subjects
from fairlead.events.envelope import decode, encode
from fairlead.model.applicationset import ApplicationSet
from fairlead.model.decode import decode_application_set, to_object
from fairlead.model.errors import MalformedObjectError
from fairlead.rpc.sets import (
    GENERATE,
    MOST_BYTES,
    TIMEOUT,
    GenerateApplications,
    GeneratedApplications,
)

log = structlog.get_logger(__name__)

AT_ONCE: Final = 2
"""Questions that are drawn at once, so that none is ahead of the sets themselves."""


class Answers:
    """Serves `rpc.sets.generate`; any replica answers."""

    def __init__(self, bus: Bus, sets: Sets, draw: Callable[[ApplicationSet], Awaitable[Drawing]]) -> None:
        self._bus = bus
        self._sets = sets
        self._draw = draw
        self._places = asyncio.Semaphore(AT_ONCE)

    async def run(self) -> NoReturn:
        """Answer until cancelled."""
        serving = await self._bus.serve(subjects.rpc_sets(GENERATE), self._generate, queue=SERVICE)
        try:
            await asyncio.Event().wait()
        finally:
            await serving.end()
        raise AssertionError

    async def _generate(self, _: str, payload: bytes) -> bytes:
        aset = self._asked(decode(GenerateApplications, payload).application_set)
        try:
            async with asyncio.timeout(TIMEOUT), self._places:
                drawing = await self._draw(aset)
        except GenerationError as error:
            raise RemoteError("InvalidArgument", error.message) from error
        except TimeoutError as error:
            raise RemoteError("DeadlineExceeded", f"not generated within {TIMEOUT:g} s") from error
        log.info("application_set.asked", set=aset.metadata.name, count=len(drawing.wanted))
        applications = msgspec.json.encode([_document(app) for app in drawing.wanted])
        if len(applications) > MOST_BYTES:
            count = f"{len(drawing.wanted)} Applications of {len(applications)} bytes"
            raise RemoteError("InvalidArgument", f"{count} are more than an answer holds: {MOST_BYTES} bytes")
        plan = drawing.plan
        return encode(
            GeneratedApplications(
                applications=applications,
                creates=tuple(app.name for app in plan.creates),
                updates=tuple(app.name for app in plan.updates),
                deletes=tuple(child.name for child in plan.absent),
                problems=dict(plan.problems),
                words=drawing.generated.words,
            )
        )

    def _asked(self, text: bytes) -> ApplicationSet:
        """The set of a question, with the uid of the one that is there: so its Applications are its own."""
        try:
            aset = decode_application_set(text)
        except MalformedObjectError as error:
            raise RemoteError("InvalidArgument", str(error)) from error
        metadata = aset.metadata
        if not self._sets.may_be_in(metadata.namespace):
            words = f"ApplicationSets of namespace {metadata.namespace!r} are not this controller's"
            raise RemoteError("FailedPrecondition", words)
        known = self._sets.get((metadata.namespace, metadata.name))
        uid = known.set.metadata.uid if known is not None else ""
        return msgspec.structs.replace(aset, metadata=msgspec.structs.replace(metadata, uid=uid))


def _document(app: Wanted) -> dict[str, Any]:
    metadata = {
        "name": app.name,
        "labels": app.labels,
        "annotations": app.annotations,
        "finalizers": list(app.finalizers),
    }
    return {"metadata": {key: value for key, value in metadata.items() if value}, "spec": to_object(app.spec)}
