"""What is decided of a whole project at once is what is decided of each of its objects."""

from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.rbac import Enforcer, Identity, parse

OBJECTS = ["*/*", "a/*", "b/*", "a/x", "a/x*", "*/x", "a/n/*", "a*", "?/x", "ab/*"]
LINES = st.lists(
    st.tuples(st.sampled_from(OBJECTS), st.sampled_from(["allow", "deny"]), st.sampled_from(["u", "role:r"])),
    max_size=5,
)


@settings(max_examples=300, deadline=None)
@given(LINES, st.booleans())
def test_a_project_is_decided_as_each_of_its_objects_is(
    lines: list[tuple[str, str, str]], takes_role: bool
) -> None:
    policy = "".join(f"p, {who}, applications, get, {obj}, {effect}\n" for obj, effect, who in lines)
    if takes_role:
        policy += "g, u, role:r\n"
    view = Enforcer(parse(policy)).view(Identity(name="u"))
    for project in ("a", "b", "ab"):
        decided = view.may_all("applications", "get", project)
        each = {view.may("applications", "get", f"{project}/{name}") for name in ("x", "xy", "y", "n/x")}
        assert decided is None or each == {decided}
        assert view.may_somewhere("applications", "get") or each == {False}


def test_a_name_that_is_no_projects_is_decided_to_be_nothing() -> None:
    view = Enforcer(parse("p, u, applications, get, */*, allow\n")).view(Identity(name="u"))
    assert view.may_all("applications", "get", "a") is True
    assert view.may_all("applications", "get", "a/x") is False
    assert view.may_all("applications", "get", "a\nb") is False


def test_what_nothing_allows_may_be_done_nowhere() -> None:
    view = Enforcer(parse("p, u, clusters, create, team/*, allow\n")).view(Identity(name="u"))
    assert view.may_somewhere("clusters", "create")
    assert not view.may_somewhere("clusters", "update")
    assert not view.may_somewhere("repositories", "create")
