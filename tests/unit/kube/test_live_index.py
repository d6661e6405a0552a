from hypothesis import given
from hypothesis import strategies as st

from fairlead.kube.live_index import ChangeType, LiveIndex
from fairlead.kube.live_object import LiveObject
from fairlead.manifest.identity import GroupKind, ResourceKey
from tests.unit.kube.objects import live

CONFIG_MAP = GroupKind("", "ConfigMap")


def _key(name: str) -> ResourceKey:
    return ResourceKey("", "ConfigMap", "default", name)


def _names(found: list[LiveObject]) -> set[str]:
    return {obj.key.name for obj in found}


def test_an_older_version_never_replaces_a_newer_one() -> None:
    index = LiveIndex()
    index.put(live("a", 10))
    assert index.put(live("a", 9)) is None
    assert index.put(live("a", 10)) is None
    change = index.put(live("a", 100))
    assert change is not None
    assert change.type is ChangeType.MODIFIED


def test_after_a_restored_backup_older_versions_are_believed() -> None:
    index = LiveIndex()
    index.put(live("a", 10))
    change = index.put(live("a", 9), force=True)
    assert change is not None
    assert index.put(live("a", 9), force=True) is None


def test_an_object_moves_between_applications_with_its_mark() -> None:
    index = LiveIndex()
    index.put(live("a", 1, app="one"))
    assert _names(index.owned_by("one")) == {"a"}
    index.put(live("a", 2, app="two"))
    assert index.owned_by("one") == []
    assert _names(index.owned_by("two")) == {"a"}
    assert index.instances() == ["two"]


def test_children_are_found_by_the_uid_of_their_owner_and_roots_from_the_child() -> None:
    index = LiveIndex()
    top = live("top", 1, app="one")
    middle = live("middle", 2, owners=(top.uid,))
    leaf = live("leaf", 3, owners=(middle.uid,))
    for obj in (leaf, middle, top):
        index.put(obj)
    assert _names(index.children_of(top.uid)) == {"middle"}
    assert [root.key.name for root in index.roots_of(leaf)] == ["top"]
    assert index.roots_of(top) == [top]


def test_owners_that_own_each_other_do_not_loop() -> None:
    index = LiveIndex()
    one, two = live("one", 1, owners=("uid-two",)), live("two", 2, owners=("uid-one",))
    index.put(one)
    index.put(two)
    assert index.roots_of(one) == []


def test_the_answer_to_a_write_cannot_bring_a_deleted_object_back() -> None:
    index = LiveIndex()
    index.put(live("a", 5))
    index.remove(_key("a"), uid="uid-a", at="6")
    assert index.put_observed(live("a", 5)) is None
    assert index.put_observed(live("a", 7, uid="another")) is not None


def test_a_late_deletion_does_not_take_the_successor_of_the_same_name() -> None:
    index = LiveIndex()
    index.put(live("a", 20, uid="second"))
    assert index.remove(_key("a"), uid="first", at="15") is None
    assert index.get(_key("a")) is not None


def test_a_whole_list_does_not_make_what_is_newer_than_it_vanish() -> None:
    index = LiveIndex()
    for name, version in (("old", 3), ("kept", 4), ("newer", 50)):
        index.put(live(name, version))
    assert index.vanished(CONFIG_MAP, {_key("kept")}, "40", None) == [_key("old")]
    assert index.vanished(CONFIG_MAP, {_key("kept")}, "40", "elsewhere") == []


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["", "x", "y"]), st.booleans())))
def test_all_indexes_agree_after_any_sequence(steps: list[tuple[str, str, bool]]) -> None:
    index = LiveIndex()
    expected: dict[str, str] = {}
    for version, (name, app, is_removal) in enumerate(steps, 1):
        if is_removal:
            index.remove(_key(name), uid=f"uid-{name}", at=str(version))
            expected.pop(name, None)
        else:
            index.put(live(name, version, app=app, owners=("uid-root",) if app else ()))
            expected[name] = app
    assert _names(list(index)) == set(expected)
    assert _names(index.of_kind(CONFIG_MAP)) == set(expected)
    assert _names(index.in_namespace("default")) == set(expected)
    for app in ("x", "y"):
        assert _names(index.owned_by(app)) == {name for name, owner in expected.items() if owner == app}
    assert _names(index.children_of("uid-root")) == {name for name, owner in expected.items() if owner}
    for name in "abc":
        assert (index.by_uid(f"uid-{name}") is not None) == (name in expected)
