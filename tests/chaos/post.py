"""Where messages of a run arrive: webhooks on loopback that may fail, hang, or lose their answer.

Invariant: what was answered with success has arrived; of what was not, whoever sent it knows nothing.
"""

import asyncio
import time
from typing import Any, Final, Self

import msgspec
from aiohttp import web

from fairlead.kube.rest import KubeClient
from fairlead.notices.configuration import CONFIG_MAP, SECRET
from tests.chaos.effects import Effect, Watchers
from tests.chaos.workload import CONTROL, RECEIVERS
from tests.e2e.world import CONFIG_MAPS, SECRETS

SERVICE: Final = "notifications"
BODY_BYTES: Final = 64 * 1024
_TOKEN: Final = "chaos-token"
_WHEN: Final = {
    "deployed": "app.status.operationState?.phase in ['Succeeded'] and app.status.health.status == 'Healthy'",
    "failed": "app.status.operationState?.phase in ['Error', 'Failed']",
}
_ONCE: Final = {
    "deployed": "app.status.operationState?.syncResult?.revision",
    "failed": "app.status.operationState?.startedAt",
}


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """One message at one receiver. `key` is what it is told once for; `order` is when its operation ended."""

    at: float
    receiver: str
    app: str
    uid: str
    trigger: str
    key: str
    order: str
    answered: bool
    authorized: bool


class Post:
    """The receivers. Use `async with`."""

    def __init__(self, watchers: Watchers) -> None:
        self.arrivals: list[Arrival] = []
        self.token = ""
        self._watchers = watchers
        self._status = 0
        self._loses = False
        self._flows = asyncio.Event()
        self._flows.set()
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def __aenter__(self) -> Self:
        application = web.Application(client_max_size=BODY_BYTES)
        application.router.add_post("/{receiver}", self._take)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self.heal()
        if self._runner is not None:
            await self._runner.cleanup()

    def fail(self, status: int) -> None:
        """Refuse everything."""
        self._status = status

    def hang(self) -> None:
        """Answer nothing."""
        self._flows.clear()

    def lose(self) -> None:
        """Take messages, and break off before the answer."""
        self._loses = True

    def heal(self) -> None:
        """Take everything."""
        self._status, self._loses = 0, False
        self._flows.set()

    async def begin(self, client: KubeClient, token: str) -> None:
        """Configure the notifications; `token` is sent along with each."""
        self.token = token
        labels = {"app.kubernetes.io/part-of": "argocd"}
        metadata = {"namespace": CONTROL, "labels": labels}
        await client.create(
            SECRETS,
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {**metadata, "name": SECRET},
                "stringData": {_TOKEN: token},
            },
            CONTROL,
        )
        await client.create(
            CONFIG_MAPS,
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {**metadata, "name": CONFIG_MAP},
                "data": self.configuration(),
            },
            CONTROL,
        )

    def configuration(self) -> dict[str, str]:
        """Three webhooks, two triggers; Applications of sets are subscribed by a selector."""
        data = {
            "subscriptions": _json(
                [{"recipients": ["third"], "triggers": ["on-deployed"], "selector": "chaos-set in (rolling)"}]
            )
        }
        for receiver in RECEIVERS:
            header = {"name": "Authorization", "value": f"Bearer ${_TOKEN}"}
            url = f"http://127.0.0.1:{self.port}/{receiver}"
            data[f"service.webhook.{receiver}"] = _json({"url": url, "headers": [header]})
        for trigger, when in _WHEN.items():
            data[f"template.{trigger}"] = _json(
                {"webhook": {name: {"method": "POST", "body": _body(trigger)} for name in RECEIVERS}}
            )
            data[f"trigger.on-{trigger}"] = _json(
                [{"when": when, "oncePer": _ONCE[trigger], "send": [trigger]}]
            )
        return data

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.read()
        await self._flows.wait()
        if self._status:
            return web.Response(status=self._status)
        told = msgspec.json.decode(body, type=dict[str, str])
        effect = Effect(SERVICE, f"message {told['trigger']}")
        try:
            await self._watchers.tell(effect, "before")
        except OSError:
            return _broken(request)
        answered = not self._loses
        self.arrivals.append(
            Arrival(
                at=time.monotonic(),
                receiver=request.match_info["receiver"],
                answered=answered,
                authorized=request.headers.get("Authorization") == f"Bearer {self.token}",
                **told,
            )
        )
        try:
            await self._watchers.tell(effect, "after")
        except OSError:
            return _broken(request)
        return web.Response(text="thanks") if answered else _broken(request)


def _body(trigger: str) -> str:
    state = ".app.status.operationState"
    key = f"{state}.syncResult.revision" if trigger == "deployed" else f"{state}.startedAt"
    fields = {
        "app": ".app.metadata.name",
        "uid": ".app.metadata.uid",
        "key": key,
        "order": f"{state}.finishedAt",
    }
    return _json({"trigger": trigger, **{name: f"{{{{{path}}}}}" for name, path in fields.items()}})


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _broken(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
