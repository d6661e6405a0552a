"""The index of objects is what a pass over the statuses of all applications would find, after any changes."""

from collections import Counter
from collections.abc import ValuesView
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.api_server import resource_index
from fairlead.api_server.documents import ApplicationDocument, read_application
from fairlead.api_server.mirror import Change
from fairlead.api_server.resource_index import SETS, Found, ResourceIndex


class Held:
    """What the index asks of a mirror."""

    def __init__(self) -> None:
        self.documents: dict[str, ApplicationDocument] = {}

    def unsorted(self) -> ValuesView[ApplicationDocument]:
        return self.documents.values()

    def get(self, key: str) -> ApplicationDocument | None:
        return self.documents.get(key)


def document(name: str, number: int, project: str = "a") -> ApplicationDocument:
    """An application whose objects follow from a number."""
    resources: list[dict[str, Any]] = [
        {
            "group": "apps" if at % 2 else "",
            "version": "v1",
            "kind": "Deployment" if at % 2 else "ConfigMap",
            "namespace": f"n{number % 3}",
            "name": f"{name}-{at}",
            "status": "Synced" if (number + at) % 4 else "OutOfSync",
        }
        for at in range(number % 5)
    ]
    raw = {
        "metadata": {"name": name, "namespace": "argocd", "resourceVersion": str(number)},
        "spec": {"project": project, "destination": {"name": f"c{number % 2}"}},
        "status": {"resources": resources, "health": {"status": "Healthy" if number % 3 else "Degraded"}},
    }
    return read_application(msgspec.json.encode(raw))


CHANGES = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.integers(0, 59), st.sampled_from("pq")), max_size=30
)


def names(found: list[Found]) -> list[str]:
    return sorted(one.name for one in found)


@settings(max_examples=100, deadline=None)
@given(CHANGES, st.integers(0, 30))
async def test_the_index_is_what_a_pass_over_all_statuses_finds(
    changes: list[tuple[str, int, str]], begun: int
) -> None:
    held = Held()
    index = ResourceIndex(held)  # type: ignore[arg-type]
    for at, (name, number, project) in enumerate(changes):
        if at == begun:
            await index.ready()
        one = document(name, number, project)
        former = held.documents.pop(name, None)
        if number % 10 == 9:
            index.take(Change("DELETED", former or one))
        else:
            held.documents[name] = one
            index.take(Change("MODIFIED" if former else "ADDED", one))
    await index.ready()
    fresh = ResourceIndex(held)  # type: ignore[arg-type]
    await fresh.ready()
    objects = fresh.chosen(fresh.all)
    assert names(index.chosen(index.all)) == names(objects)
    for facet, value_of in SETS.items():
        counts = Counter(map(value_of, objects))
        assert {value: found.bit_count() for value, found in index.values(facet).items()} == counts
    for namespace in ("n0", "n1", "n2"):
        wanted = names([one for one in objects if one.namespace == namespace])
        assert names(index.chosen(index.in_namespaces((namespace,)))) == wanted
    for key in held.documents:
        wanted = names([one for one in objects if one.document.key == key])
        assert names(index.chosen(index.of_applications((key,)))) == wanted
    wanted = names([one for one in objects if "a-1" in one.name])
    assert names(index.chosen(index.saying("a-1") & index.all)) == wanted


async def test_what_is_healthy_is_known_of_a_healthy_application_and_asked_of_another() -> None:
    held = Held()
    held.documents = {"a": document("a", 4), "b": document("b", 3)}
    index = ResourceIndex(held)  # type: ignore[arg-type]
    await index.ready()
    health = {one.name: one.health for one in index.chosen(index.all)}
    assert health == {
        "a-0": "",
        "a-1": "Healthy",
        "a-2": "",
        "a-3": "Healthy",
        "b-0": "",
        "b-1": "",
        "b-2": "",
    }
    assert list(index.unjudged) == ["b"]
    key = ("apps", "Deployment", "n0", "b-1")
    index.judged(held.documents["a"], {key: "Degraded"})
    index.judged(held.documents["b"], {key: "Degraded"})
    assert names(index.chosen(index.of("health", ("Degraded",)))) == ["b-1"]
    assert not index.unjudged
    held.documents["b"] = document("b", 33)
    index.take(Change("MODIFIED", held.documents["b"]))
    assert list(index.unjudged) == ["b"]


async def test_applications_that_find_no_room_are_left_out_and_that_is_said(monkeypatch: Any) -> None:
    monkeypatch.setattr(resource_index, "MAX_OBJECTS", 5)
    held = Held()
    held.documents = {"a": document("a", 4), "b": document("b", 4)}
    index = ResourceIndex(held)  # type: ignore[arg-type]
    await index.ready()
    assert index.is_cut
    assert index.all.bit_count() == 4


async def test_an_index_that_nobody_asks_is_dropped_and_made_anew(monkeypatch: Any) -> None:
    held = Held()
    held.documents = {"a": document("a", 4)}
    index = ResourceIndex(held)  # type: ignore[arg-type]
    await index.ready()
    monkeypatch.setattr(resource_index, "UNUSED", -1.0)
    index.take(Change("MODIFIED", held.documents["a"]))
    assert not index.is_kept
    assert not index.all
    await index.ready()
    assert index.all.bit_count() == 4
