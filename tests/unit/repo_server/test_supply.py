"""Between two tries of a render what it lacks is obtained, within bounds and for who may have it."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from fairlead.git import GitInvalidError, GitTransientError
from fairlead.render import (
    Lane,
    ReadEntry,
    RenderInvalidError,
    RenderNeedsError,
    RenderPool,
    RenderRequest,
    RenderResult,
    RenderTransientError,
    Want,
)
from fairlead.repo_server.supplying import supply
from fairlead.repo_server.supplying.provider import Asker, Obtained, opened_at
from fairlead.repo_server.supplying.supply import MAX_ROUNDS, MAX_WANTS, Supplier

ASKER = Asker(
    project="shop",
    source_repos=("https://git.example.com/*", "!https://git.example.com/secret"),
    url="https://git.example.com/web",
    mirror=Path("/mirrors/web"),
    commit="a" * 40,
)
REQUEST = RenderRequest(mirror=Path("/mirrors/web"), commit="a" * 40)
READS = (ReadEntry(path="Chart.yaml", kind="blob", oid="b" * 40),)


def want(name: str, kind: str = "chart") -> Want:
    refusal = f"Chart.yaml: {name} is missing"
    return msgspec.convert(
        {"key": name, "kind": kind, "name": name, "file": "Chart.yaml", "refusal": refusal}, Want
    )


class Engine:
    """Lacks what `lacking` says, given what was supplied."""

    def __init__(self, lacking: Callable[[set[str]], list[Want]]) -> None:
        self._lacking = lacking
        self.rounds: list[set[str]] = []

    async def render(self, request: RenderRequest, *, lane: Lane) -> RenderResult:
        del lane
        self.rounds.append(set(request.supplies))
        if missing := self._lacking(set(request.supplies)):
            text = "; ".join(one.refusal for one in missing)
            raise RenderNeedsError(text, wants=tuple(missing), file="Chart.yaml", reads=READS)
        return RenderResult(documents=[], source_type="Helm", reads=())


class Shelf:
    """Has everything, but for what it is to fail with."""

    def __init__(self, failures: dict[str, Exception] | None = None) -> None:
        self._failures = failures or {}
        self.asked: list[tuple[str, Asker]] = []
        self.settled = True

    async def supply(self, wanted: Want, asker: Asker) -> Obtained:
        self.asked.append((wanted.name, asker))
        await asyncio.sleep(0)
        if failure := self._failures.get(wanted.name):
            raise failure
        opened = ("https://charts.example.com",) if wanted.name == "private" else ()
        return Obtained(mirror=Path("/mirrors/x"), object="c" * 40, settled=self.settled, opened=opened)


def supplier(engine: Engine, shelf: Shelf | None) -> Supplier:
    pool: RenderPool = engine  # type: ignore[assignment]
    return Supplier(pool, {"chart": shelf} if shelf else {})


async def test_what_lacks_nothing_is_asked_for_once() -> None:
    engine = Engine(lambda _: [])
    _, supplied = await supplier(engine, None).render(REQUEST, ASKER)
    assert (engine.rounds, supplied.is_settled, supplied.opened) == ([set()], True, ())


async def test_each_round_gives_what_the_one_before_lacked_and_all_that_was_given_before() -> None:
    engine = Engine(
        lambda has: [want("a"), want("private")] if not has else [want("c")] if len(has) < 3 else []
    )
    shelf = Shelf()
    shelf.settled = False
    _, supplied = await supplier(engine, shelf).render(REQUEST, ASKER)
    assert engine.rounds == [set(), {"a", "private"}, {"a", "private", "c"}]
    assert (supplied.is_settled, supplied.opened) == (False, ("https://charts.example.com",))
    assert {asker for _, asker in shelf.asked} == {ASKER}


async def test_what_nobody_can_supply_is_refused_in_the_engines_words() -> None:
    engine = Engine(lambda _: [want("a"), want("b", "lfs")])
    with pytest.raises(
        RenderInvalidError, match=r"^Chart\.yaml: a is missing; Chart\.yaml: b is missing$"
    ) as all_:
        await supplier(engine, None).render(REQUEST, ASKER)
    assert (type(all_.value), all_.value.reads) == (RenderInvalidError, READS)
    shelf = Shelf()
    with pytest.raises(RenderInvalidError, match=r"^Chart\.yaml: b is missing$"):
        await supplier(engine, shelf).render(REQUEST, ASKER)
    assert shelf.asked == [], "nothing is fetched for a render that fails all the same"


@pytest.mark.parametrize(
    ("failure", "kind", "text"),
    [
        (RenderInvalidError("there is no such chart"), RenderInvalidError, "there is no such chart"),
        (RenderTransientError("the host is away"), RenderTransientError, "the host is away"),
        (GitInvalidError("the address is refused"), RenderInvalidError, "Chart.yaml: the address is refused"),
        (GitTransientError("no answer"), RenderTransientError, "Chart.yaml: no answer"),
        (TimeoutError(), RenderTransientError, "Chart.yaml: chart a  of  could not be had within 90 s"),
    ],
)
async def test_a_failure_to_obtain_is_the_renders_and_depends_on_what_that_read(
    failure: Exception, kind: type[Exception], text: str
) -> None:
    engine = Engine(lambda has: [want("a")] if not has else [])
    with pytest.raises(kind) as caught:
        await supplier(engine, Shelf({"a": failure})).render(REQUEST, ASKER)
    assert isinstance(caught.value, RenderInvalidError | RenderTransientError)
    assert (str(caught.value), caught.value.file, caught.value.reads) == (text, "Chart.yaml", READS)


async def test_who_wants_the_same_at_the_same_time_waits_for_one_look_and_others_for_their_own() -> None:
    engine = Engine(lambda has: [want("a")] if not has else [])
    shelf = Shelf()
    work = supplier(engine, shelf)
    other = msgspec.structs.replace(ASKER, project="other")
    await asyncio.gather(*(work.render(REQUEST, asker) for asker in (ASKER, ASKER, other)))
    assert sorted(asker.project for _, asker in shelf.asked) == ["other", "shop"]


async def test_a_render_that_always_lacks_more_ends() -> None:
    engine = Engine(lambda has: [want(str(len(has)))])
    with pytest.raises(RenderInvalidError, match="needs more"):
        await supplier(engine, Shelf()).render(REQUEST, ASKER)
    assert len(engine.rounds) == MAX_ROUNDS
    engine = Engine(lambda has: [want(f"{len(has)}-{n}") for n in range(100)])
    with pytest.raises(RenderInvalidError, match=f"more than {MAX_WANTS} things"):
        await supplier(engine, Shelf()).render(REQUEST, ASKER)


async def test_credentials_are_for_what_the_project_permits() -> None:
    assert ASKER.permits("https://git.example.com/charts")
    assert not ASKER.permits("https://git.example.com/secret")
    assert not ASKER.permits("https://charts.example.com")
    assert not msgspec.structs.replace(ASKER, source_repos=()).permits("https://git.example.com/charts")


def test_what_a_project_opened_with_its_own_credentials_is_its_own() -> None:
    url = "https://git.example.com/charts"
    own, shared = opened_at(url, "shop"), opened_at(url, "")
    other = msgspec.structs.replace(ASKER, project="other")
    assert [ASKER.may_have(own), ASKER.may_have(shared)] == [True, True]
    assert [other.may_have(own), other.may_have(shared)] == [False, True]
    assert not ASKER.may_have(opened_at("https://git.example.com/secret", "shop"))


def test_a_want_is_named_without_the_password_in_its_address() -> None:
    found = supply.named(Want(key="k", kind="file", url="https://me:secret@x.example/a.yaml"))
    assert found == "https://x.example/a.yaml"


async def test_what_was_obtained_under_other_rules_is_not_shared() -> None:
    """A policy that is taken back holds for who asks then, also while somebody is still served by it."""
    engine = Engine(lambda has: [want("a")] if not has else [])
    shelf = Shelf()
    work = supplier(engine, shelf)
    stricter = msgspec.structs.replace(ASKER, source_repos=("https://git.example.com/web",))
    telling = msgspec.structs.replace(ASKER, pass_credentials=True)
    await asyncio.gather(*(work.render(REQUEST, asker) for asker in (ASKER, stricter, telling)))
    assert [asker for _, asker in shelf.asked] == [ASKER, stricter, telling]
