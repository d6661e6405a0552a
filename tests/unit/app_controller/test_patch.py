"""The patch of a status: nothing for nothing, and no more than what differs."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from fairlead.app_controller.comparing.item import Remark
from fairlead.app_controller.reporting.conditions import refreshed
from fairlead.app_controller.reporting.patch import is_exact, merge_patch, patched, status_patch
from fairlead.model.metadata import Time
from fairlead.model.status import (
    ApplicationStatus,
    Condition,
    HealthCode,
    HealthStatus,
    SyncCode,
    SyncStatus,
)

_LEAF = st.integers() | st.text(min_size=1) | st.booleans() | st.lists(st.integers(), min_size=1)
_OBJECT = st.recursive(
    st.dictionaries(st.text(max_size=3), _LEAF, min_size=1),
    lambda inner: st.dictionaries(st.text(max_size=3), inner | _LEAF, min_size=1),
    max_leaves=8,
)


def applied(target: object, patch: object) -> object:
    """RFC 7386."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = applied(result.get(name), value)
    return result


@given(_OBJECT, _OBJECT)
def test_a_merge_patch_leads_from_one_object_to_the_other(
    before: dict[str, object], after: dict[str, object]
) -> None:
    assert applied(before, merge_patch(before, after)) == after


_WITH_NULLS = st.recursive(
    st.dictionaries(st.text(max_size=3), _LEAF | st.none(), min_size=1),
    lambda inner: st.dictionaries(
        st.text(max_size=3), inner | _LEAF | st.none() | st.lists(inner, min_size=1), min_size=1
    ),
    max_leaves=8,
)


@given(_WITH_NULLS, _WITH_NULLS)
def test_a_null_is_stored_as_it_was_given(before: dict[str, object], after: dict[str, object]) -> None:
    assert patched(before, merge_patch(before, after)) == after


@given(_WITH_NULLS, _WITH_NULLS)
def test_a_patch_without_nulls_to_store_needs_no_whole_object(
    before: dict[str, object], after: dict[str, object]
) -> None:
    patch = merge_patch(before, after)
    assert is_exact(patch) or applied(before, patch) == after


def test_equal_statuses_give_no_patch() -> None:
    status = ApplicationStatus(sync=SyncStatus(status=SyncCode.SYNCED, revision="abc"))
    assert status_patch(status, msgspec.structs.replace(status)) == {}


def test_only_what_differs_is_sent() -> None:
    before = ApplicationStatus(
        sync=SyncStatus(status=SyncCode.OUT_OF_SYNC, revision="abc"),
        health=HealthStatus(status=HealthCode.PROGRESSING, message="Caused by Pod:x"),
    )
    after = msgspec.structs.replace(
        before,
        sync=SyncStatus(status=SyncCode.SYNCED, revision="abc"),
        health=HealthStatus(status=HealthCode.HEALTHY),
    )
    assert status_patch(before, after) == {
        "sync": {"status": "Synced"},
        "health": {"status": "Healthy", "message": None},
    }


def test_what_is_gone_is_removed() -> None:
    before = ApplicationStatus(conditions=(Condition(type="SyncError", message="no"),))
    assert status_patch(before, ApplicationStatus()) == {"conditions": None}


def test_a_condition_that_stays_keeps_its_time() -> None:
    old = Condition(type="ComparisonError", message="no", last_transition_time=Time("2026-01-01T00:00:00Z"))
    other = Condition(type="SyncError", message="later", last_transition_time=Time("2026-01-01T00:00:00Z"))
    found = refreshed((old, other), [Remark("ComparisonError", "no"), Remark("ComparisonError", "again")])
    assert [(item.type, item.message) for item in found] == [
        ("ComparisonError", "again"),
        ("ComparisonError", "no"),
        ("SyncError", "later"),
    ]
    assert found[1] == old
    assert found[2] == other
