"""GitHub: push, pull request and ping. Events of its package registry are told apart: see `registries`."""

import msgspec

from fairlead.webhooks import verify
from fairlead.webhooks.errors import UnreadableError
from fairlead.webhooks.provider import Asked, Body, Headers, payload, require
from fairlead.webhooks.push import IGNORED, MergeAsked, Push, Told, refs
from fairlead.webhooks.verify import Proof

PULLS = frozenset({"opened", "closed", "synchronize", "labeled", "reopened", "unlabeled", "edited"})
"""What may make a pull request another one for who looks at it."""


class _Repository(msgspec.Struct):
    html_url: str = ""
    clone_url: str = ""
    ssh_url: str = ""


class _Push(msgspec.Struct):
    repository: _Repository = msgspec.field(default_factory=_Repository)
    ref: str = ""


class _Pull(msgspec.Struct):
    repository: _Repository = msgspec.field(default_factory=_Repository)
    action: str = ""


class GitHub:
    """Secret `webhook.github.secret`, HMAC in `X-Hub-Signature-256`."""

    def recognises(self, asked: Asked) -> bool:
        return asked.headers.get("X-GitHub-Event", "package") != "package"

    def verify(self, asked: Asked) -> Proof:
        secret = asked.secrets("webhook.github.secret")
        return verify.by_hmac(secret, asked.headers.get("X-Hub-Signature-256", ""), prefix="sha256=")

    def read(self, headers: Headers, body: Body) -> tuple[Told, ...]:
        match headers["X-GitHub-Event"]:
            case "push":
                return _pushed(payload(body, _Push))
            case "pull_request":
                return _asked(payload(body, _Pull))
            case "ping":
                payload(body, dict[str, object])
                return IGNORED
        raise UnreadableError("event not defined to be parsed")


def _pushed(push: _Push) -> tuple[Push, ...]:
    return (Push(urls=_urls(push.repository), refs=refs(push.ref)),)


def _asked(pull: _Pull) -> tuple[Told, ...]:
    urls = _urls(pull.repository)
    return (MergeAsked(urls=urls),) if pull.action in PULLS else IGNORED


def _urls(repository: _Repository) -> tuple[str, ...]:
    require(repository.html_url or repository.clone_url, "address of a repository")
    return (repository.html_url, repository.clone_url, repository.ssh_url)
