"""What is accepted acts, or says that it does not: the table, the page and the code say the same."""

import re
from pathlib import Path

import msgspec
import pytest

from fairlead.model.appproject import AppProjectSpec
from fairlead.settings import ControllerParameters, ControllerSettings
from fairlead.settings.__main__ import page
from fairlead.settings.effects import ROWS, Effect, Surface, row_of, without_effect
from fairlead.sync.options import SyncOptions

ROOT = Path(__file__).parents[3]
SOURCES = {
    path: path.read_text()
    for folder in ("libs/fairlead", "services/fairlead")
    for path in (ROOT / folder).rglob("*.py")
    if path.name not in ("effects.py",)
}
UNUSED = {
    "persist_resource_health": "controller.resource.health.persist",
}
"""Fields that nobody reads, and the name under which the table says so."""


def is_read(field: str, *, but_in: str) -> bool:
    pattern = re.compile(rf"\.{field}\b")
    return any(pattern.search(text) for path, text in SOURCES.items() if but_in not in str(path))


def test_the_page_is_made_from_the_table() -> None:
    assert (ROOT / "docs/settings.md").read_text() == page(), "run python -m fairlead.settings"


@pytest.mark.parametrize(
    ("struct", "home"),
    [
        (ControllerSettings, "fairlead/settings/"),
        (ControllerParameters, "fairlead/settings/"),
        (SyncOptions, "nowhere"),
    ],
)
def test_every_field_that_is_parsed_is_used_or_said_to_have_no_effect(
    struct: type[msgspec.Struct], home: str
) -> None:
    fields = [field.name for field in msgspec.structs.fields(struct)]
    unread = {name for name in fields if not is_read(name, but_in=home)}
    assert unread <= UNUSED.keys()
    for name in unread & UNUSED.keys():
        rows = [row_of(surface, UNUSED[name]) for surface in (Surface.SETTINGS, Surface.PARAMETERS)]
        assert any(row is not None and row.effect is Effect.NONE for row in rows), name


def test_every_setting_that_is_said_to_act_is_read() -> None:
    text = "".join(SOURCES.values())
    for row in ROWS:
        is_plain = "*" not in row.name and row.surface in (Surface.SETTINGS, Surface.PARAMETERS)
        if is_plain and row.effect is Effect.ACTS:
            assert f'"{row.name}"' in text or row.name in text, row.name


def test_every_field_of_a_project_is_in_the_table() -> None:
    fields = {field.encode_name for field in msgspec.structs.fields(AppProjectSpec)}
    assert fields == {row.name for row in ROWS if row.surface is Surface.PROJECT}


def test_what_has_no_effect_and_what_nobody_knows_is_said() -> None:
    said = list(without_effect(Surface.SYNC_OPTION, ["Prune=false", "Prun=false", "CreateNamespace=true"]))
    assert said == ["Prun=false is not known and has no effect"]
    assert list(without_effect(Surface.SETTINGS, ["url", "webhook.refresh.jitter"])) == [
        "webhook.refresh.jitter has no effect yet"
    ]
