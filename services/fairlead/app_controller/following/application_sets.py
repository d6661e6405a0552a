"""Says aloud that nothing acts on ApplicationSets: in conditions of each, and in one line of the log.

Why: one that is applied with kubectl is accepted by the API server, and nobody would say that it makes no
Applications. Invariant: only a set without any condition is written, and so each once; whoever does act on
sets beside us is left alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final, NoReturn

import msgspec
import structlog

from fairlead.kube import write
from fairlead.kube.collection import APPLICATION_SETS, Collection, Name
from fairlead.kube.errors import InvalidError, KubeError, NotFoundError
from fairlead.kube.head import Head
from fairlead.kube.rest import KubeClient
from fairlead.kube.writer import ClusterWriter
from fairlead.model.applicationset import ApplicationSetConditionType
from fairlead.model.times import stamp

log = structlog.get_logger(__name__)

TEXT: Final = (
    "Applications are not generated from ApplicationSets by this version: "
    "none is created, updated or deleted because of this one"
)
REASON: Final = "ErrorOccurred"
AGAIN: Final = 30.0
"""Seconds before what could not be written is tried again."""


class ApplicationSets:
    """Those of the control plane's namespace that nothing was said of yet."""

    def __init__(
        self, client: KubeClient, control: ClusterWriter, *, namespace: str, is_ours: Callable[[], bool]
    ) -> None:
        self._control = control
        self._is_ours = is_ours
        self._untold: dict[Name, str] = {}
        self._due = asyncio.Event()
        self.collection = Collection(
            client, APPLICATION_SETS, namespace=namespace, on_put=self._take, on_gone=self._drop
        )

    def wake(self) -> None:
        """A replica came or went."""
        self._due.set()

    async def run(self) -> NoReturn:
        """Say so until cancelled."""
        while True:
            self._due.clear()
            for name, uid in list(self._untold.items()) if self._is_ours() else ():
                await self._say(name, uid)
            try:
                async with asyncio.timeout(AGAIN if self._untold else None):
                    await self._due.wait()
            except TimeoutError:
                continue

    def _take(self, head: Head, raw: bytes) -> None:
        name = head.metadata.namespace, head.metadata.name
        if _HEARD.decode(raw).status.conditions:
            self._drop(name)
        else:
            self._untold[name] = head.metadata.uid
            self._due.set()

    def _drop(self, name: Name) -> None:
        self._untold.pop(name, None)

    async def _say(self, name: Name, uid: str) -> None:
        body = msgspec.json.encode({"metadata": {"uid": uid}, "status": told()})
        try:
            await write.merge_patch(
                self._control, APPLICATION_SETS, name[1], body, name[0], subresource="status"
            )
        except (InvalidError, NotFoundError) as error:
            log.debug("application_set.made_anew", set="/".join(name), error=error.message[:200])
        except KubeError as error:
            log.warning("application_set.not_told", set="/".join(name), error=error.message[:200])
            return
        else:
            log.warning("application_set.without_effect", set="/".join(name), detail=TEXT)
        if self._untold.get(name) == uid:
            del self._untold[name]


def told() -> dict[str, Any]:
    """The status of a set that nothing acts on (contract 4, conditions)."""
    now = stamp()
    conditions = {
        ApplicationSetConditionType.ERROR_OCCURRED: "True",
        ApplicationSetConditionType.PARAMETERS_GENERATED: "False",
        ApplicationSetConditionType.RESOURCES_UP_TO_DATE: "False",
    }
    return {
        "conditions": [
            {"type": kind, "status": status, "reason": REASON, "message": TEXT, "lastTransitionTime": now}
            for kind, status in conditions.items()
        ],
        "health": {"status": "Degraded", "message": TEXT, "lastTransitionTime": now},
    }


class _Status(msgspec.Struct, frozen=True):
    conditions: list[msgspec.Raw] | None = None


class _Heard(msgspec.Struct, frozen=True):
    status: _Status = _Status()


_HEARD = msgspec.json.Decoder(_Heard)
