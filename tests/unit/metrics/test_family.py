"""Families of metrics by owner, and the exposition that is made of them."""

import asyncio

from fairlead.metrics import Exposition, Family, labelled
from fairlead.metrics.family import MOST_LINES


def text(family: Family) -> str:
    return b"".join(family.written()).decode()


def test_a_family_is_written_as_prometheus_reads_it() -> None:
    family = Family("syncs_total", "counter", "Syncs")
    family.add("web", labelled(name="web", phase="Succeeded"))
    family.add("web", labelled(name="web", phase="Succeeded"), 1.5)
    family.add("db", labelled(name="db"))
    assert text(family) == (
        "# HELP syncs_total Syncs\n# TYPE syncs_total counter\n"
        'syncs_total{name="web",phase="Succeeded"} 2.5\nsyncs_total{name="db"} 1\n'
    )


def test_what_a_label_may_hold_cannot_end_it() -> None:
    assert labelled(name='a"b\\c\nd') == r'{name="a\"b\\c\nd"}'


def test_only_what_changed_is_written_anew() -> None:
    family = Family("n", "gauge", "")
    for owner in range(3):
        family.add(owner, labelled(owner=str(owner)))
    before = list(family.written())[1:]
    family.add(1, labelled(owner="1"))
    after = list(family.written())[1:]
    assert [one is other for one, other in zip(before, after, strict=True)] == [True, False, True]


def test_what_is_gone_is_forgotten() -> None:
    family = Family("n", "gauge", "")
    family.add("a", labelled(x="1"))
    family.add("b", labelled(x="2"))
    list(family.written())
    family.forget("a")
    assert 'x="1"' not in text(family)
    family.clear()
    assert "n{" not in text(family)


def test_one_owner_has_so_many_lines_and_no_more() -> None:
    family = Family("n", "counter", "")
    for number in range(MOST_LINES + 50):
        family.add("a", labelled(number=str(number)))
    family.add("a", labelled(number="0"))
    assert text(family).count("\nn{") == MOST_LINES
    assert 'n{number="0"} 2' in text(family)


async def test_a_scrape_of_ten_thousand_lets_others_run() -> None:
    family = Family("n", "gauge", "")
    for owner in range(10_000):
        family.add(owner, labelled(owner=str(owner)))
    exposition, turns = Exposition(), 0
    exposition.add(family.written)

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    body = await exposition.written()
    counting.cancel()
    assert body.count(b"\nn{") == 10_000
    assert turns >= 40


async def test_what_the_client_counts_is_exposed_beside_and_says_no_times_of_birth() -> None:
    body = await Exposition().written()
    assert b"# TYPE argocd_info gauge" in body
    assert b"_created" not in body
