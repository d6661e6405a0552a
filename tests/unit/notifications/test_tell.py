"""What is said on Applications: once in a while, and never too much."""

import msgspec
import pytest

from fairlead.notifications.delivering import tell as module
from fairlead.notifications.delivering.tell import DEAD, MAX_WORDS, Teller
from tests.unit.notifications.test_outbox import followed


def test_the_same_is_said_once_and_of_one_application_only_so_much(monkeypatch: pytest.MonkeyPatch) -> None:
    teller, app = Teller(None, reasons="all"), followed()  # type: ignore[arg-type]
    for _ in range(3):
        teller.say(app, DEAD, "no such channel")
    assert len(teller._pending) == 1
    for number in range(100):
        teller.say(app, DEAD, f"words that change: {number}")
    assert len(teller._pending) == MAX_WORDS
    other = msgspec.structs.replace(app, uid="other")
    teller.say(other, DEAD, "no such channel")
    assert len(teller._pending) == MAX_WORDS + 1
    monkeypatch.setattr(module, "AGAIN", 0.0)
    teller.say(app, DEAD, "no such channel")
    assert len(teller._pending) == MAX_WORDS + 2


def test_reasons_that_are_not_wanted_are_not_said() -> None:
    teller = Teller(None, reasons="StatusRefreshed")  # type: ignore[arg-type]
    teller.say(followed(), DEAD, "no such channel")
    assert not teller._pending
