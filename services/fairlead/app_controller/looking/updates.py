"""Whether a change of a managed object is worth a look at its application.

Why: controllers write counters, times and conditions into objects all day long, and each such write would
cost a comparison. What `ignoreResourceUpdates` names of a kind is left out; where no rule speaks of it, the
status, which no comparison reads. Invariant: what begins or ends, changes hands, is on its way out, changes
health, or changes in any other field, is news; and so is what could not be judged.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

from fairlead.app_controller.destination.scripted import HealthScripts
from fairlead.diff.errors import IgnoreRuleError
from fairlead.diff.ignore import applies, parse_pointer, without_pointers
from fairlead.kube.live_index import LiveChange
from fairlead.kube.live_object import LiveObject
from fairlead.manifest.fields import maps_at
from fairlead.manifest.identity import ResourceKey
from fairlead.model.status import ResourceIgnoreDifferences
from fairlead.render.jq import Jq, without_paths
from fairlead.settings import ControllerSettings
from fairlead.settings.controller import IgnoreStatus, KindRule

MAX_UNJUDGED = 200
"""Changes that wait for jq's word; of more each is news."""
_ALWAYS = ("resourceVersion", "generation", "managedFields")
_STATUS = "status"

Manifest = dict[str, Any]


class Question(NamedTuple):
    """Two versions of an object that differ, maybe only in what the expressions name."""

    before: Manifest
    after: Manifest
    expressions: tuple[str, ...]


class Updates:
    """Judges changes at once, and those that only jq can judge one after another in `run`."""

    def __init__(self, settings: Callable[[], ControllerSettings], jq: Jq) -> None:
        self._settings = settings
        self._jq = jq
        self._open: deque[tuple[Question, Callable[[], None]]] = deque()
        self._came = asyncio.Event()

    @property
    def is_busy(self) -> bool:
        """Whether a question is open."""
        return bool(self._open)

    def take(self, change: LiveChange, scripts: HealthScripts, tell: Callable[[], None]) -> None:
        """Call `tell` if the change is news: before this returns, unless jq has to be asked."""
        judged = judge(change, self._settings(), scripts)
        if isinstance(judged, Question) and len(self._open) < MAX_UNJUDGED:
            self._open.append((judged, tell))
            self._came.set()
        elif judged:
            tell()

    async def run(self) -> None:
        """Put the open questions to jq, until cancelled."""
        while True:
            while self._open:
                question, tell = self._open[0]
                try:
                    is_news = await self._asked(question)
                except BaseException:
                    is_news = True
                    raise
                finally:
                    self._open.popleft()
                    if is_news:
                        tell()
            self._came.clear()
            await self._came.wait()

    async def aclose(self) -> None:
        """End what was begun."""
        await self._jq.aclose()

    async def _asked(self, question: Question) -> bool:
        before, after, expressions = question
        try:
            paths = await self._jq.paths(expressions, (before, after))
        except IgnoreRuleError:
            return True
        return bool(without_paths(before, paths[0]) != without_paths(after, paths[1]))


def judge(change: LiveChange, settings: ControllerSettings, scripts: HealthScripts) -> bool | Question:
    """Whether anything changed that is not to be ignored, or what only jq can tell."""
    old, new = change.old, change.new
    if not settings.ignore_updates_enabled or old is None or new is None or not _is_same(old, new):
        return True
    rules = _rules(change.key, settings)
    if not rules and settings.ignore_status is not IgnoreStatus.ALL:
        return True
    before, after = old.decoded(), new.decoded()
    if scripts.may_differ(before, after):
        return True
    if not rules:
        return _compared(before) != _compared(after)
    pointers = _pointers(rules)
    left, right = _rest(before, pointers), _rest(after, pointers)
    if left == right:
        return False
    expressions = tuple(text for rule in rules for text in rule.jq_path_expressions)
    return Question(left, right, expressions) if expressions else True


def _is_same(old: LiveObject, new: LiveObject) -> bool:
    """Whether it is one object in the same hands, as far on its way out as before, and both can be read."""
    if not (old.is_whole and new.is_whole):
        return False
    return (old.uid, old.instance, old.deletion_timestamp) == (new.uid, new.instance, new.deletion_timestamp)


def _rules(key: ResourceKey, settings: ControllerSettings) -> tuple[KindRule, ...]:
    """Those about updates of the kind and, unless switched off, with them those about its differences."""
    found = tuple(rule for rule in settings.ignore_updates if _is_about(rule, key))
    if not found or not settings.ignore_differences_on_updates:
        return found
    return found + tuple(rule for rule in settings.ignore_differences if _is_about(rule, key))


def _is_about(rule: KindRule, key: ResourceKey) -> bool:
    return applies(ResourceIgnoreDifferences(group=rule.group, kind=rule.kind), key)


def _pointers(rules: tuple[KindRule, ...]) -> tuple[tuple[str, ...], ...]:
    """Those that can be read."""
    found = []
    for text in (text for rule in rules for text in rule.json_pointers):
        try:
            found.append(parse_pointer(text))
        except IgnoreRuleError:
            continue
    return tuple(found)


def _rest(obj: Manifest, pointers: tuple[tuple[str, ...], ...]) -> Manifest:
    metadata = {name: value for name, value in obj.get("metadata", {}).items() if name not in _ALWAYS}
    return without_pointers({**obj, "metadata": metadata}, pointers)


def _compared(obj: Manifest) -> tuple[Manifest, list[Manifest]]:
    """All of an object that a comparison reads: without its status, and who owns the rest of it."""
    owners = [
        {name: value for name, value in entry.items() if name != "time"}
        for entry in maps_at(obj, "metadata", "managedFields")
        if entry.get("subresource") != _STATUS
    ]
    return _rest(obj, ((_STATUS,),)), owners
