"""What conditions and templates see, and what they ask the world for while they are evaluated.

The functions themselves are the render engine's; those of `repo` ask for what the repo-server alone knows.
Such a text has no outcome at first: what it asks for is obtained and it is run again, a bounded number of
times. Invariant: a text that fails, or whose question nobody answers, costs no other text anything.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

import msgspec

from fairlead.notices.configuration.configuration import Configuration
from fairlead.notices.senders.masking import mask_of
from fairlead.render.scripts import ScriptError

ROUNDS: Final = 4
"""Times that texts are run for one question; each may ask for what the one before led to."""
MOST_ENDLESS: Final = 1000
"""Texts that are known to take too long."""
FIRST_REST, LONGEST_REST = 60.0, 3600.0
"""Seconds for which a text that took too long is not run: doubling between these each time that it does. A
machine that stood still for a moment must not cost a text its effect for good."""
ENDLESS: Final = "it took too long, so it is not run again for a while"
NOT_ANSWERED: Final = "it asks for more and more of the repository"


class RepositoryError(Exception):
    """The repo-server could not answer, in words for who wrote the text."""


class Repositories(Protocol):
    """What is asked of the repositories of an Application. Both raise RepositoryError."""

    async def commit(self, app: bytes, sha: str) -> Mapping[str, Any]:
        """message, author, date (RFC 3339) and tags of a commit."""

    async def details(self, app: bytes) -> Mapping[str, Any]:
        """type, and helm, kustomize or directory, of its source."""


class NoRepositories:
    """Where nobody can be asked."""

    async def commit(self, app: bytes, sha: str) -> Mapping[str, Any]:
        """Nobody knows."""
        raise RepositoryError("repositories cannot be asked from here")

    async def details(self, app: bytes) -> Mapping[str, Any]:
        """Nobody knows."""
        raise RepositoryError("repositories cannot be asked from here")


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What one text came to: a condition whether it `holds`, each text how it prints; or its `problem`, which
    the same may not have again where it `may_pass`."""

    holds: bool = False
    text: str = ""
    problem: str = ""
    wanting: bool = False
    may_pass: bool = False


class _Answer(msgspec.Struct, frozen=True, kw_only=True):
    expressions: tuple[Outcome, ...] = ()
    templates: tuple[Outcome, ...] = ()
    commits: tuple[str, ...] = ()
    details: bool = False


class Endless:
    """Texts that took too long, and until when they rest."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._rests: dict[str, tuple[float, float]] = {}

    def __contains__(self, text: str) -> bool:
        return text in self._rests and self._clock() < self._rests[text][0]

    def add(self, text: str) -> None:
        """It took too long, again where it did before."""
        _, before = self._rests.pop(text, (0.0, 0.0))
        rest = min(max(FIRST_REST, 2 * before), LONGEST_REST)
        self._rests[text] = self._clock() + rest, rest
        if len(self._rests) > MOST_ENDLESS:
            del self._rests[next(iter(self._rests))]


class Engine(Protocol):
    """What runs texts. See Scripts."""

    async def notice(self, work: Mapping[str, Any], variables: Mapping[str, Any]) -> Any: ...


class Environment:
    """One Application as texts see it. `app` and `project` are JSON; `event` is the public event that woke
    us, where one did. Texts that are `endless` are not run; whichever turn out to be are added."""

    def __init__(
        self,
        scripts: Engine,
        repositories: Repositories,
        configuration: Configuration,
        *,
        app: bytes,
        project: bytes = b"{}",
        has_secrets: bool = True,
        event: bytes = b"",
        endless: Endless | None = None,
    ) -> None:
        self._scripts = scripts
        self._repositories = repositories
        self._app = app
        self._endless = Endless() if endless is None else endless
        self._context = dict(configuration.context)
        self._variables: dict[str, Any] = {"app": msgspec.Raw(app), "appProject": msgspec.Raw(project)}
        if has_secrets:
            self._variables["secrets"] = dict(configuration.secrets)
        if event:
            self._variables["event"] = msgspec.Raw(event)
        self._secrets = configuration.secrets
        self._supplied: dict[str, Any] = {"commits": {}}

    async def conditions(self, texts: Sequence[str]) -> dict[str, Outcome]:
        """What each expression comes to."""
        wanted = tuple(dict.fromkeys(texts))
        variables = {**self._variables, "context": {**self._context, "notificationType": ""}}
        return await self._run("expressions", wanted, variables)

    async def filled(self, texts: Sequence[str], *, service: str, recipient: str) -> dict[str, Outcome]:
        """What each template says to a recipient."""
        wanted = tuple(dict.fromkeys(texts))
        variables = {
            **self._variables,
            "context": {**self._context, "notificationType": service},
            "serviceType": service,
            "recipient": recipient,
        }
        return await self._run("templates", wanted, variables)

    async def _run(
        self, kind: str, texts: tuple[str, ...], variables: Mapping[str, Any]
    ) -> dict[str, Outcome]:
        found = {text: Outcome(problem=ENDLESS, may_pass=True) for text in texts if text in self._endless}
        for _ in range(ROUNDS):
            left = tuple(text for text in texts if text not in found)
            if not left:
                break
            answer = await self._asked(kind, left, variables)
            outcomes = answer.expressions if kind == "expressions" else answer.templates
            found |= {text: one for text, one in zip(left, outcomes, strict=True) if not one.wanting}
            await self._supply(answer)
        return {text: self._shown(found.get(text, Outcome(problem=NOT_ANSWERED))) for text in texts}

    def _shown(self, outcome: Outcome) -> Outcome:
        """Without what a text put of secrets into the words of its problem: `fail` says what it is told."""
        if not outcome.problem or not self._secrets:
            return outcome
        words = mask_of(tuple(self._secrets.values())).hide(outcome.problem)
        return msgspec.structs.replace(outcome, problem=words)

    async def _asked(self, kind: str, texts: tuple[str, ...], variables: Mapping[str, Any]) -> _Answer:
        """One round. What costs the engine its life is found by running each text by itself."""
        try:
            return await self._round(kind, texts, variables)
        except ScriptError as error:
            if len(texts) == 1 and error.took_too_long:
                self._endless.add(texts[0])
            if len(texts) == 1 or not error.took_too_long:
                may_pass = error.may_pass or error.took_too_long
                failed = tuple(Outcome(problem=str(error), may_pass=may_pass) for _ in texts)
                return _Answer(expressions=failed, templates=failed)
        alone = [await self._asked(kind, (text,), variables) for text in texts]
        return _Answer(
            expressions=tuple(one for each in alone for one in each.expressions),
            templates=tuple(one for each in alone for one in each.templates),
            commits=tuple(dict.fromkeys(sha for each in alone for sha in each.commits)),
            details=any(each.details for each in alone),
        )

    async def _round(self, kind: str, texts: tuple[str, ...], variables: Mapping[str, Any]) -> _Answer:
        work = {kind: texts}
        answer = await self._scripts.notice(work, {"variables": variables, "supplied": self._supplied})
        try:
            return msgspec.convert(answer, _Answer)
        except msgspec.ValidationError as error:
            raise ScriptError(f"the engine's answer cannot be read: {error}") from error

    async def _supply(self, answer: _Answer) -> None:
        """Obtain what was asked for; a refusal is an answer too."""
        commits = [sha for sha in answer.commits if sha not in self._supplied["commits"]]
        told = await asyncio.gather(*(self._commit(sha) for sha in commits))
        self._supplied["commits"] |= dict(zip(commits, told, strict=True))
        if answer.details and "details" not in self._supplied:
            self._supplied["details"] = await self._details()

    async def _commit(self, sha: str) -> Mapping[str, Any]:
        try:
            return await self._repositories.commit(self._app, sha)
        except RepositoryError as error:
            return {"problem": f"commit {sha}: {error}"}

    async def _details(self) -> Mapping[str, Any]:
        try:
            return await self._repositories.details(self._app)
        except RepositoryError as error:
            return {"problem": f"details of the application: {error}"}
