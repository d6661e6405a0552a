"""Gogs and Gitea (push, pull request), which send the same payload; Gitea sets GitHub's headers as well."""

import msgspec

from fairlead.webhooks import verify
from fairlead.webhooks.errors import UnreadableError
from fairlead.webhooks.provider import Asked, Body, Headers, payload, require
from fairlead.webhooks.push import MergeAsked, Push, Told, refs
from fairlead.webhooks.verify import Proof


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

    def read(self, headers: Headers, body: Body) -> tuple[Told, ...]:
        event = headers.get("X-Gogs-Event") or headers.get("X-Gitea-Event")
        if event not in ("push", "pull_request"):
            raise UnreadableError("event not defined to be parsed")
        push = payload(body, _Push)
        repository = push.repository or _Repository()
        require(repository.html_url or repository.clone_url, "address of a repository")
        urls = (repository.html_url, repository.clone_url, repository.ssh_url)
        return (MergeAsked(urls=urls),) if event != "push" else (Push(urls=urls, refs=refs(push.ref)),)
