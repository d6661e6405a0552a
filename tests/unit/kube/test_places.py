"""The small containers of the live index behave as the large ones they stand for."""

from hypothesis import given
from hypothesis import strategies as st

from fairlead.kube.few import Few, added, dropped, each
from fairlead.kube.live_index import LiveIndex
from fairlead.kube.live_object import LiveObject
from fairlead.kube.places import Places
from tests.unit.kube.objects import live

steps = st.lists(st.tuples(st.integers(0, 14), st.booleans()), max_size=60)


@given(steps)
def test_a_few_names_are_held_as_by_a_set(changes: list[tuple[int, bool]]) -> None:
    held: Few | None = None
    expected: dict[int, None] = {}
    for name, is_drop in changes:
        if is_drop:
            held = dropped(held, name)
            expected.pop(name, None)
        else:
            held = added(held, name)
            expected.setdefault(name)
        assert list(each(held)) == list(expected)
    assert (held is None) == (not expected)


@given(steps)
def test_places_find_what_a_dict_would_find(changes: list[tuple[int, bool]]) -> None:
    places, expected = Places(), dict[str, LiveObject]()
    for version, (number, is_drop) in enumerate(changes, 1):
        name = f"n{number}"
        if is_drop:
            places.drop("default", name)
            expected.pop(name, None)
        else:
            obj = expected[name] = live(name, version)
            places.put(obj)
        assert len(places) == len(expected)
        assert places.get("default", name) is expected.get(name)
    assert {obj.name: obj for obj in places} == expected
    assert set(places.within("default")) == set(expected.values())
    assert places.within("elsewhere") == ()
    assert places.get("elsewhere", "n1") is None


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abcd"), st.sampled_from(["u1", "u2"]), st.sampled_from(["", "x"]), st.booleans()
        ),
        max_size=40,
    )
)
def test_objects_of_one_uid_are_all_found_whatever_comes_and_goes(
    changes: list[tuple[str, str, str, bool]],
) -> None:
    index, expected = LiveIndex(), dict[str, LiveObject]()
    for version, (name, uid, app, is_drop) in enumerate(changes, 1):
        obj = live(name, version, uid=uid, app=app, owners=("top",) if app else ())
        if is_drop:
            index.remove(obj.key)
            expected.pop(name, None)
        else:
            index.put(obj)
            expected[name] = obj
        assert len(index) == len(expected)
        owned = {item for item in expected.values() if item.instance == "x"}
        assert set(index.owned_by("x")) == owned
        assert set(index.children_of("top")) == owned
        for number in ("u1", "u2"):
            there = {item for item in expected.values() if item.uid == number}
            found = index.by_uid(number)
            assert found in there if there else found is None
    assert index.instances() == (["x"] if any(item.instance for item in expected.values()) else [])


@given(st.uuids(), st.integers(0, 2**63), st.datetimes())
def test_what_has_a_short_form_is_spelled_as_it_was(uid: object, version: int, made: object) -> None:
    text = f"{made:%Y-%m-%dT%H:%M:%SZ}"
    raw_made = {"creationTimestamp": text}
    obj = live("a", version, uid=str(uid), metadata=raw_made)
    assert (obj.uid, obj.resource_version, obj.creation_timestamp) == (str(uid), str(version), text)


def test_what_has_no_short_form_is_kept_as_it_is() -> None:
    for uid in ("", "u", "FFFFFFFF-0000-0000-0000-000000000000", "00000000-0000-0000-0000-00000000000_"):
        assert live("a", 1, uid=uid or None).uid == (uid or "uid-a")
    for text in (None, "", "2026-11-28T17:05:45.5Z", "2026-13-28T17:05:45Z", "2026-11-28T17:05:45+0"):
        assert live("a", 1, metadata={"creationTimestamp": text}).creation_timestamp == text
    assert live("a", 1, uid="00000000-0000-0000-0000-000000000000").uid.startswith("0000")
