"""The index of applications is what a pass over all of them would find, after any changes."""

from collections import Counter

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.api_server.documents import ApplicationDocument, read_application
from fairlead.api_server.facets import FACETS, ORDERS, text_of
from fairlead.api_server.index import REMEMBERED, ApplicationIndex, bits
from fairlead.api_server.mirror import Change
from fairlead.api_server.operations.application.select import label_matcher
from fairlead.api_server.operations.search.asked import SearchQuery
from fairlead.api_server.operations.search.chosen import Names, chosen
from fairlead.api_server.operations.search.counted import MAX_TOLD, counted
from fairlead.api_server.operations.search.row import row_of

NAMES = Names({"https://one": "one"}, {"one": "https://one"})


def document(name: str, number: int = 0, project: str = "a", **labels: str) -> ApplicationDocument:
    """An application whose state follows from a number."""
    servers = ({"server": "https://one"}, {"name": "one"}, {"server": "https://two"})
    raw = {
        "metadata": {"name": name, "namespace": "argocd", "labels": labels, "resourceVersion": str(number)},
        "spec": {
            "project": project,
            "source": {"repoURL": f"https://git.example/r{number % 3}.git"},
            "destination": {**servers[number % 3], "namespace": f"n{number % 4}"},
            "syncPolicy": {"automated": {}} if number % 2 else {},
        },
        "status": {
            "sync": {"status": ("Synced", "OutOfSync", "")[number % 3]},
            "health": {"status": ("Healthy", "Degraded", "Progressing", "")[number % 4]},
            "operationState": {"phase": "Running"} if number % 5 == 1 else None,
        },
    }
    if raw["status"]["operationState"] is None:
        del raw["status"]["operationState"]
    return read_application(msgspec.json.encode(raw))


CHANGES = st.lists(
    st.tuples(
        st.sampled_from("abcdefgh"), st.integers(0, 59), st.sampled_from("pqr"), st.sampled_from("xyz")
    ),
    max_size=40,
)


def made(changes: list[tuple[str, int, str, str]]) -> tuple[ApplicationIndex, dict[str, ApplicationDocument]]:
    """An index after changes, and what there is then; every tenth number is a deletion."""
    index, there = ApplicationIndex(), {}
    for name, number, project, label in changes:
        one = document(name, number, project, team=label)
        former = there.pop(name, None)
        if number % 10 == 9:
            index.take(Change("DELETED", former or one))
        else:
            there[name] = one
            index.take(Change("MODIFIED" if former else "ADDED", one))
    return index, there


@settings(max_examples=150, deadline=None)
@given(CHANGES)
def test_the_index_is_what_a_pass_over_all_applications_finds(
    changes: list[tuple[str, int, str, str]],
) -> None:
    index, there = made(changes)
    documents = list(there.values())
    assert {one.key for one in index.documents(index.all)} == set(there)
    for facet, values_of in FACETS.items():
        counts = Counter(value for one in documents for value in values_of(one))
        assert {value: found.bit_count() for value, found in index.values(facet).items()} == counts
        frequent = list(index.frequent(facet))
        assert dict(frequent) == counts
        assert [total for _, total in frequent] == sorted(counts.values(), reverse=True)
    for order, rank_of in ORDERS.items():
        sorted_keys = [one.key for one in sorted(documents, key=lambda one: (rank_of(one), one.key))]
        page = index.page(order, index.all, offset=0, limit=100)
        assert [one.key for one in page] == sorted_keys
        page = index.page(order, index.all, offset=1, limit=2, is_down=True)
        assert [one.key for one in page] == sorted_keys[::-1][1:3]
    found = index.saying(["r1"])
    assert {one.key for one in index.documents(found)} == {
        one.key for one in documents if "r1" in text_of(one)
    }


@settings(max_examples=150, deadline=None)
@given(
    changes=CHANGES,
    projects=st.lists(st.sampled_from("pqr"), max_size=2),
    sync=st.lists(st.sampled_from(["Synced", "OutOfSync", "Unknown"]), max_size=2),
    selector=st.sampled_from(
        ["", "team", "!team", "team=x", "team!=x", "team in (x, y)", "team notin (z),team"]
    ),
    cluster=st.sampled_from(["", "one", "https://one", "https://two"]),
    mask=st.integers(0, 255),
)
def test_counts_are_those_of_what_is_seen_and_meant(
    *,
    changes: list[tuple[str, int, str, str]],
    projects: list[str],
    sync: list[str],
    selector: str,
    cluster: str,
    mask: int,
) -> None:
    index, _ = made(changes)
    seen = index.all & mask
    query = SearchQuery(
        project=tuple(projects),
        sync=tuple(sync),
        selector=selector,
        cluster=(cluster,) if cluster else (),
    )
    found = chosen(index, query, seen, NAMES)
    matches = label_matcher(selector)

    def is_meant(one: ApplicationDocument, but: str = "") -> bool:
        server = NAMES.server(one.destination)
        return (
            matches(one.labels)
            and (but == "project" or not projects or one.project in projects)
            and (but == "sync" or not sync or (one.sync_status or "Unknown") in sync)
            and (but == "cluster" or not cluster or server == NAMES.server(cluster))
        )

    visible = list(index.documents(seen))
    assert {one.key for one in index.documents(found.whole)} == {one.key for one in visible if is_meant(one)}
    counts = counted(index, tuple(FACETS), found, NAMES)
    for facet, values_of in FACETS.items():
        expected: Counter[str] = Counter()
        for one in visible:
            if is_meant(one, but=facet):
                values = values_of(one)
                expected.update(map(NAMES.server, values) if facet == "cluster" else values)
        assert {each.value: each.count for each in counts[facet].values} == expected
        assert not counts[facet].more


def test_many_values_are_counted_by_sets_as_they_are_one_by_one() -> None:
    index = ApplicationIndex()
    for number in range(2000):
        index.take(
            Change("ADDED", document(f"app-{number:04}", number, own=str(number), team=str(number % 7)))
        )
    every = chosen(index, SearchQuery(), index.all, NAMES)
    labels = counted(index, ("label",), every, NAMES)["label"]
    assert labels.more
    assert len(labels.values) == MAX_TOLD
    assert [each.value for each in labels.values[:7]] == [
        "team=0", "team=1", "team=2", "team=3", "team=4", "team=5", "team=6"
    ]  # fmt: skip
    assert [each.count for each in labels.values[:7]] == [286] * 5 + [285] * 2
    query = SearchQuery(namespace=("n0", "n1", "n2", "n3"), search="app")
    most = chosen(index, query, index.all & ~0b1111, NAMES)
    labels = counted(index, ("label",), most, NAMES)["label"]
    assert sorted(each.count for each in labels.values[:7]) == [285] * 6 + [286]
    few = chosen(index, SearchQuery(search="app-000"), index.all, NAMES)
    labels = counted(index, ("label",), few, NAMES)["label"]
    assert sum(each.count for each in labels.values) == 20
    assert not labels.more


def test_a_change_costs_what_changed_and_is_known_for_a_while() -> None:
    index = ApplicationIndex()
    index.take(Change("ADDED", document("a", 0)))
    index.take(Change("ADDED", document("b", 0)))
    before = index.version
    members = index.members
    index.take(Change("MODIFIED", document("b", 1)))
    changed = index.changed_since(before)
    assert changed is not None
    assert list(bits(changed)) == [1]
    assert index.members == members
    index.take(Change("MODIFIED", document("b", 1, project="other")))
    assert index.members > members
    for number in range(REMEMBERED):
        index.take(Change("MODIFIED", document("a", number % 8)))
    assert index.changed_since(before) is None
    assert index.changed_since(index.version) == 0


def test_no_password_of_a_misspelt_address_is_a_value_or_found_by_its_letters() -> None:
    index = ApplicationIndex()
    address = "http//someone:hunter2@git.example/x.git"
    raw = {"metadata": {"name": "a"}, "spec": {"source": {"repoURL": address}, "destination": {}}}
    one = read_application(msgspec.json.encode(raw))
    index.take(Change("ADDED", one))
    assert not any("hunter2" in value for value in index.values("repo"))
    assert index.saying(["hunter2"]) == 0
    assert b"hunter2" not in row_of(one)
    meant = chosen(index, SearchQuery(repo=(address,)), index.all, NAMES)
    assert meant.whole == index.all
