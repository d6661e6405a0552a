"""The journal of one application: what is kept, what counts once more, and what is forgotten first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from fairlead.app_controller.drifting.journal import (
    MAX_BYTES,
    MAX_DAYS,
    MAX_FIELD,
    MAX_LINES,
    MAX_VALUE,
    Journal,
)
from fairlead.events import SchemaError
from fairlead.model.drift import DriftEnd, DriftEntry
from fairlead.model.times import stamp
from fairlead.rpc.drift import KeptLine

NOW = datetime.now(UTC)


def at(seconds: float) -> str:
    return stamp(NOW + timedelta(seconds=seconds))


def line(field: str = ".spec.replicas", *, seconds: float = 0, name: str = "web", **more: Any) -> KeptLine:
    known = {"old": "3", "new": "10", "manager": "kubectl", "operation": "Update"}
    entry = DriftEntry(
        kind="Deployment", name=name, field=field, at=at(seconds), seen=at(seconds), **{**known, **more}
    )
    return KeptLine(entry=entry, place=("spec", {"keys": {"name": "a"}}), wanted="digest")


def test_a_journal_is_the_same_after_it_was_kept() -> None:
    journal = Journal([line(), line(".data.a", end=DriftEnd.HEALED, ended=at(1))])
    again = Journal.unpacked(journal.packed())
    assert again.entries == journal.entries
    assert [kept.place for kept in again.standing] == [("spec", {"keys": {"name": "a"}})]


def test_what_is_no_journal_is_refused() -> None:
    with pytest.raises(SchemaError):
        Journal.unpacked(b"\x81\xa1v\x09")


def test_another_change_of_a_field_takes_the_place_of_the_one_that_stood() -> None:
    journal = Journal([line()])
    journal.add(line(seconds=5, old="10", new="12", manager="edit"))
    first, second = journal.entries
    assert (first.end, first.ended) == (DriftEnd.OVERWRITTEN, at(5))
    assert (second.old, second.new, second.end) == ("10", "12", DriftEnd.OPEN)


def test_a_deletion_takes_the_place_of_all_that_stood_of_the_object() -> None:
    journal = Journal([line(), line(".spec.paused"), line(name="other")])
    journal.add(line("", seconds=5, old="", new="", manager=""))
    assert [entry.end for entry in journal.entries] == ["overwritten", "overwritten", "", ""]


def test_a_fight_is_one_line_that_counts() -> None:
    journal = Journal()
    for turn in range(50):
        added = journal.add(line(seconds=turn))
        (standing,) = journal.standing
        journal.end(standing, DriftEnd.HEALED, at(turn))
    assert len(journal.entries) == 1
    assert (added.count, added.at, added.last) == (50, at(0), at(49))


def test_of_too_many_lines_the_oldest_that_ended_go_first() -> None:
    journal = Journal()
    for number in range(MAX_LINES):
        journal.add(line(f".data.k{number}"))
    for standing in journal.standing[10:]:
        journal.end(standing, DriftEnd.HEALED, at(1))
    for number in range(20):
        journal.add(line(f".data.more{number}"))
    assert len(journal.entries) == MAX_LINES
    assert len(journal.standing) == 30


def test_long_values_are_cut_and_a_journal_never_outgrows_its_bytes() -> None:
    journal = Journal()
    for number in range(MAX_LINES):
        entry = journal.add(line(f".data.k{number}", old='"' + "o" * 5000, new='"' + "ä" * 5000))
        assert len(entry.old) == len(entry.new) == MAX_VALUE
    assert len(journal.packed()) <= MAX_BYTES
    assert 0 < len(journal.entries) < MAX_LINES


def test_one_line_that_is_too_large_by_itself_leaves_an_empty_journal() -> None:
    huge = msgspec.structs.replace(line(), place=("x" * 2 * MAX_BYTES,))
    journal = Journal([huge])
    assert len(journal.packed()) < MAX_BYTES


def test_what_ended_long_ago_is_forgotten_and_what_stands_is_not() -> None:
    long_ago = -(MAX_DAYS + 1) * 86400.0
    journal = Journal(
        [
            line(seconds=long_ago),
            line(".data.a", seconds=long_ago, end=DriftEnd.HEALED, ended=at(long_ago)),
        ]
    )
    journal.add(line(".data.b"))
    assert [entry.field for entry in journal.entries] == [".spec.replicas", ".data.b"]


def test_what_was_seen_before_the_kept_journal_was_read_comes_after_it() -> None:
    kept = Journal([line(), line(".data.a", end=DriftEnd.HEALED, ended=at(1))])
    fresh = Journal([line(seconds=60), line(".data.b", seconds=61, end=DriftEnd.HEALED, ended=at(62))])
    merged = fresh.behind(kept)
    assert [(entry.field, entry.count, entry.end) for entry in merged.entries] == [
        (".data.a", 1, "healed"),
        (".spec.replicas", 2, ""),
        (".data.b", 1, "healed"),
    ]


def test_a_field_with_a_name_without_end_takes_no_other_change_with_it() -> None:
    journal = Journal([line()])
    long, other = f".data[{'k' * 2 * MAX_BYTES}]", f".data[{'k' * 2 * MAX_BYTES}l]"
    place = ("data", "k" * 2 * MAX_BYTES)
    for field in (long, other, long):
        journal.add(msgspec.structs.replace(line(field), place=place))
    kept = Journal.unpacked(journal.packed())
    assert [entry.field[:6] for entry in kept.entries if not entry.end] == [".spec.", ".data[", ".data["]
    assert kept.entries[1].field != kept.entries[2].field
    assert all(len(entry.field) <= MAX_FIELD for entry in kept.entries)
