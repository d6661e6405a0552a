"""GitHub: push and ping. The events of its package registry are told apart: see `registries`."""

import msgspec

from fairlead.api_server.webhook import verify
from fairlead.api_server.webhook.errors import UnreadableError
from fairlead.api_server.webhook.provider import Asked, Body, Headers, payload, require
from fairlead.api_server.webhook.push import IGNORED, Push, refs
from fairlead.api_server.webhook.verify import Proof


class _Repository(msgspec.Struct):
    html_url: str = ""
    clone_url: str = ""
    ssh_url: str = ""


class _Push(msgspec.Struct):
    repository: _Repository = msgspec.field(default_factory=_Repository)
    ref: str = ""


class GitHub:
    """Secret `webhook.github.secret`, HMAC in `X-Hub-Signature-256`."""

    def recognises(self, asked: Asked) -> bool:
        return asked.headers.get("X-GitHub-Event", "package") != "package"

    def verify(self, asked: Asked) -> Proof:
        secret = asked.secrets("webhook.github.secret")
        return verify.by_hmac(secret, asked.headers.get("X-Hub-Signature-256", ""), prefix="sha256=")

    def read(self, headers: Headers, body: Body) -> tuple[Push, ...]:
        match headers["X-GitHub-Event"]:
            case "push":
                return _pushed(payload(body, _Push))
            case "ping":
                payload(body, dict[str, object])
                return IGNORED
        raise UnreadableError("event not defined to be parsed")


def _pushed(push: _Push) -> tuple[Push, ...]:
    repository = push.repository
    require(repository.html_url or repository.clone_url, "address of a repository")
    return (Push(urls=(repository.html_url, repository.clone_url, repository.ssh_url), refs=refs(push.ref)),)
