"""GitHub: push, pull request, repository and ping. Events of its package registry are told apart: see
`registries`."""

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


class _Login(msgspec.Struct):
    login: str = ""


class _Before(msgspec.Struct):
    """What a name or an owner was before."""

    user: _Login = msgspec.field(default_factory=_Login)
    organization: _Login = msgspec.field(default_factory=_Login)


class _Name(msgspec.Struct):
    before: str = msgspec.field(name="from", default="")


class _Named(msgspec.Struct):
    name: _Name = msgspec.field(default_factory=_Name)


class _Owner(msgspec.Struct):
    before: _Before = msgspec.field(name="from", default_factory=_Before)


class _Changes(msgspec.Struct):
    repository: _Named = msgspec.field(default_factory=_Named)
    owner: _Owner = msgspec.field(default_factory=_Owner)


class _Another(msgspec.Struct):
    repository: _Repository = msgspec.field(default_factory=_Repository)
    changes: _Changes = msgspec.field(default_factory=_Changes)


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
            case "repository":
                return _became(payload(body, _Another))
            case "ping":
                payload(body, dict[str, object])
                return IGNORED
        raise UnreadableError("event not defined to be parsed")


def _pushed(push: _Push) -> tuple[Push, ...]:
    return (Push(urls=_urls(push.repository), refs=refs(push.ref)),)


def _became(another: _Another) -> tuple[Push, ...]:
    """A repository came, went, or is another one: those who list its owner's look again, and those of the
    owner and the name that it had."""
    now, changes = _urls(another.repository), another.changes
    owner = changes.owner.before.organization.login or changes.owner.before.user.login
    before = _renamed(now, owner=owner, name=changes.repository.name.before)
    return tuple(Push(urls=urls) for urls in dict.fromkeys((now, before)))


def _renamed(urls: tuple[str, ...], *, owner: str, name: str) -> tuple[str, ...]:
    """The address on a page with another owner or name, where there was one."""
    page = urls[0] or urls[1].removesuffix(".git")
    host, _, path = page.rpartition("//")[2].partition("/")
    there, _, named = path.partition("/")
    if not (owner or name) or not named:
        return urls
    return (f"https://{host}/{owner or there}/{name or named}",)


def _asked(pull: _Pull) -> tuple[Told, ...]:
    urls = _urls(pull.repository)
    return (MergeAsked(urls=urls),) if pull.action in PULLS else IGNORED


def _urls(repository: _Repository) -> tuple[str, ...]:
    require(repository.html_url or repository.clone_url, "address of a repository")
    return (repository.html_url, repository.clone_url, repository.ssh_url)
