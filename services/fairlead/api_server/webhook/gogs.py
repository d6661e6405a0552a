"""Gogs and Gitea, which send the same payload; Gitea sets GitHub's headers as well."""

import msgspec

from fairlead.api_server.webhook import verify
from fairlead.api_server.webhook.errors import UnreadableError
from fairlead.api_server.webhook.provider import Asked, Body, Headers, payload, require
from fairlead.api_server.webhook.push import Push, refs
from fairlead.api_server.webhook.verify import Proof


class _Repository(msgspec.Struct):
    html_url: str = ""
    clone_url: str = ""
    ssh_url: str = ""


class _Push(msgspec.Struct):
    repository: _Repository | None = None
    ref: str = ""


class Gogs:
    """Secret `webhook.gogs.secret`, HMAC in `X-Gogs-Signature` (Gitea: `X-Gitea-Signature`)."""

    def recognises(self, asked: Asked) -> bool:
        return "X-Gogs-Event" in asked.headers or "X-Gitea-Event" in asked.headers

    def verify(self, asked: Asked) -> Proof:
        offered = asked.headers.get("X-Gogs-Signature") or asked.headers.get("X-Gitea-Signature") or ""
        return verify.by_hmac(asked.secrets("webhook.gogs.secret"), offered)

    def read(self, headers: Headers, body: Body) -> tuple[Push, ...]:
        event = headers.get("X-Gogs-Event") or headers.get("X-Gitea-Event")
        if event != "push":
            raise UnreadableError("event not defined to be parsed")
        push = payload(body, _Push)
        repository = push.repository or _Repository()
        require(repository.html_url or repository.clone_url, "address of a repository")
        urls = (repository.html_url, repository.clone_url, repository.ssh_url)
        return (Push(urls=urls, refs=refs(push.ref)),)
