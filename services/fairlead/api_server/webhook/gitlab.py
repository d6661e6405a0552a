"""GitLab: push, tag push, and system hooks that carry either."""

import msgspec

from fairlead.api_server.webhook import verify
from fairlead.api_server.webhook.errors import UnreadableError
from fairlead.api_server.webhook.provider import Asked, Body, Headers, payload, require
from fairlead.api_server.webhook.push import IGNORED, Push, refs
from fairlead.api_server.webhook.verify import Proof

PUSHES = ("push", "tag_push")


class _Project(msgspec.Struct):
    web_url: str = ""
    git_http_url: str = ""
    git_ssh_url: str = ""


class _Push(msgspec.Struct):
    project: _Project | None = None
    ref: str = ""
    event_name: str = ""


class _SystemHook(msgspec.Struct):
    event_name: str = ""


class GitLab:
    """Secret `webhook.gitlab.secret`, itself in `X-Gitlab-Token`."""

    def recognises(self, asked: Asked) -> bool:
        return "X-Gitlab-Event" in asked.headers

    def verify(self, asked: Asked) -> Proof:
        return verify.by_token(
            asked.secrets("webhook.gitlab.secret"), asked.headers.get("X-Gitlab-Token", "")
        )

    def read(self, headers: Headers, body: Body) -> tuple[Push, ...]:
        match headers["X-Gitlab-Event"]:
            case "Push Hook" | "Tag Push Hook":
                return _pushed(payload(body, _Push))
            case "System Hook":
                is_push = payload(body, _SystemHook).event_name in PUSHES
                return _pushed(payload(body, _Push)) if is_push else IGNORED
        raise UnreadableError("event not defined to be parsed")


def _pushed(push: _Push) -> tuple[Push, ...]:
    project = push.project or _Project()
    require(project.web_url or project.git_http_url, "address of a project")
    return (Push(urls=(project.web_url, project.git_http_url, project.git_ssh_url), refs=refs(push.ref)),)
