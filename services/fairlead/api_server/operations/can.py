"""What the caller may do, many questions at once: for pages that say so before anybody tries.

The invariant: it is answered as whoever does the thing decides, by the settings of the moment.
"""

import asyncio
from typing import Annotated

import msgspec

from fairlead.api_server.operations import authorize
from fairlead.api_server.operations.application.granting import granting
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError

MAX_QUESTIONS = 500
"""Questions of one request."""
AT_A_TIME = 20
"""Questions, or projects of one about anywhere, that are gone through before others have a turn."""
OF_APPLICATIONS = ("applications", "logs", "exec")
"""What is done with an application, by whoever may see that one."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """May I do this?"""

    resource: Annotated[str, msgspec.Meta(description="a resource as policies name it")]
    action: Annotated[str, msgspec.Meta(description="an action as policies name it")]
    object: Annotated[str, msgspec.Meta(description="an object as policies name it")] = ""
    anywhere: Annotated[
        bool, msgspec.Meta(description="whether there may be any object at all; `object` says nothing then")
    ] = False
    elsewhere: Annotated[
        bool, msgspec.Meta(description="of a sync: to another revision than the application's own")
    ] = False


class Questions(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked."""

    questions: Annotated[tuple[Question, ...], msgspec.Meta(description="at most 500")] = ()


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """An answer to each question, in their order."""

    answers: tuple[bool, ...]


async def can_i(backend: Backend, caller: Caller, asked: Questions) -> msgspec.Struct:
    """Answers."""
    if len(asked.questions) > MAX_QUESTIONS:
        raise RefusalError(Code.INVALID_ARGUMENT, f"there are more than {MAX_QUESTIONS} questions")
    for question in asked.questions:
        authorize.require_words(question.resource, question.action)
    answers = []
    for number, question in enumerate(asked.questions, 1):
        answers.append(await _may(backend, caller, question))
        if number % AT_A_TIME == 0:
            await asyncio.sleep(0)
    return Answers(answers=tuple(answers))


async def _may(backend: Backend, caller: Caller, question: Question) -> bool:
    resource, action = question.resource, question.action
    settings = backend.control.settings
    actions = granting(settings, action) if resource == "applications" else (action,)
    if question.anywhere:
        return await _may_anywhere(backend, caller, resource, actions)
    obj = question.object
    needed = [(resource, actions)]
    if resource in OF_APPLICATIONS and (resource, action) != ("applications", "create"):
        needed.append(("applications", ("get",)))
    if question.elsewhere and settings.needs_override_for_revision:
        needed.append((resource, ("override",)))
    return all(
        any(authorize.is_allowed(caller, kind, each, obj) for each in enough) for kind, enough in needed
    )


async def _may_anywhere(backend: Backend, caller: Caller, resource: str, actions: tuple[str, ...]) -> bool:
    projects = [project.metadata.name for project in backend.mirrors.projects.unsorted()]
    for begin in range(0, len(projects) or 1, AT_A_TIME):
        some = projects[begin : begin + AT_A_TIME]
        if any(authorize.is_allowed_somewhere(caller, resource, each, some) for each in actions):
            return True
        await asyncio.sleep(0)
    return False
