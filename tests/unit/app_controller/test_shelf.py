"""Ledgers are read as looks ask for them, written behind, and nobody waits for a cache that is away."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

import pytest

from fairlead.app_controller.book import Book, Record
from fairlead.app_controller.comparing.comparison import compare_application
from fairlead.app_controller.comparing.desired import DesiredState, gist_of
from fairlead.app_controller.looking import shelf
from fairlead.app_controller.looking.shelf import Shelf
from fairlead.app_controller.rendering.render import Render
from fairlead.cache import Cache
from fairlead.cache.keys import Key
from fairlead.kube.catalogue import Catalogue
from fairlead.model.decode import decode_application
from tests.unit.app_controller.test_ledger import BASIS, Told, key_of


class Memory:
    """A cache that counts its requests."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}
        self.asked: list[int] = []
        self.put: list[int] = []
        self.is_away = False

    async def get_many(self, keys: Sequence[Key]) -> list[bytes | None]:
        self.asked.append(len(keys))
        return [None if self.is_away else self.held.get(key) for key in keys]

    async def put_many(self, values: Mapping[Key, bytes], *, ttl: int) -> bool:
        self.put.append(len(values))
        if not self.is_away:
            self.held |= {str(key): value for key, value in values.items()}
        return not self.is_away


def record_of(name: str, uid: str = "u") -> Record:
    metadata = {"name": name, "namespace": "argocd", "uid": uid}
    body = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": metadata, "spec": {}}
    return Book("argocd").open(decode_application(json.dumps(body).encode()))


async def compared(name: str) -> tuple[Record, Told]:
    """An application that was compared and is in sync."""
    told, record = Told({key_of("ConfigMap", "a"): ("red", "")}), record_of(name)
    told.put(key_of("ConfigMap", "a"), "red", "app", "", False)
    await compare_application(told.subject(), told.ledger)
    record.ledger = told.ledger
    record.render = Render(digest=BASIS.digest, revisions=("c",))
    record.desired = DesiredState(
        basis=BASIS, opened=told.prepared, catalogue=Catalogue(()), gist=gist_of(told.prepared)
    )
    return record, told


def copied(record: Record, name: str) -> Record:
    """Another application that was compared alike."""
    other = record_of(name)
    other.ledger, other.render, other.desired = record.ledger, record.render, record.desired
    return other


@pytest.fixture
def memory() -> Memory:
    return Memory()


def shelf_of(memory: Memory, told: Told | None = None) -> Shelf:
    return Shelf(cast(Cache, memory), lambda _: cast(Any, told.cluster if told is not None else None))


async def flushed(on: Shelf) -> None:
    """As a controller that ends."""
    running = asyncio.create_task(on.run())
    await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_looks_that_ask_together_cost_one_request(memory: Memory) -> None:
    on = shelf_of(memory)
    found = await asyncio.gather(*(on.page(record_of(f"app-{number}")) for number in range(20)))
    assert found == [None] * 20
    assert memory.asked == [20]


async def test_what_was_noted_is_written_at_the_end_and_read_by_the_next_process(memory: Memory) -> None:
    record, told = await compared("app")
    first = shelf_of(memory, told)
    first.note(record)
    first.note(record)
    await flushed(first)
    assert memory.put == [1]
    page = await shelf_of(memory).page(record)
    assert page is not None
    assert [row.key for row in page.wanted] == [key_of("ConfigMap", "a")]
    assert page.render == record.render


async def test_what_says_the_same_is_not_written_again(memory: Memory) -> None:
    record, told = await compared("app")
    on = shelf_of(memory, told)
    for _ in range(2):
        on.note(record)
        await flushed(on)
    assert memory.put == [1]
    told.put(key_of("ConfigMap", "a"), "red", "app", "", False)
    await compare_application(told.subject(), told.ledger)
    on.note(record)
    await flushed(on)
    assert memory.put == [1, 1]


async def test_a_page_of_another_application_of_the_name_is_none(memory: Memory) -> None:
    record, told = await compared("app")
    first = shelf_of(memory, told)
    first.note(record)
    await flushed(first)
    assert await shelf_of(memory).page(record_of("app", uid="made anew")) is None


async def test_what_the_cache_did_not_take_is_written_with_the_next_look(memory: Memory) -> None:
    record, told = await compared("app")
    on = shelf_of(memory, told)
    memory.is_away = True
    on.note(record)
    await flushed(on)
    assert await on.page(record) is None
    memory.is_away = False
    on.note(record)
    await flushed(on)
    assert memory.put == [1, 1]


async def test_what_is_compared_with_another_render_is_not_written(memory: Memory) -> None:
    record, told = await compared("app")
    record.render = Render(digest="another")
    on = shelf_of(memory, told)
    on.note(record)
    await flushed(on)
    assert memory.put == []


async def test_a_reader_that_fails_leaves_nobody_waiting(memory: Memory) -> None:
    async def broken(_: Sequence[Key]) -> list[bytes | None]:
        raise RuntimeError("broken")

    memory.get_many = broken  # type: ignore[method-assign]
    on = shelf_of(memory)
    async with asyncio.timeout(30):
        assert await on.page(record_of("app")) is None


def test_a_page_lives_longer_than_it_takes_to_be_written_again() -> None:
    assert shelf.LIVES / 2 > 86400


async def test_an_application_that_goes_while_others_are_written_keeps_none_of_them_from_it(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "REQUEST_BYTES", 1)
    record, told = await compared("app")
    gone, last = copied(record, "gone"), copied(record, "last")
    on = shelf_of(memory, told)
    for one in (record, gone, last):
        on.note(one)
    put = memory.put_many

    async def goes(values: Mapping[Key, bytes], *, ttl: int) -> bool:
        on.forget(gone.id)
        return await put(values, ttl=ttl)

    memory.put_many = goes  # type: ignore[method-assign]
    await flushed(on)
    assert memory.put == [1, 1]
    assert await shelf_of(memory).page(last) is not None


async def test_large_pages_are_written_by_few_at_a_time(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "REQUEST_BYTES", 500)
    record, told = await compared("app")
    on = shelf_of(memory, told)
    for number in range(8):
        on.note(copied(record, f"app-{number}"))
    await flushed(on)
    assert sum(memory.put) == 8
    assert max(memory.put) < 8


async def test_a_page_of_a_process_before_is_written_again_before_it_may_be_gone(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, told = await compared("app")
    on = shelf_of(memory, told)
    on.recalled(record)
    on.note(record)
    await flushed(on)
    assert memory.put == []
    monkeypatch.setattr(shelf, "AGAIN_WITHIN", 0)
    on.recalled(record)
    on.note(record)
    await flushed(on)
    assert memory.put == [1]
