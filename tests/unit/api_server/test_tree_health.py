"""However many streams are told of a change, the controller is asked once."""

import asyncio

import msgspec
import pytest

from fairlead.api_server import tree_health
from fairlead.api_server.documents import ApplicationDocument, read_application
from fairlead.api_server.tree_health import TreeHealth


def document(version: str = "1") -> ApplicationDocument:
    app = {"metadata": {"name": "a", "namespace": "argocd", "resourceVersion": version}, "spec": {}}
    return read_application(msgspec.json.encode(app))


class Asked:
    """Counts how often it is asked."""

    def __init__(self, answer: ApplicationDocument | Exception) -> None:
        self.times = 0
        self._answer = answer

    async def __call__(self) -> ApplicationDocument:
        self.times += 1
        await asyncio.sleep(0.01)
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


async def test_one_question_answers_all_who_are_told_of_one_version() -> None:
    health, shown = TreeHealth(), document()
    ask = Asked(shown)
    answers = await asyncio.gather(*(health.shared(shown, ask) for _ in range(500)))
    assert ask.times == 1
    assert {id(answer) for answer in answers} == {id(shown)}
    other = document("2")
    await health.shared(other, Asked(other))
    assert await health.shared(other, ask) is other
    assert ask.times == 1


async def test_an_answer_is_not_shared_for_longer_than_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    health, shown = TreeHealth(), document()
    ask = Asked(shown)
    await health.shared(shown, ask)
    monkeypatch.setattr(tree_health, "SHARED", 0.0)
    await health.shared(shown, ask)
    assert ask.times == 2


async def test_who_leaves_takes_nobody_elses_answer_along() -> None:
    health, shown = TreeHealth(), document()
    ask = Asked(shown)
    leaving = asyncio.create_task(health.shared(shown, ask))
    await asyncio.sleep(0)
    staying = asyncio.create_task(health.shared(shown, ask))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying is shown
    assert ask.times == 1


async def test_what_goes_wrong_is_told_to_all() -> None:
    health, shown = TreeHealth(), document()
    ask = Asked(ValueError("no"))
    said = await asyncio.gather(*(health.shared(shown, ask) for _ in range(3)), return_exceptions=True)
    assert [str(error) for error in said] == ["no"] * 3
