"""What people write of pauses, and when these hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fairlead.matching.pauses import (
    PREFIX,
    active,
    attributed,
    last_end,
    none_of,
    pause_of,
    seconds_left,
    texts_of,
    words,
)
from fairlead.rpc.waiting import Paused

NOW = datetime(2030, 1, 1, tzinfo=UTC)
HOUR = Paused(scope="application", name="web", until="2030-01-01T01:00:00Z", by="ann", reason="INC-482")
DAY = Paused(scope="project", name="shop", until="2030-01-02T00:00:00Z", frozen=True)


def test_what_is_written_is_read_again() -> None:
    for pause in (HOUR, DAY):
        assert pause_of(texts_of(pause), pause.scope, pause.name) == pause
    assert pause_of({}, "application", "web") is None
    assert none_of().keys() >= texts_of(HOUR).keys()


def test_a_pause_holds_until_its_end_and_no_longer() -> None:
    assert active((HOUR, None, DAY), NOW) == (HOUR, DAY)
    assert active((HOUR, DAY), NOW + timedelta(hours=1)) == (DAY,)
    assert active((HOUR, DAY), NOW + timedelta(days=1)) == ()
    assert seconds_left((HOUR, DAY), NOW) == 3600
    assert last_end((HOUR, DAY)) == DAY.until


@pytest.mark.parametrize("texts", [{"until": "soon"}, {"until": HOUR.until, "syncs": "none"}])
def test_what_nobody_understands_holds_without_end_and_says_so(texts: dict[str, str]) -> None:
    found = pause_of({f"{PREFIX}{field}": text for field, text in texts.items()}, "application", "web")
    assert found is not None
    late = NOW + timedelta(days=9)
    assert active((found,), late) == (found,)
    assert seconds_left((found,), late) is None
    assert last_end((found,)) == ""
    assert "holds until that is mended" in words((found,))


def test_a_time_of_another_zone_is_that_moment() -> None:
    found = pause_of({f"{PREFIX}until": "2030-01-01T03:00:00+02:00"}, "application")
    assert found is not None
    assert found.until == HOUR.until


def test_what_is_paused_is_said_with_whose_it_is() -> None:
    assert words((HOUR, DAY)) == (
        "paused until 2030-01-01T01:00:00Z by ann: INC-482; "
        "frozen with project shop until 2030-01-02T00:00:00Z"
    )


def test_a_pause_is_theirs_who_wrote_it_whomever_they_name() -> None:
    by = f"{PREFIX}by"
    asked = texts_of(HOUR)
    assert attributed({}, asked, "bob")[by] == "bob"
    written = {**asked, by: "bob", "other": "x"}
    assert attributed(written, {**written, "other": "y"}, "eve")[by] == "bob"
    assert attributed(written, {**written, by: "eve"}, "eve")[by] == "bob"
    assert attributed(written, {**written, f"{PREFIX}until": DAY.until}, "eve")[by] == "eve"
    assert attributed(written, {"other": "x"}, "eve") == {"other": "x"}
