"""Who is in doubt is looked at less and less often."""

from datetime import UTC, datetime, timedelta

import pytest

from fairlead.app_controller.comparing.item import Comparison, Item
from fairlead.app_controller.pauses import LONGEST_PAUSE, SOON, doubt_pause, pause_after
from fairlead.bus import BusUnavailableError
from fairlead.health.status import healthy
from fairlead.kube.errors import ConflictError, KubeError, NotFoundError, TransientError
from fairlead.kube.fence import WriteFencedError
from fairlead.manifest.identity import ResourceKey
from fairlead.model.application import AppId
from fairlead.model.status import Condition, ConditionType
from fairlead.model.times import stamp

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


@pytest.mark.parametrize("error", [NotFoundError("gone", status=404), ConflictError("newer", status=409)])
def test_what_is_gone_or_was_changed_meanwhile_is_looked_at_soon_and_then_ever_later(
    error: KubeError,
) -> None:
    """An Application that was deleted during a look, or an object of it: the watch says what is true now."""
    pauses = [pause_after(error, AppId("argocd", "app"), missed) for missed in (0, 1, 2, 40)]
    assert pauses == [SOON, SOON * 2, SOON * 4, LONGEST_PAUSE]


@pytest.mark.parametrize(
    ("error", "pause"),
    [
        (WriteFencedError("another's"), 1.0),
        (TransientError("busy", retry_after=7.0), 7.0),
        (TransientError("away"), 2.0),
        (BusUnavailableError("away"), 2.0),
    ],
)
def test_what_passes_by_itself_is_waited_for_at_a_steady_pace(error: Exception, pause: float) -> None:
    assert pause_after(error, AppId("argocd", "app"), 9) == pause


def test_what_nobody_expected_is_raised() -> None:
    with pytest.raises(KubeError):
        pause_after(KubeError("what"), AppId("argocd", "app"), 0)
