"""What one application wants and another one holds."""

from fairlead.app_controller.destination.contested import Contested
from fairlead.manifest.identity import ResourceKey
from fairlead.model.application import AppId

FIRST, SECOND, THIRD = (AppId("argocd", name) for name in ("first", "second", "third"))
KEY, OTHER = (ResourceKey("", "ConfigMap", "shop", name) for name in ("a", "b"))


def test_a_claim_is_known_from_both_sides_and_whoever_it_concerns_is_told_once() -> None:
    contested = Contested()
    assert contested.note(SECOND, {KEY: FIRST}) == {FIRST}
    assert contested.note(SECOND, {KEY: FIRST}) == frozenset()
    assert contested.note(THIRD, {KEY: FIRST, OTHER: SECOND}) == {FIRST, SECOND}
    assert contested.claimed_from(FIRST) == {KEY: {SECOND, THIRD}}
    assert contested.claims_of(THIRD) == {KEY: FIRST, OTHER: SECOND}


def test_a_claim_that_is_given_up_leaves_nothing_behind() -> None:
    contested = Contested()
    contested.note(SECOND, {KEY: FIRST})
    contested.note(THIRD, {KEY: FIRST})
    assert contested.note(SECOND, {KEY: THIRD}) == {FIRST, THIRD}
    assert contested.note(SECOND, {}) == {THIRD}
    assert contested.note(THIRD, {}) == {FIRST}
    assert not contested
    assert contested.claimed_from(FIRST) == {}
