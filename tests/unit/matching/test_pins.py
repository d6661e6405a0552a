"""What a pin makes of the sources that are followed, and when it holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from fairlead.matching.pauses import PREFIX as PAUSED
from fairlead.matching.pauses import pause_of
from fairlead.matching.pins import PREFIX, followed_sources, pin_of, texts_of, words
from fairlead.model.application import Application
from fairlead.rpc.waiting import Pinned
from tests.unit.matching.test_dependencies import app

NOW = datetime(2030, 1, 1, tzinfo=UTC)
PIN = Pinned(revisions=("c1",), until="2030-01-01T04:00:00Z", by="ann", reason="INC-482", newer_than=("c2",))


def pinned(pin: Pinned = PIN) -> Application:
    return app(annotations=texts_of(pin))


def test_what_is_written_is_read_again_and_holds_until_its_end() -> None:
    assert pin_of(pinned(), NOW) == PIN
    assert pin_of(pinned(), NOW + timedelta(hours=4)) is None
    assert pin_of(app(), NOW) is None
    assert words(PIN) == "pinned to c1 until 2030-01-01T04:00:00Z or until a newer commit by ann: INC-482"


def test_a_pin_changes_the_revision_that_is_followed_and_nothing_else() -> None:
    own = app().spec.effective_sources()
    assert followed_sources(pinned(), NOW) == (msgspec.structs.replace(own[0], target_revision="c1"),)
    assert followed_sources(pinned(), NOW + timedelta(hours=4)) == own
    assert followed_sources(app(), NOW) == own


def test_a_pin_that_fits_no_sources_or_has_no_end_that_is_understood_is_followed_nowhere() -> None:
    several = Pinned(revisions=("c1", "c2"))
    found = pin_of(pinned(several), NOW)
    assert found is not None
    assert "names 2 revisions, of 1 sources" in found.problem
    assert followed_sources(pinned(several), NOW) == app().spec.effective_sources()
    wrong = app(annotations={f"{PREFIX}revisions": "c1", f"{PREFIX}until": "soon"})
    found = pin_of(wrong, NOW)
    assert found is not None
    assert "is no time" in found.problem


@pytest.mark.parametrize("end", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"])
def test_an_end_that_no_calendar_has_is_told_and_breaks_nothing(end: str) -> None:
    found = pin_of(app(annotations={f"{PREFIX}revisions": "c1", f"{PREFIX}until": end}), NOW)
    assert found is not None
    assert "is no time" in found.problem
    pause = pause_of({f"{PAUSED}until": end}, "application")
    assert pause is not None
    assert "is no time" in pause.problem
