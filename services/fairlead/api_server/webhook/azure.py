"""Azure DevOps: pushes to Git."""

import msgspec

from fairlead.api_server.webhook import verify
from fairlead.api_server.webhook.errors import UnreadableError
from fairlead.api_server.webhook.provider import Asked, Body, Headers, payload, require
from fairlead.api_server.webhook.push import Push, refs
from fairlead.api_server.webhook.verify import Proof


class _Repository(msgspec.Struct):
    remote_url: str = msgspec.field(name="remoteUrl", default="")


class _RefUpdate(msgspec.Struct):
    name: str = ""


class _Resource(msgspec.Struct):
    repository: _Repository = msgspec.field(default_factory=_Repository)
    ref_updates: list[_RefUpdate] = msgspec.field(name="refUpdates", default_factory=list)


class _Event(msgspec.Struct):
    event_type: str = msgspec.field(name="eventType", default="")
    resource: _Resource = msgspec.field(default_factory=_Resource)


class AzureDevOps:
    """Basic auth with `webhook.azuredevops.username` and `.password`."""

    def recognises(self, asked: Asked) -> bool:
        return "X-Vss-Activityid" in asked.headers

    def verify(self, asked: Asked) -> Proof:
        username, password = (
            asked.secrets("webhook.azuredevops.username"),
            asked.secrets("webhook.azuredevops.password"),
        )
        return verify.by_basic(username, password, asked.headers.get("Authorization", ""))

    def read(self, _: Headers, body: Body) -> tuple[Push, ...]:
        event = payload(body, _Event)
        if event.event_type != "git.push":
            raise UnreadableError("event not defined to be parsed")
        url = event.resource.repository.remote_url
        require(url, "address of a repository")
        return (Push(urls=(url,), refs=refs(*(update.name for update in event.resource.ref_updates))),)
