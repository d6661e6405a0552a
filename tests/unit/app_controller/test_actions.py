"""Actions: what is written of a change, and what comes with us."""

from hypothesis import given
from hypothesis import strategies as st

from fairlead.app_controller.answering.actions import difference
from fairlead.app_controller.answering.shipped_actions import _all

VALUES = st.recursive(
    st.integers() | st.text(max_size=3) | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3)


def merged(value: object, patch: object) -> object:
    if not isinstance(patch, dict):
        return patch
    found = dict(value) if isinstance(value, dict) else {}
    for name, item in patch.items():
        if item is None:
            found.pop(name, None)
        else:
            found[name] = merged(found.get(name), item)
    return found


@given(OBJECTS, OBJECTS)
def test_the_patch_of_a_change_makes_that_change(before: dict[str, object], after: dict[str, object]) -> None:
    assert merged(before, difference(before, after)) == after
    assert difference(after, after) == {}


def test_every_action_that_is_discovered_has_a_script_and_the_reverse() -> None:
    for (group, kind), rules in _all().items():
        for action in rules.scripts:
            assert f'"{action}"' in rules.discovery, (group, kind, action)
    assert set(_all()[("apps", "Deployment")].scripts) == {"pause", "restart", "resume", "scale"}
