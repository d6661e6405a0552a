"""Who is in doubt is looked at less and less often."""

from datetime import UTC, datetime, timedelta

import pytest

from fairlead.app_controller.item import Comparison, Item
from fairlead.app_controller.pauses import doubt_pause
from fairlead.app_controller.times import stamp
from fairlead.health.status import healthy
from fairlead.manifest.identity import ResourceKey
from fairlead.model.status import Condition, ConditionType

KEY = ResourceKey("", "ConfigMap", "n", "a")


def compared(*, in_doubt: bool) -> Comparison:
    item = Item(key=KEY, version="v1", desired=None, live=None, in_doubt=in_doubt)
    return Comparison(items=(item,), health=healthy())


@pytest.mark.parametrize(("lasted", "least", "most"), [(0, 1, 1.5), (30, 15, 17), (3600, 60, 60)])
def test_the_pause_of_a_doubt_grows_with_the_time_it_has_lasted(
    lasted: float, least: float, most: float
) -> None:
    since = stamp(datetime.now(UTC) - timedelta(seconds=lasted))
    known = [Condition(type=ConditionType.COMPARISON_ERROR, message="no", last_transition_time=since)]
    pause = doubt_pause(compared(in_doubt=True), known)
    assert pause is not None
    assert least <= pause <= most


def test_what_is_not_in_doubt_waits_for_nothing() -> None:
    assert doubt_pause(compared(in_doubt=False), []) is None
    assert doubt_pause(compared(in_doubt=True), []) == 1.0
