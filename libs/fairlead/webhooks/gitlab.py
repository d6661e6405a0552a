"""GitLab: push, tag push, merge request, and system hooks that carry one of them."""

import msgspec

from fairlead.webhooks import verify
from fairlead.webhooks.errors import UnreadableError
from fairlead.webhooks.provider import Asked, Body, Headers, payload, require
from fairlead.webhooks.push import IGNORED, MergeAsked, Push, Told, refs
from fairlead.webhooks.verify import Proof

PUSHES = ("push", "tag_push")
REQUESTS = frozenset({"open", "close", "reopen", "update", "merge"})
"""What may make a merge request another one for who looks at it."""


class _Project(msgspec.Struct):
    web_url: str = ""
    git_http_url: str = ""
    git_ssh_url: str = ""


class _Push(msgspec.Struct):
    project: _Project | None = None
    ref: str = ""
    event_name: str = ""


class _Attributes(msgspec.Struct):
    action: str = ""


class _Request(msgspec.Struct):
    project: _Project | None = None
    object_attributes: _Attributes = msgspec.field(default_factory=_Attributes)


class _SystemHook(msgspec.Struct):
    event_name: str = ""
    object_kind: str = ""


class GitLab:
    """Secret `webhook.gitlab.secret`, itself in `X-Gitlab-Token`."""

    def recognises(self, asked: Asked) -> bool:
        return "X-Gitlab-Event" in asked.headers

    def verify(self, asked: Asked) -> Proof:
        return verify.by_token(
            asked.secrets("webhook.gitlab.secret"), asked.headers.get("X-Gitlab-Token", "")
        )

    def read(self, headers: Headers, body: Body) -> tuple[Told, ...]:
        match headers["X-Gitlab-Event"]:
            case "Push Hook" | "Tag Push Hook":
                return _pushed(payload(body, _Push))
            case "Merge Request Hook":
                return _asked(payload(body, _Request))
            case "System Hook":
                hook = payload(body, _SystemHook)
                if hook.object_kind == "merge_request":
                    return _asked(payload(body, _Request))
                return _pushed(payload(body, _Push)) if hook.event_name in PUSHES else IGNORED
        raise UnreadableError("event not defined to be parsed")


def _pushed(push: _Push) -> tuple[Push, ...]:
    return (Push(urls=_urls(push.project), refs=refs(push.ref)),)


def _asked(request: _Request) -> tuple[Told, ...]:
    urls = _urls(request.project)
    return (MergeAsked(urls=urls),) if request.object_attributes.action in REQUESTS else IGNORED


def _urls(project: _Project | None) -> tuple[str, ...]:
    found = project or _Project()
    require(found.web_url or found.git_http_url, "address of a project")
    return (found.web_url, found.git_http_url, found.git_ssh_url)
