"""Bitbucket, in the cloud and as a server: two products with two payloads."""

import msgspec

from fairlead.webhooks import verify
from fairlead.webhooks.errors import UnreadableError
from fairlead.webhooks.provider import Asked, Body, Headers, payload, require
from fairlead.webhooks.push import IGNORED, MergeAsked, Push, Told, refs
from fairlead.webhooks.verify import Proof

PULLS = frozenset(f"pullrequest:{what}" for what in ("created", "updated", "fulfilled", "rejected"))
REF_KINDS = {"branch": "refs/heads/", "tag": "refs/tags/"}


class _Link(msgspec.Struct):
    href: str = ""


class _Links(msgspec.Struct):
    html: _Link = msgspec.field(default_factory=_Link)


class _Repository(msgspec.Struct):
    links: _Links = msgspec.field(default_factory=_Links)


class _Ref(msgspec.Struct):
    type: str = ""
    name: str = ""


class _CloudChange(msgspec.Struct):
    new: _Ref | None = None
    old: _Ref | None = None


class _CloudPush(msgspec.Struct):
    changes: list[_CloudChange] = []


class _Cloud(msgspec.Struct):
    repository: _Repository = msgspec.field(default_factory=_Repository)
    push: _CloudPush = msgspec.field(default_factory=_CloudPush)


class BitbucketCloud:
    """`webhook.bitbucket.uuid` equals `X-Hook-UUID`."""

    def recognises(self, asked: Asked) -> bool:
        return "X-Hook-UUID" in asked.headers

    def verify(self, asked: Asked) -> Proof:
        return verify.by_token(asked.secrets("webhook.bitbucket.uuid"), asked.headers["X-Hook-UUID"])

    def read(self, headers: Headers, body: Body) -> tuple[Told, ...]:
        event = headers.get("X-Event-Key")
        if event != "repo:push" and event not in PULLS:
            raise UnreadableError("event not defined to be parsed")
        pushed = payload(body, _Cloud)
        url = pushed.repository.links.html.href
        require(url, "address of a repository")
        if event in PULLS:
            return (MergeAsked(urls=(url,)),)
        names = [_full_name(ref) for change in pushed.push.changes if (ref := change.new or change.old)]
        return (Push(urls=(url,), refs=refs(*names)),)


class _CloneLink(msgspec.Struct):
    href: str = ""


class _ServerLinks(msgspec.Struct):
    clone: list[_CloneLink] = []


class _ServerRepository(msgspec.Struct):
    links: _ServerLinks = msgspec.field(default_factory=_ServerLinks)


class _ServerChange(msgspec.Struct):
    ref_id: str = msgspec.field(name="refId", default="")


class _Server(msgspec.Struct):
    repository: _ServerRepository = msgspec.field(default_factory=_ServerRepository)
    changes: list[_ServerChange] = []


class BitbucketServer:
    """Secret `webhook.bitbucketserver.secret`, HMAC in `X-Hub-Signature`."""

    def recognises(self, asked: Asked) -> bool:
        return "X-Event-Key" in asked.headers

    def verify(self, asked: Asked) -> Proof:
        secret = asked.secrets("webhook.bitbucketserver.secret")
        return verify.by_hmac(secret, asked.headers.get("X-Hub-Signature", ""), prefix="sha256=")

    def read(self, headers: Headers, body: Body) -> tuple[Push, ...]:
        match headers["X-Event-Key"]:
            case "repo:refs_changed":
                return _changed(payload(body, _Server))
            case "diagnostics:ping":
                return IGNORED
        raise UnreadableError("event not defined to be parsed")


def _changed(event: _Server) -> tuple[Push, ...]:
    urls = tuple(link.href for link in event.repository.links.clone[:4] if link.href)
    require(urls, "address of a repository")
    return (Push(urls=urls, refs=refs(*(change.ref_id for change in event.changes))),)


def _full_name(ref: _Ref) -> str:
    return REF_KINDS[ref.type] + ref.name if ref.type in REF_KINDS and ref.name else ""
