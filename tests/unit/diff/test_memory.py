"""What is remembered between comparisons."""

from __future__ import annotations

from typing import Any

import pytest

from fairlead.diff.compare import FIELD_MANAGER, Fingerprints, Rules, compare, record_answer, record_applied
from fairlead.diff.ignore import ignored_for
from fairlead.diff.ownership import projection_hash
from fairlead.diff.result import Answer, Rung
from fairlead.manifest.identity import ResourceKey, key_of
from fairlead.manifest.prepare import Desired, make_desired
from fairlead.model.status import ResourceIgnoreDifferences


def desired_of(obj: dict[str, Any]) -> Desired:
    return make_desired(key_of(obj), obj, True)


def config_map(value: str, version: str = "1", **owned: str) -> dict[str, Any]:
    fields: dict[str, Any] = {"f:data": {f"f:{name}": {} for name in owned or {"a": ""}}}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": "c",
            "namespace": "ns",
            "resourceVersion": version,
            "managedFields": [{"manager": FIELD_MANAGER, "operation": "Apply", "fieldsV1": fields}],
        },
        "data": {"a": value, **owned},
    }


def wanted(value: str = "1") -> Desired:
    obj = config_map(value)
    obj["metadata"] = {"name": "c", "namespace": "ns"}
    return desired_of(obj)


def test_a_subset_once_found_is_a_fingerprint_from_then_on() -> None:
    memory = Fingerprints()
    assert compare(wanted(), config_map("1"), fingerprints=memory).rung is Rung.SUBSET
    assert compare(wanted(), config_map("1", "2"), fingerprints=memory).rung is Rung.FINGERPRINT


def test_losing_the_memory_changes_no_answer() -> None:
    memory = Fingerprints()
    record_applied(wanted(), config_map("1"), fingerprints=memory)
    memory.clear()
    assert compare(wanted(), config_map("1"), fingerprints=memory).answer is Answer.IN_SYNC


def test_a_dry_run_answer_holds_for_exactly_one_desired_digest_and_live_version() -> None:
    memory = Fingerprints()
    live = config_map("other", "5")
    assert compare(wanted(), live, fingerprints=memory).answer is Answer.ASK
    record_answer(wanted(), live, in_sync=False, fingerprints=memory)
    assert compare(wanted(), live, fingerprints=memory).answer is Answer.DIFFERS
    assert compare(wanted(), config_map("other", "6"), fingerprints=memory).answer is Answer.ASK
    assert compare(wanted("2"), live, fingerprints=memory).answer is Answer.ASK


def test_a_dry_run_that_found_no_change_makes_a_fingerprint() -> None:
    memory = Fingerprints()
    record_answer(wanted(), config_map("spelled otherwise"), in_sync=True, fingerprints=memory)
    verdict = compare(wanted(), config_map("spelled otherwise", "9"), fingerprints=memory)
    assert (verdict.answer, verdict.rung) == (Answer.IN_SYNC, Rung.FINGERPRINT)


def test_drift_of_an_object_that_never_was_a_plain_subset_is_asked_about() -> None:
    memory = Fingerprints()
    record_answer(wanted(), config_map("spelled otherwise"), in_sync=True, fingerprints=memory)
    assert compare(wanted(), config_map("changed", "9"), fingerprints=memory).answer is Answer.ASK


def test_a_changed_ignore_rule_is_looked_at_again() -> None:
    memory = Fingerprints()
    rule = ResourceIgnoreDifferences(kind="ConfigMap", json_pointers=("/data/a",))
    ignoring = Rules(ignored=ignored_for(wanted().key, [rule]))
    assert compare(wanted(), config_map("2"), fingerprints=memory, rules=ignoring).answer is Answer.IN_SYNC
    assert compare(wanted(), config_map("2"), fingerprints=memory).answer is Answer.ASK


def test_an_eager_comparison_takes_what_git_changed_for_a_difference() -> None:
    memory = Fingerprints()
    assert compare(wanted(), config_map("1"), fingerprints=memory).answer is Answer.IN_SYNC
    verdict = compare(wanted("2"), config_map("1"), fingerprints=memory, eager=True)
    assert (verdict.answer, verdict.paths) == (Answer.DIFFERS, (".data.a",))


def test_an_eager_comparison_asks_about_what_it_never_saw_before() -> None:
    verdict = compare(wanted(), config_map("2"), fingerprints=Fingerprints(), eager=True)
    assert verdict.answer is Answer.ASK


def test_jq_rules_are_left_to_the_dry_run() -> None:
    rule = ResourceIgnoreDifferences(kind="ConfigMap", jq_path_expressions=(".data.a",))
    rules = Rules(ignored=ignored_for(wanted().key, [rule]))
    memory = Fingerprints()
    memory.record(wanted("1").key, "earlier", b"", plain=True)
    verdict = compare(wanted(), config_map("2"), fingerprints=memory, rules=rules, eager=True)
    assert verdict.answer is Answer.ASK


def test_the_memory_has_an_end_and_drops_what_was_written_longest_ago() -> None:
    memory = Fingerprints(limit=2)
    keys = [ResourceKey("", "ConfigMap", "ns", name) for name in "abc"]
    for key in keys:
        memory.record(key, "d", b"p", plain=True)
    assert len(memory) == 2
    assert memory.fingerprint(keys[0]) is None
    memory.forget(keys[2])
    assert memory.fingerprint(keys[2]) is None


def test_what_was_seen_is_not_projected_again_and_another_version_is(monkeypatch: pytest.MonkeyPatch) -> None:
    memory, projected = Fingerprints(), []

    def counted(live: dict[str, Any], manager: str) -> bytes | None:
        projected.append(live["metadata"]["resourceVersion"])
        return projection_hash(live, manager)

    monkeypatch.setattr("fairlead.diff.compare.projection_hash", counted)
    record_applied(wanted(), config_map("1", "7"), fingerprints=memory)
    assert compare(wanted(), config_map("1", "7"), fingerprints=memory).rung is Rung.FINGERPRINT
    assert projected == ["7"]
    assert compare(wanted(), config_map("2", "8"), fingerprints=memory).answer is Answer.DIFFERS
    assert projected == ["7", "8"]
    assert compare(wanted("2"), config_map("1", "7"), fingerprints=memory).rung is not Rung.FINGERPRINT


def taken(value: str, version: str) -> dict[str, Any]:
    """The live object once somebody else owns the field."""
    live = config_map(value, version)
    (entry,) = live["metadata"]["managedFields"]
    theirs = {**entry, "manager": "somebody", "operation": "Update"}
    live["metadata"]["managedFields"] = [{**entry, "fieldsV1": {"f:metadata": {}}}, theirs]
    return live


def test_a_field_that_was_taken_given_back_and_taken_again_is_drift_again() -> None:
    memory = Fingerprints()
    record_applied(wanted(), config_map("1"), fingerprints=memory)
    for version in ("2", "4"):
        assert compare(wanted(), taken("other", version), fingerprints=memory).answer is Answer.DIFFERS
        back = compare(wanted(), taken("1", str(int(version) + 1)), fingerprints=memory)
        assert back.answer is Answer.IN_SYNC


def test_what_is_desired_and_was_never_ours_is_watched_too() -> None:
    obj = {**config_map("1"), "metadata": {"name": "c", "namespace": "ns"}, "immutable": False}
    memory, live = Fingerprints(), config_map("1", "2")
    record_answer(desired_of(obj), live, in_sync=True, fingerprints=memory)
    assert compare(desired_of(obj), live, fingerprints=memory).rung is Rung.FINGERPRINT
    changed = {**config_map("1", "3"), "immutable": True}
    assert compare(desired_of(obj), changed, fingerprints=memory).answer is not Answer.IN_SYNC
