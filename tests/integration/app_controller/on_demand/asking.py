"""Questions about one object of an application, and objects to ask about."""

from typing import Any

import msgspec

from fairlead.bus import Bus
from fairlead.events import subjects
from fairlead.events.envelope import Event, decode, encode
from fairlead.kube.resource import Resource
from fairlead.rpc import ApplicationQuery, LiveResource
from fairlead.rpc.resource import ACTIONS, PATCH, RUN, TRY, Actions, Done, PatchResource, RunAction
from tests.integration.app_controller.lab import Document, Lab

MERGE = "application/merge-patch+json"
CANARY = "hunter2-canary"
PODS = Resource(group="", version="v1", plural="pods", kind="Pod", namespaced=True)


class Asking:
    """Questions about one object of the lab's application."""

    def __init__(self, bus: Bus, lab: Lab) -> None:
        self._bus = bus
        self._lab = lab

    async def ask(self, verb: str, question: Event) -> bytes:
        subject = subjects.rpc_controller(0, verb)
        return await self._bus.request(subject, encode(question), timeout=40, patience=30)

    def named(self, group: str, kind: str, name: str, namespace: str | None = None) -> dict[str, str]:
        return {
            "namespace": self._lab.namespace,
            "name": "app",
            "group": group,
            "kind": kind,
            "resource_name": name,
            "resource_namespace": self._lab.workloads if namespace is None else namespace,
        }

    async def patch(
        self, named: dict[str, str], patch: Any, patch_type: str = MERGE, *, dry_run: bool = False
    ) -> dict[str, Any]:
        text = patch if isinstance(patch, str) else msgspec.json.encode(patch).decode()
        question = PatchResource(**named, patch=text, patch_type=patch_type)
        answer = await self.ask(TRY if dry_run else PATCH, question)
        return dict(msgspec.json.decode(decode(LiveResource, answer).manifest))

    async def run(self, named: dict[str, str], action: str, **parameters: str) -> Done:
        return decode(Done, await self.ask(RUN, RunAction(**named, action=action, parameters=parameters)))

    async def actions(self, named: dict[str, str]) -> dict[str, bool]:
        found = decode(Actions, await self.ask(ACTIONS, ApplicationQuery(**named)))
        return {item.name: item.disabled for item in found.items}


def cron_job() -> Document:
    container = {"name": "main", "image": "busybox", "command": ["true"]}
    pod = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": "nightly"},
        "spec": {"schedule": "0 3 1 1 *", "jobTemplate": {"spec": {"template": pod}}},
    }


def secret() -> Document:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "login"},
        "stringData": {"password": CANARY},
    }
