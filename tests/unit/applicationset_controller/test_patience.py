"""A set whose template does not end is left alone for longer each time."""

import pytest

from fairlead.applicationset_controller import patience as module
from fairlead.applicationset_controller.following.sets import REFRESH, KnownSet
from fairlead.applicationset_controller.patience import FIRST, LONGEST, Patience
from fairlead.model.applicationset import ApplicationSet
from tests.unit.applicationset_controller.made import a_set


def test_a_set_that_took_too_long_rests_for_twice_as_long_each_time_up_to_a_bound() -> None:
    patience, known = Patience(), KnownSet(a_set())
    assert patience.left(known) == 0.0
    waits = [patience.rest(known) for _ in range(7)]
    assert waits[:3] == [FIRST, 2 * FIRST, 4 * FIRST]
    assert waits[-1] == LONGEST
    assert patience.left(known) == pytest.approx(LONGEST, abs=60.0)


@pytest.mark.parametrize(
    "changed", [a_set(generation=2), a_set(annotations={REFRESH: "true"})], ids=["its spec", "a refresh"]
)
def test_a_change_of_its_spec_and_a_person_end_the_rest(changed: ApplicationSet) -> None:
    patience = Patience()
    patience.rest(KnownSet(a_set()))
    assert patience.left(KnownSet(changed)) == 0.0


def test_when_its_time_is_over_it_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST", 0.0)
    patience, known = Patience(), KnownSet(a_set())
    patience.rest(known)
    assert patience.left(known) == 0.0
