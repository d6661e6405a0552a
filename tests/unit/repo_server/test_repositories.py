"""What a Secret that is read changes, and what is said of it."""

from collections.abc import AsyncIterator
from unittest.mock import MagicMock

import pytest
from structlog.testing import capture_logs

from fairlead.bus import Entry
from fairlead.events import CredentialsListed, RepositoryCredentials
from fairlead.events.credentials import INDEX, context_of
from fairlead.events.envelope import encode
from fairlead.git.entries import RepositoryEntry
from fairlead.process.handed_credentials import Repositories
from fairlead.secret.seal import Seal, derive

SEAL = Seal(derive(b"secret" * 4, "test"))


def entry(key: str, data: dict[str, str]) -> Entry:
    credentials = RepositoryCredentials(secret=key, secret_type="repository", data=data)
    return Entry(key=key, value=SEAL.seal(context_of(key), encode(credentials)), revision=1)


def listed(*secrets: str) -> Entry:
    return Entry(
        key=INDEX, value=SEAL.seal(context_of(INDEX), encode(CredentialsListed(secrets=secrets))), revision=1
    )


async def arriving(*entries: Entry) -> AsyncIterator[Entry]:
    for one in entries:
        yield one


def test_only_a_change_after_all_were_handed_over_is_one() -> None:
    changes: list[str] = []
    book = Repositories(lambda: changes.append("changed"))
    first = entry("one", {"url": "https://host/x", "password": "p"})
    book.take(first, SEAL)
    book.take(listed("one"), SEAL)
    book.take(first, SEAL)
    assert changes == []
    book.take(entry("one", {"url": "https://host/x", "password": "q"}), SEAL)
    assert changes == ["changed"]
    book.take(listed(), SEAL)
    assert changes == ["changed", "changed"]


async def test_an_entry_that_breaks_its_reader_keeps_no_other_from_being_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bus, book, real = MagicMock(), Repositories(), Repositories.put
    bus.key_value.return_value.watch = lambda: arriving(
        entry("bad", {"url": "https://host/bad"}), good, all_of
    )
    good, all_of = entry("good", {"url": "https://host/good"}), listed("bad", "good")

    def broken(self: Repositories, name: str, read: RepositoryEntry | None) -> bool:
        if name == "bad":
            raise ZeroDivisionError(name)
        return real(self, name, read)

    monkeypatch.setattr(Repositories, "put", broken)
    with capture_logs() as told:
        await book.watch(bus, SEAL)
    assert [line["entry"] for line in told if line["event"] == "repository.credentials.broke"] == ["bad"]
    assert book.find("https://host/good", "default") is not None
    assert book.is_synced


def test_fields_without_effect_are_said_once() -> None:
    book = Repositories()
    data = {"url": "https://host/x", "webhookManifestCacheWarmDisabled": "true", "password": "canary"}
    with capture_logs() as told:
        book.take(entry("one", data), SEAL)
        book.take(entry("one", data), SEAL)
    warned = [line for line in told if line["log_level"] == "warning"]
    assert [line["fields"] for line in warned] == [("webhookManifestCacheWarmDisabled",)]
    assert "canary" not in str(told)


def test_a_secret_that_cannot_be_used_is_said_with_the_field_and_without_its_value() -> None:
    with capture_logs() as told:
        Repositories().take(entry("one", {"url": "https://host/x", "enableOCI": "canary"}), SEAL)
    [line] = [line for line in told if line["log_level"] == "warning"]
    assert (line["event"], line["secret"]) == ("repository.secret.unusable", "one")
    assert line["reason"].endswith("enableOCI is neither true nor false")
    assert "canary" not in str(told)
