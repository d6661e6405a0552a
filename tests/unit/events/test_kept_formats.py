"""Messages of earlier releases are understood as they were meant, or refused in words; never misread."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from fairlead.events.envelope import SchemaError, decode, encode
from tests.unit.events.kept import FOLDER, as_text, kinds, sample

RELEASES = sorted(FOLDER.glob("*.json"))


@pytest.mark.parametrize("file", RELEASES, ids=lambda file: file.stem)
def test_what_an_earlier_release_said_means_the_same_or_is_refused(file: Path) -> None:
    known = kinds()
    misread = []
    for name, kept in json.loads(file.read_text()).items():
        kind = known.get(name)
        if kind is None:
            continue  # nobody sends it, and nobody listens
        payload = base64.b64decode(kept["payload"])
        if kind.schema != kept["schema"]:
            with pytest.raises(SchemaError, match=f"schema version {kept['schema']} is not {kind.schema}"):
                decode(kind, payload)
            continue
        try:
            now = json.loads(as_text(decode(kind, payload)))
        except SchemaError as error:
            misread.append(f"{name} cannot be read, under the same number: {error}")
            continue
        misread += [f"{name}: {where}" for where in _otherwise(kept["means"], now)]
    assert misread == [], "a form that changes its meaning needs another number (Event.schema)"


def _otherwise(meant: Any, read: Any, where: str = "") -> list[str]:
    """Where what was meant is not what is read; what is read may have more, and less of what is no longer."""
    if isinstance(meant, dict) and isinstance(read, dict):
        return [
            found
            for name in meant.keys() & read.keys()
            for found in _otherwise(meant[name], read[name], f"{where}.{name}")
        ]
    if isinstance(meant, list) and isinstance(read, list) and len(meant) == len(read):
        return [
            found
            for at, pair in enumerate(zip(meant, read, strict=True))
            for found in _otherwise(*pair, f"{where}[{at}]")
        ]
    return [] if meant == read else [f"{where}: {meant!r} is read as {read!r}"]


def test_this_release_s_messages_are_read_by_one_that_knows_more_fields_and_by_one_that_knows_fewer() -> None:
    for kind in kinds().values():
        message = sample(kind)
        assert decode(kind, encode(message)) == message


def test_there_is_a_release_to_hold_to() -> None:
    assert RELEASES, "python -m tests.unit.events.kept VERSION writes the messages of a release"
