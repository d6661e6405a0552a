"""What a template says for GitHub."""

from __future__ import annotations

from typing import Any

import msgspec


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """A commit's status."""

    state: str = ""
    label: str = ""
    target_url: str = msgspec.field(name="targetURL", default="")


class Deployment(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A deployment of the commit and its status."""

    state: str = ""
    environment: str = ""
    environment_url: str = msgspec.field(name="environmentURL", default="")
    log_url: str = msgspec.field(name="logURL", default="")
    required_contexts: list[str] | None = None
    auto_merge: bool = True
    transient_environment: bool = False
    reference: str = ""


class PullRequestComment(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A comment on each pull request that has the commit; with a tag the one that has it is changed."""

    content: str = ""
    comment_tag: str = ""


class CheckRunOutput(msgspec.Struct, frozen=True, kw_only=True):
    """What a check run shows."""

    title: str = ""
    summary: str = ""
    text: str = ""


class CheckRun(msgspec.Struct, frozen=True, kw_only=True):
    """A check run of the commit; times are RFC 3339."""

    name: str = ""
    details_url: str = ""
    status: str = ""
    conclusion: str = ""
    started_at: str = ""
    completed_at: str = ""
    output: CheckRunOutput | None = None


class RepositoryDispatch(msgspec.Struct, frozen=True, kw_only=True):
    """An event that starts workflows; the payload is a mapping, or JSON as text."""

    event_type: str = ""
    client_payload: dict[str, Any] | str | None = None


class GithubBlock(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Everything; `repo_url_path` and `revision_path` are filled in: a repository's address and a commit."""

    status: Status | None = None
    deployment: Deployment | None = None
    pull_request_comment: PullRequestComment | None = None
    check_run: CheckRun | None = None
    repository_dispatch: RepositoryDispatch | None = None
    repo_url_path: str = msgspec.field(name="repoURLPath", default="")
    revision_path: str = ""
