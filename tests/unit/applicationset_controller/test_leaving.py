"""A write of a set's finalizer that loses a race is made again, as nothing else may wake the set."""

from __future__ import annotations

from typing import Any, NoReturn, cast

import msgspec
import pytest

from fairlead.applicationset_controller import kept
from fairlead.applicationset_controller.applying.change import Preserved
from fairlead.applicationset_controller.applying.ignoring import Jq
from fairlead.applicationset_controller.applying.policy import Policy
from fairlead.applicationset_controller.drawing import Draftsman
from fairlead.applicationset_controller.following.children import Children
from fairlead.applicationset_controller.following.clusters import Clusters
from fairlead.applicationset_controller.following.sets import KnownSet, Sets
from fairlead.applicationset_controller.leaving import AGAIN, RACED, Leaving
from fairlead.applicationset_controller.reporting.events import Events
from fairlead.applicationset_controller.writers import Writers
from fairlead.kube import write
from fairlead.kube.connection import Connection
from fairlead.kube.errors import ConflictError, InvalidError, KubeError
from fairlead.kube.rest import KubeClient
from fairlead.model.applicationset import ApplicationSet
from tests.unit.applicationset_controller.made import a_set

NOWHERE = KubeClient(Connection(server="https://127.0.0.1:1"))


class KeepsAll:
    """A draftsman of sets that may not delete."""

    preserved = Preserved()

    def policy(self, _: ApplicationSet) -> Policy:
        return Policy(deletes=False)


class Here:
    """Everything is ours."""

    is_valid = True

    def owns(self, _: str) -> bool:
        return True

    def may_act(self, _: str) -> bool:
        return True


def _nobody(_: object) -> None:
    """Wakes nobody."""


def a_leaving() -> Leaving:
    return Leaving(
        cast(Draftsman, KeepsAll()),
        client=NOWHERE,
        writers=Writers(NOWHERE, Here()),
        sets=Sets(NOWHERE, "argocd", on_change=_nobody, on_gone=_nobody),
        children=Children(NOWHERE, "argocd", on_change=_nobody, on_status=_nobody, on_name=_nobody),
        clusters=cast(Clusters, None),
        events=cast(Events, None),
        jq=cast(Jq, None),
        is_dry=False,
    )


@pytest.mark.parametrize(
    ("error", "again"), [(ConflictError("raced"), RACED), (InvalidError("another uid"), AGAIN)]
)
async def test_a_finalizer_that_could_not_be_written_is_written_soon(
    error: KubeError, again: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: Any, **__: Any) -> NoReturn:
        raise error

    async def none_is_left(*_: Any) -> None:
        """A list of the API server."""

    monkeypatch.setattr(write, "merge_patch", refuse)
    monkeypatch.setattr(Leaving, "_released", none_is_left)
    known = KnownSet(a_set())
    assert await a_leaving().prepare(known) == again
    going = msgspec.structs.replace(
        known.set.metadata, finalizers=(kept.CASCADE,), deletion_timestamp="2026-01-01T00:00:00Z"
    )
    assert await a_leaving().look(KnownSet(msgspec.structs.replace(known.set, metadata=going))) == again
