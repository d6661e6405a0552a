"""What is told of an application's story."""

from typing import Annotated, Literal

import msgspec

LIMIT, MAX_LIMIT = 20, 100
Kind = Literal[
    "commit", "deployment", "operation", "drift", "health", "render-failed", "prune-held", "deleted"
]
StepName = Literal["pushed", "detected", "rendered", "compared", "started", "applied", "healthy"]


def _said(text: str) -> msgspec.Meta:
    return msgspec.Meta(description=text)


class ApplicationStoryQuery(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Whose story."""

    application: Annotated[str, _said("the name of the application")]
    app_namespace: Annotated[str, _said("the namespace that it is in")] = ""
    project: Annotated[str, _said("its project")] = ""
    limit: Annotated[int, _said(f"items, at most {MAX_LIMIT}, the newest")] = LIMIT


class Step(msgspec.Struct, kw_only=True):
    """A step of a way: when it was done, and the milliseconds since the one before."""

    name: StepName
    at: str
    milliseconds: float = 0.0


class ChangedObject(msgspec.Struct, kw_only=True, omit_defaults=True):
    """An object, and what was changed of it by whom: JSON, cut, and masked where it is of a Secret."""

    group: str = ""
    kind: str
    namespace: str = ""
    name: str
    field: str = ""
    old: str = ""
    new: str = ""
    manager: str = ""
    operation: str = ""
    at: str = ""


class StoryItem(msgspec.Struct, kw_only=True, omit_defaults=True, rename="camel"):
    """Something that happened. `id` stays the same while it goes on; `by` is who began it, "" nobody;
    `milliseconds` count from its first step to its last, or to its end.

    `commit`: new manifests on their way; `deployment`: one of the history of which no more is known;
    `operation`: a sync that belongs to no commit; `drift`: a change outside Git until it is healed.
    """

    id: str
    kind: Kind
    at: str
    status: Literal["running", "done", "failed"]
    revisions: tuple[str, ...] = ()
    author: str = ""
    message: str = ""
    cause: str = ""
    ref: str = ""
    by: str = ""
    automated: bool = False
    words: str = ""
    """Why it failed, or what was said of it."""
    health: str = ""
    steps: list[Step] = []
    milliseconds: float = 0.0
    objects: list[ChangedObject] = []
    attempts: int = 0


class ApplicationStory(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The newest first. Of what was before `since` only deployments are known; `problem` says what cannot be
    told now."""

    since: str
    items: tuple[StoryItem, ...]
    problem: str = ""
