"""Many questions about rights at once: answered as they are alone, and while others are served."""

import asyncio
from types import SimpleNamespace
from typing import cast

from fairlead.api_server.config_map import ServerSettings
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.can import (
    AT_A_TIME,
    MAX_QUESTIONS,
    Answers,
    Question,
    Questions,
    can_i,
)

PROJECTS = 10 * AT_A_TIME


class Rights:
    """Those of somebody who may do something in the last project alone."""

    def __init__(self) -> None:
        self.asked = 0

    def may(self, _: str, __: str, obj: str) -> bool:
        self.asked += 1
        return obj == f"p{PROJECTS - 1}/a"

    def may_all(self, _: str, __: str, project: str) -> bool | None:
        self.asked += 1
        return None if project == f"p{PROJECTS - 1}" else False

    def may_somewhere(self, _: str, __: str) -> bool:
        self.asked += 1
        return False

    def stamp(self) -> object:
        return self

    def of_whom(self) -> int:
        return 0


async def _most_at_once(*questions: Question) -> tuple[tuple[bool, ...], int]:
    """The answers, and how often a policy was asked while nobody else had a turn, at most."""
    rights, most, before = Rights(), 0, 0
    projects = [SimpleNamespace(metadata=SimpleNamespace(name=f"p{number}")) for number in range(PROJECTS)]
    mirrors = SimpleNamespace(projects=SimpleNamespace(unsorted=lambda: projects))
    backend = SimpleNamespace(control=SimpleNamespace(settings=ServerSettings()), mirrors=mirrors)
    caller = Caller(username="ann", rights=rights)
    asking = asyncio.create_task(can_i(cast(Backend, backend), caller, Questions(questions=questions)))
    while not asking.done():
        await asyncio.sleep(0)
        most, before = max(most, rights.asked - before), rights.asked
    found = await asking
    assert isinstance(found, Answers)
    return found.answers, most


async def test_others_have_their_turn_while_many_questions_are_answered() -> None:
    actions = [f"action/apps/Deployment/{number}" for number in range(MAX_QUESTIONS)]
    one = [Question(resource="applications", action=action, object="p1/a") for action in actions]
    answers, most = await _most_at_once(*one)
    assert not any(answers)
    assert most <= 3 * AT_A_TIME
    anywhere = [Question(resource="applications", action=action, anywhere=True) for action in actions[:5]]
    answers, most = await _most_at_once(*anywhere)
    assert all(answers)
    assert most <= 3 * AT_A_TIME


async def test_answers_keep_the_order_of_their_questions() -> None:
    may = Question(resource="applications", action="get", object=f"p{PROJECTS - 1}/a")
    may_not = Question(resource="applications", action="get", object="p1/a")
    assert (await _most_at_once(may, may_not, may))[0] == (True, False, True)
