"""The health of live objects, by the scripts of argocd-cm where there are any, else by what is built in.

A script runs in the render engine, so its result is learned before it is told: `of` answers from what is
known, `learn` finds out. Invariant: one version of an object is given to one script once; until its result is
known the object counts as progressing, so that nothing goes on for lack of it. A script that takes too long
is left alone for a while, so that looks at applications do not wait for each object of its kind.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from fairlead.health import Code, Health, assess
from fairlead.health.assess import is_terminating, leaving
from fairlead.health.status import progressing, unknown
from fairlead.manifest.errors import IdentityError
from fairlead.manifest.fields import Manifest, text_at
from fairlead.manifest.identity import gvk_of
from fairlead.render import ScriptError, Scripts
from fairlead.settings import ControllerSettings
from fairlead.settings.health import HealthRule, health_rule

MOST: Final = 50_000
"""Objects whose results are kept; the oldest are judged again when they are asked for."""
AT_ONCE: Final = 4
"""Scripts that wait for the engine together, so that actions come in between."""
TRY_AGAIN: Final = 10.0
"""Seconds after which a script is run again that the engine, not the script, failed."""
SLOW_RUNS: Final = 3
"""Runs in a row that took too long before a script is left alone."""
SLOW_PAUSE: Final = 10.0
SLOW_PAUSE_MOST: Final = 300.0
"""Seconds, doubled each time, for which it is."""
INVALID: Final = "Lua returned an invalid health status"
PENDING: Final = progressing("its health script has not run yet")
"""This very value stands for a result that is not known."""
now = time.monotonic


class _Slow(NamedTuple):
    """Of a script, how often in a row it took too long, and until when it is left alone."""

    runs: int
    until: float
    problem: str


class _Known(NamedTuple):
    version: str
    rule: str
    health: Health | None
    problem: str
    until: float


class HealthScripts:
    """Judges objects of all clusters. Without `scripts` nothing but the built-in rules is known."""

    def __init__(
        self,
        scripts: Scripts | None = None,
        settings: Callable[[], ControllerSettings] = ControllerSettings,
    ) -> None:
        self._scripts = scripts
        self._settings = settings
        self._of: ControllerSettings | None = None
        self._rules: dict[tuple[str, str], HealthRule | None] = {}
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._wanted: dict[str, Manifest] = {}
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._running: dict[tuple[str, str, str], asyncio.Event] = {}
        self._slow: dict[str, _Slow] = {}

    def of(self, obj: Manifest) -> Health | None:
        """The health of a live object as far as it is known; PENDING where a script is still to say."""
        rule = self._rule(obj)
        if rule is None:
            return assess(obj)
        found = self._found(obj, rule)
        if found is None:
            if len(self._wanted) < MOST:
                self._wanted[_uid(obj)] = obj
            return PENDING
        return found.health

    def problem_of(self, obj: Manifest) -> str:
        """Why the script could not judge an object, "" where it could or none is asked."""
        rule = self._rule(obj)
        found = self._found(obj, rule) if rule is not None else None
        return found.problem if found is not None else ""

    def is_passing(self, obj: Manifest) -> bool:
        """Whether it was the engine, and not the script, that failed."""
        rule = self._rule(obj)
        found = self._found(obj, rule) if rule is not None else None
        return found is not None and found.until > 0

    def may_differ(self, before: Manifest, after: Manifest) -> bool:
        """Whether two versions of an object may differ in health; a script's word is not awaited for it."""
        return self._rule(after) is not None or assess(before) != assess(after)

    async def learn(self, objects: Iterable[Manifest]) -> None:
        """Have those judged that are not known."""
        async with asyncio.TaskGroup() as group:
            for obj in objects:
                self._wanted.pop(_uid(obj), None)
                rule = self._rule(obj)
                if rule is not None and self._found(obj, rule) is None:
                    group.create_task(self._judge(obj, rule))

    async def catch_up(self) -> bool:
        """Have those judged that `of` was asked for and did not know; whether there were any."""
        wanted, self._wanted = self._wanted, {}
        await self.learn(wanted.values())
        return bool(wanted)

    def _rule(self, obj: Manifest) -> HealthRule | None:
        settings = self._settings()
        if self._scripts is None or not settings.health_scripts:
            return None
        if settings is not self._of:
            self._of, self._rules, self._slow = settings, {}, {}
        try:
            gvk = gvk_of(obj)
        except IdentityError:
            return None
        kind = (gvk.group, gvk.kind)
        if kind not in self._rules:
            self._rules[kind] = health_rule(settings.health_scripts, settings.open_libs, *kind)
        return self._rules[kind]

    def _found(self, obj: Manifest, rule: HealthRule) -> _Known | None:
        found = self._known.get(_uid(obj))
        if found is None or (found.version, found.rule) != (_version(obj), rule.digest):
            return None
        return found if not found.until or now() < found.until else None

    async def _judge(self, obj: Manifest, rule: HealthRule) -> None:
        """Run the script, or wait for who runs it for this version."""
        name = (_uid(obj), _version(obj), rule.digest)
        while (under_way := self._running.get(name)) is not None:
            await under_way.wait()
            if self._found(obj, rule) is not None:
                return
        ended = self._running[name] = asyncio.Event()
        try:
            await self._run(obj, rule)
        finally:
            del self._running[name]
            ended.set()

    async def _run(self, obj: Manifest, rule: HealthRule) -> None:
        async with self._gate:
            if self._scripts is None:
                return
            slow = self._slow.get(rule.digest)
            if slow is not None and now() < slow.until:
                self._keep(obj, rule, unknown(slow.problem), slow.problem, slow.until)
                return
            until, problem = 0.0, ""
            try:
                returned = await self._scripts.lua(rule.script, {"obj": obj}, open_libs=rule.is_open)
                health = concluded(obj, returned)
                self._slow.pop(rule.digest, None)
            except ScriptError as error:
                problem = str(error)
                health = unknown(problem)
                until = now() + TRY_AGAIN if error.may_pass else 0.0
                if error.took_too_long:
                    self._too_long(rule, problem)
            self._keep(obj, rule, health, problem, until)

    def _too_long(self, rule: HealthRule, problem: str) -> None:
        before = self._slow.get(rule.digest, _Slow(0, 0.0, ""))
        if now() < before.until:
            return  # it began before the run that had the script left alone
        runs = before.runs + 1
        pause = SLOW_PAUSE * 2 ** min(runs - SLOW_RUNS, 10) if runs >= SLOW_RUNS else 0.0
        self._slow[rule.digest] = _Slow(runs, now() + min(pause, SLOW_PAUSE_MOST), problem)

    def _keep(
        self, obj: Manifest, rule: HealthRule, health: Health | None, problem: str, until: float
    ) -> None:
        self._known[_uid(obj)] = _Known(_version(obj), rule.digest, health, problem, until)
        self._known.move_to_end(_uid(obj))
        if len(self._known) > MOST:
            self._known.popitem(last=False)


def concluded(obj: Manifest, returned: Any) -> Health | None:
    """The health that a script's answer is (contract 8.3, 8.4). Raises ScriptError for what is no answer."""
    if returned is not None and not isinstance(returned, dict | list):
        raise ScriptError(f"the health script returned a {type(returned).__name__}, not a table")
    fields = returned if isinstance(returned, dict) else {}
    health = None if returned is None else _told(fields)
    if not is_terminating(obj):
        return health
    reason = fields.get("deletionMessage")
    if health is None or not isinstance(reason, str) or not reason:
        return leaving(obj)
    return Health(health.status, reason)


def _told(fields: dict[str, Any]) -> Health:
    message = fields.get("message")
    try:
        code = Code(fields.get("status") or "")
    except ValueError:
        code = Code.UNSET
    if code is Code.UNSET:
        return unknown(INVALID)
    return Health(code, message if isinstance(message, str) else "")


def _uid(obj: Manifest) -> str:
    return text_at(obj, "metadata", "uid")


def _version(obj: Manifest) -> str:
    return text_at(obj, "metadata", "resourceVersion")
