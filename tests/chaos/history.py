"""What was wanted at each moment: every state a branch ever had, in the order in which it had it."""

import time
from bisect import bisect_right
from collections.abc import Mapping

import msgspec

Content = str | None
"""An object's `data.state`, None when it is not wanted."""


class State(msgspec.Struct, frozen=True, kw_only=True):
    """A branch after a push: the objects of each application by name, and of each set the content of its
    folders. The push was between the times."""

    commit: str
    before: float
    after: float
    apps: Mapping[str, Mapping[str, str]]
    folders: Mapping[str, Mapping[str, str]] = {}

    def content(self, app: str, name: str) -> Content:
        """What an object is to be."""
        return self.apps.get(app, {}).get(name)


class History:
    """The states of one repository's branch. A force-push or a revert is a new state like any other."""

    def __init__(self) -> None:
        self.states: list[State] = []

    def add(
        self,
        commit: str,
        apps: Mapping[str, Mapping[str, str]],
        *,
        before: float,
        folders: Mapping[str, Mapping[str, str]] = {},
        after: float | None = None,
    ) -> State:
        """The branch was pushed."""
        self.states.append(
            State(
                commit=commit,
                before=before,
                after=time.monotonic() if after is None else after,
                apps={app: dict(objects) for app, objects in apps.items()},
                folders={name: dict(content) for name, content in folders.items()},
            )
        )
        return self.states[-1]

    @property
    def last(self) -> State:
        """What is wanted now."""
        return self.states[-1]

    def known_at(self, moment: float) -> int:
        """How many states had begun to be pushed at a moment."""
        return bisect_right(self.states, moment, key=lambda state: state.before)

    def first_from(self, floor: int, app: str, name: str, content: Content) -> int | None:
        """The earliest state not before `floor` in which an object was to be so, None when there is none."""
        for index in range(floor, len(self.states)):
            if self.states[index].content(app, name) == content:
                return index
        return None

    def live_after(self, index: int, app: str) -> dict[str, Content]:
        """What a state changed for an application: what must be seen for it to be live."""
        before = self.states[index - 1].apps.get(app, {}) if index else {}
        now = self.states[index].apps.get(app, {})
        names = before.keys() | now.keys()
        return {name: now.get(name) for name in names if before.get(name) != now.get(name)}
