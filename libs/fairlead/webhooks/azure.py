"""Azure DevOps: pushes to Git, and pull requests."""

import msgspec

from fairlead.webhooks import verify
from fairlead.webhooks.errors import UnreadableError
from fairlead.webhooks.provider import Asked, Body, Headers, payload, require
from fairlead.webhooks.push import MergeAsked, Push, Told, refs
from fairlead.webhooks.verify import Proof

PULLS = frozenset({"git.pullrequest.created", "git.pullrequest.updated", "git.pullrequest.merged"})


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

    def read(self, _: Headers, body: Body) -> tuple[Told, ...]:
        event = payload(body, _Event)
        if event.event_type != "git.push" and event.event_type not in PULLS:
            raise UnreadableError("event not defined to be parsed")
        url = event.resource.repository.remote_url
        require(url, "address of a repository")
        if event.event_type in PULLS:
            return (MergeAsked(urls=(url,)),)
        return (Push(urls=(url,), refs=refs(*(update.name for update in event.resource.ref_updates))),)
