"""What is written goes on while mirrors are tidied."""

import asyncio
from pathlib import Path

import pytest

from fairlead.archives.pack import BLOB
from fairlead.commit_server.repository import MANY
from fairlead.commit_server.tidy import Tidier
from tests.unit.commit_server.test_repository import URL, declared, repositories


async def test_nobody_waits_for_what_packs_the_objects_of_a_mirror(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, found = repositories(tmp_path)
    book.put("shared", declared("everybodys"))  # type: ignore[arg-type]
    repository = found.of(URL, "shop")
    packs, ended = asyncio.Event(), asyncio.Event()

    async def maintain() -> None:
        packs.set()
        await ended.wait()

    monkeypatch.setattr(repository, "maintain", maintain)
    tidying = asyncio.create_task(Tidier(found, tmp_path).round())
    await packs.wait()
    assert not repository.turn.locked()
    ended.set()
    await tidying
    await Tidier(found, tmp_path).round(idle=-1.0)
    assert not list(found), "what nobody writes to goes"


async def test_what_was_made_for_pushes_that_are_refused_is_put_together(tmp_path: Path) -> None:
    book, found = repositories(tmp_path)
    book.put("shared", declared("everybodys"))  # type: ignore[arg-type]
    repository = found.of(URL, "shop")
    await repository.mirror.open()
    for number in range(MANY):
        await repository.put([(BLOB, str(number).encode())])
    packs = repository.mirror.path / "objects" / "pack"
    assert len(list(packs.glob("*.pack"))) == MANY
    await Tidier(found, tmp_path).round()
    assert len(list(packs.glob("*.pack"))) < MANY // 2
    assert not repository.packs
