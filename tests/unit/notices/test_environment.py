"""Texts that keep the engine busy without end, or ask without end, cost the others nothing."""

from collections.abc import Mapping
from typing import Any

from fairlead.notices.configuration import Configuration
from fairlead.notices.environment import (
    ENDLESS,
    MOST_ENDLESS,
    NOT_ANSWERED,
    ROUNDS,
    Endless,
    Environment,
    NoRepositories,
)
from fairlead.render.scripts import ScriptError


class _Scripts:
    """An engine that dies of `endless`, and for which `asking` never has enough."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    async def notice(self, work: Mapping[str, Any], variables: Mapping[str, Any]) -> Any:
        texts = work["expressions"]
        self.asked.append(texts)
        if "endless" in texts:
            raise ScriptError("no answer in time", may_pass=True, took_too_long=True)
        outcomes = [{"wanting": True} if text == "asking" else {"holds": True} for text in texts]
        commits = [str(len(self.asked))] if "asking" in texts else []
        return {"expressions": outcomes, "templates": [], "commits": commits, "details": False}


def _environment(scripts: _Scripts, endless: Endless) -> Environment:
    return Environment(scripts, NoRepositories(), Configuration(), app=b"{}", endless=endless)  # type: ignore[arg-type]


async def test_a_text_without_end_is_found_and_not_run_again() -> None:
    now = [0.0]
    scripts, endless = _Scripts(), Endless(lambda: now[0])
    found = await _environment(scripts, endless).conditions(["one", "endless", "two"])
    assert [found[text].holds for text in ("one", "two")] == [True, True]
    assert found["endless"].problem == "no answer in time"
    assert [text in endless for text in ("one", "endless")] == [False, True]
    scripts.asked.clear()
    found = await _environment(scripts, endless).conditions(["one", "endless"])
    assert (found["one"].holds, found["endless"].problem) == (True, ENDLESS)
    assert found["endless"].may_pass
    assert scripts.asked == [("one",)]


async def test_a_text_that_took_too_long_is_run_again_ever_more_rarely() -> None:
    now = [0.0]
    scripts, endless = _Scripts(), Endless(lambda: now[0])
    tried = []
    for minute in range(200):
        now[0] = 60.0 * minute
        scripts.asked.clear()
        await _environment(scripts, endless).conditions(["endless"])
        tried += [minute] if scripts.asked else []
    assert tried == [0, 1, 3, 7, 15, 31, 63, 123, 183]
    for number in range(MOST_ENDLESS + 5):
        endless.add(str(number))
    assert "4" not in endless
    assert "5" in endless


async def test_a_text_that_never_has_enough_is_given_up() -> None:
    scripts = _Scripts()
    found = await _environment(scripts, Endless()).conditions(["asking", "one"])
    assert (found["asking"].problem, found["one"].holds) == (NOT_ANSWERED, True)
    assert len(scripts.asked) == ROUNDS
