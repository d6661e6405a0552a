"""Wishes as they are read: none keeps another from being read."""

from collections.abc import AsyncIterator
from unittest.mock import MagicMock

from structlog.testing import capture_logs

from fairlead.bus import Entry
from fairlead.bus.key_value import READY
from fairlead.events import RepositorySource, SourcesWanted, subjects
from fairlead.events.envelope import encode
from fairlead.repo_server.remotes.declared import AppKey, Declared


def stored(name: str) -> Entry:
    wish = SourcesWanted(
        namespace="argocd",
        name=name,
        instance=name,
        project="default",
        sources=(RepositorySource(repo_url="https://host/x", path=name),),
    )
    return Entry(key=subjects.app_tokens("argocd", name), value=encode(wish), revision=1)


async def arriving(*entries: Entry) -> AsyncIterator[Entry]:
    for one in entries:
        yield one


async def test_a_wish_that_breaks_its_reader_keeps_no_other_from_being_read() -> None:
    bus, taken = MagicMock(), list[str]()
    entries = (stored("poison"), Entry(key="nonsense", value=b"x", revision=1), stored("web"), READY)
    bus.key_value.return_value.watch = lambda: arriving(*entries)

    def changed(app: AppKey, _: object, __: object) -> None:
        if app.name == "poison":
            raise ZeroDivisionError(app.name)
        taken.append(app.name)

    declared = Declared(bus, changed)
    with capture_logs() as told:
        await declared.watch()
    assert taken == ["web"]
    assert declared.is_ready
    assert [line["key"] for line in told if line["event"] == "wish.broke"] == [entries[0].key, "nonsense"]
