"""Hundreds of applications that nobody looks after: their states stay as a test writes them."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from tests.e2e.world import APPLICATIONS, CONTROL
from tests.ui.stage import Stage

SKIPPED = {"argocd.argoproj.io/skip-reconcile": "true"}
AT_ONCE = 16


def crowd_app(name: str, number: int, *, label: str, **status: Any) -> dict[str, Any]:
    """An Application with a state of its own making."""
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": name,
            "namespace": CONTROL,
            "labels": {"crowd": label, "tier": f"t{number % 3}"},
            "annotations": SKIPPED,
        },
        "spec": {
            "project": "default",
            "source": {"repoURL": f"https://git.example/{label}/r{number % 4}.git", "path": f"apps/{number}"},
            "destination": {"name": "in-cluster", "namespace": f"{label}-n{number % 5}"},
            "syncPolicy": {"automated": {}} if number % 2 else {},
        },
        "status": {
            "sync": {"status": "OutOfSync" if number % 10 == 3 else "Synced", "revision": f"{number:040x}"},
            "health": {"status": "Healthy"},
            **status,
        },
    }


class Crowd:
    """Applications `LABEL-000` and so on, all with the label `crowd=LABEL`."""

    def __init__(self, stage: Stage, label: str) -> None:
        self._stage = stage
        self.label = label
        self.names: list[str] = []

    @property
    def view(self) -> str:
        """The fields of the address that show them alone."""
        return f"labels=crowd%253D{self.label}"

    async def add(self, name: str, **status: Any) -> str:
        """One more, with this state."""
        body = crowd_app(name, len(self.names), label=self.label, **status)
        self.names.append(name)
        await self._stage.client.create(APPLICATIONS, body, CONTROL)
        return name

    async def patch(self, name: str, patch: Mapping[str, Any]) -> None:
        """Change one as a controller or a person would."""
        await self._stage.client.merge_patch(APPLICATIONS, name, dict(patch), CONTROL)

    async def is_now(self, name: str, health: str) -> None:
        """Another health."""
        await self.patch(name, {"status": {"health": {"status": health}}})

    async def remove(self, name: str) -> None:
        """One less."""
        self.names.remove(name)
        await self._stage.client.delete(APPLICATIONS, name, CONTROL)


@asynccontextmanager
async def crowd(stage: Stage, size: int) -> AsyncIterator[Crowd]:
    """So many applications, gone again after."""
    found = Crowd(stage, stage.unique("crowd"))
    await _each([found.add(f"{found.label}-{number:03}") for number in range(size)])
    try:
        yield found
    finally:
        await _each([found.remove(name) for name in list(found.names)])


async def _each(acts: list[Any]) -> None:
    free = asyncio.Semaphore(AT_ONCE)

    async def one(act: Any) -> None:
        async with free:
            await act

    async with asyncio.TaskGroup() as group:
        for act in acts:
            group.create_task(one(act))
