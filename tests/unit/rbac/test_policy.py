"""A policy means what its lines say; one that is broken is told with its line."""

from __future__ import annotations

import pytest

from fairlead.model.appproject import ProjectRole
from fairlead.rbac import Enforcer, Identity, InvalidRoleError, Mode, PolicyError, objects, parse
from fairlead.rbac import config as rbac_config
from fairlead.rbac.check import unreadable
from fairlead.rbac.project import ProjectPolicy, check_role, check_roles, policy_of


def may(
    text: str, name: str, *asked: str, groups: tuple[str, ...] = (), local: bool = True, **more: object
) -> bool:
    view = Enforcer(parse(text), **more).view(Identity(name, groups, local))  # type: ignore[arg-type]
    resource, action, obj = asked
    return view.may(resource, action, obj)


@pytest.mark.parametrize(
    "line",
    [
        "p, alice, applications, get, */*",
        "p, alice, applications, get, */*, allow, more",
        "g, alice",
        "g, alice, role:a, role:b",
        "x, y",
        "alice may do everything",
        'p, "alice, applications, get, */*, allow',
        'p, a"b, applications, get, */*, allow',
        "p2, alice, applications, get, */*, allow",
        ", alice, role:a",
    ],
)
def test_one_broken_line_spoils_the_policy_and_is_told(line: str) -> None:
    with pytest.raises(PolicyError) as refused:
        parse(f"# fine\n\np, bob, applications, get, */*, allow\n  {line}\n")
    assert str(refused.value) == f"invalid RBAC policy: {line}"


def test_fields_may_be_quoted_and_comments_and_blanks_are_left_out() -> None:
    text = '\n# p, nobody\n  p, "alice, of ""x""", applications ,get, "*/{a,b}", allow \r\n'
    assert parse(text).rules['alice, of "x"'][0].object == "*/{a,b}"
    assert parse(text).rules['alice, of "x"'][0].resource == "applications "


def test_further_files_follow_the_main_one_in_the_order_of_their_keys() -> None:
    read = rbac_config.read(
        {"policy.b.csv": "b", "policy.csv": "main", "policy.a.csv": "a", "policy.default": "d"}
    )
    assert (read.policy, read.default, read.mode) == ("main\na\nb", "d", Mode.GLOB)
    assert rbac_config.read({"policy.matchMode": "regex"}).mode is Mode.REGEX
    assert rbac_config.read({"policy.matchMode": "other"}).mode is Mode.GLOB


@pytest.mark.parametrize(
    ("resource", "action", "obj", "expected"),
    [
        ("applications", "get", "p/a", "readonly"),
        ("applications", "get", "p/ns/a", "readonly"),
        ("applications", "sync", "p/a", "admin"),
        ("applications", "delete/apps/Deployment/ns/web", "p/a", "admin"),
        ("applications", "action/apps/Deployment/restart", "p/a", "admin"),
        ("exec", "create", "p/a", "admin"),
        ("logs", "get", "p/a", "readonly"),
        ("clusters", "get", "https://x", "readonly"),
        ("clusters", "update", "p/https://x", "admin"),
        ("certificates", "create", "", "admin"),
        ("gpgkeys", "update", "", "nobody"),
        ("accounts", "create", "bob", "nobody"),
        ("extensions", "invoke", "metrics", "nobody"),
        ("write-repositories", "delete", "https://x", "admin"),
    ],
)
def test_the_built_in_roles_grant_what_they_are_for(
    resource: str, action: str, obj: str, expected: str
) -> None:
    for mode in Mode:
        is_readonly = may("g, r, role:readonly", "r", resource, action, obj, mode=mode)
        is_admin = may("", "admin", resource, action, obj, mode=mode)
        assert (is_readonly, is_admin) == (expected == "readonly", expected in ("readonly", "admin"))


def test_a_deny_counts_within_its_step_only() -> None:
    text = "p, alice, applications, get, */*, deny\np, role:all, applications, get, */*, allow"
    text += "\ng, team, role:all"
    asked = ("applications", "get", "p/a")
    assert not may(text, "alice", *asked)
    assert may(text, "alice", *asked, default="role:all")
    assert may(text, "alice", *asked, groups=("team",))
    assert not may(f"{text}\ng, alice, role:all", "alice", *asked)


def test_a_group_counts_only_when_it_takes_a_role() -> None:
    asked = ("applications", "get", "p/a")
    assert not may("p, team, applications, get, */*, allow", "alice", *asked, groups=("team",))
    assert may("g, team, role:readonly", "alice", *asked, groups=("team",), local=False)


@pytest.mark.parametrize("name", ["admin", "role:admin", "proj:p:r"])
def test_no_name_or_group_of_an_identity_provider_makes_an_administrator(name: str) -> None:
    text = "p, proj:p:r, applications, get, */*, allow\ng, proj:p:r, role:admin"
    asked = ("applications", "get", "p/a")
    assert not may(text, name, *asked, local=False)
    assert not may(text, "someone", *asked, groups=(name,), local=False)
    assert may("g, admin, role:readonly", "admin", *asked, local=False)
    assert may("g, alice, admin", "alice", *asked, local=False)


def test_what_cannot_be_read_allows_nothing_and_denies_everything() -> None:
    allowed = "p, alice, applications, get, */*, allow"
    asked = ("applications", "get", "p/a")
    assert not may("p, alice, applications, get, p/[a, allow", "alice", *asked)
    assert not may(f"{allowed}\np, alice, applications, get, p/[z, deny", "alice", *asked)
    assert not may(f"{allowed}\np, alice, applica{{tions, get, */*, deny", "alice", *asked)
    regex = "p, alice, ^applications$, get, ^p/, allow"
    assert may(regex, "alice", *asked, mode=Mode.REGEX)
    assert not may(f"{regex}\np, alice, applications, get, (z, deny", "alice", *asked, mode=Mode.REGEX)
    assert not may("p, alice, applications, get, (p, allow", "alice", *asked, mode=Mode.REGEX)
    said = list(
        unreadable(parse("p, a, [x, get, o, deny\np, b, x, y, z, permit\np, c, x, y, z, allow"), Mode.GLOB)
    )
    assert len(said) == 2


def role(name: str = "ci", *policies: str, groups: tuple[str, ...] = ()) -> ProjectRole:
    return ProjectRole(name=name, policies=policies, groups=groups)


def of_project(*roles: ProjectRole, project: str = "p", text: str = "", **more: object) -> Enforcer:
    made: ProjectPolicy = policy_of(project, roles)
    return Enforcer(parse(text), projects=lambda name: made if name == project else None, **more)  # type: ignore[arg-type]


def test_a_projects_role_reaches_its_own_objects_only() -> None:
    lines = [
        f"p, proj:p:ci, {resource}, get, p/*, allow" for resource in ("applications", "clusters", "logs")
    ]
    lines += ["p, proj:p:ci, applications, get, q/*, allow", "p, proj:p:ci, accounts, get, p/x, allow"]
    lines += ["p, proj:p:ci, applications, get, *, allow"]
    view = of_project(role("ci", *lines)).view(Identity("proj:p:ci"))
    assert view.may("applications", "get", "p/a") and view.may("applications", "get", "p/ns/a")
    assert view.may("clusters", "get", "p/https://x") and not view.may("clusters", "get", "https://x")
    assert view.may("projects", "get", "p") and not view.may("projects", "get", "q")
    assert not view.may("applications", "get", "q/a") and not view.may("applications", "sync", "p/a")
    assert not view.may("accounts", "get", "p/x")


def test_a_role_of_one_project_is_nothing_in_another_even_if_the_main_policy_says_so() -> None:
    text = "p, proj:q:ci, applications, get, p/*, allow"
    assert not of_project(role(), text=text).view(Identity("proj:q:ci")).may("applications", "get", "p/a")


def test_groups_of_a_projects_role_have_its_rights() -> None:
    one = role("ci", "p, proj:p:ci, applications, sync, p/*, allow", groups=("team", '"a, b"'))
    enforcer = of_project(one, text="g, bob, team")
    for identity in (Identity("x", ("team",), False), Identity("x", ("a, b",), False), Identity("bob")):
        assert enforcer.view(identity).may("applications", "sync", "p/a")
        assert not enforcer.view(identity).may("applications", "sync", "q/a")


def test_one_line_that_cannot_be_read_drops_all_lines_of_its_project_and_no_other() -> None:
    made = policy_of("p", [role("ci", "p, proj:p:ci, applications, get, p/*, allow", "nonsense")])
    assert made.problem == "invalid RBAC policy: nonsense" and not made.policy.rules


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("p, proj:p:ci, applications, get, p/*", "must be of the form: 'p, sub, res, act, obj, eft'"),
        ("p, alice, applications, get, p/*, allow", "policy subject must be: 'proj:p:ci', not 'alice'"),
        (
            "p, proj:p:ci, accounts, get, p/*, allow",
            "project resource must be: 'applications', 'applicationsets', 'repositories', 'exec', 'logs' or "
            "'clusters', not 'accounts'",
        ),
        ("p, proj:p:ci, applications, fly, p/*, allow", "invalid action 'fly'"),
        (
            "p, proj:p:ci, applications, get, q/*, allow",
            "object must be of form 'p/*', 'p[/<NAMESPACE>]/<APPNAME>' or 'p/<APPNAME>', not 'q/*'",
        ),
        ("p, proj:p:ci, applications, get, p/*, maybe", "effect must be: 'allow' or 'deny'"),
    ],
)
def test_a_line_that_a_projects_role_may_not_have_is_refused_in_argo_cds_words(line: str, words: str) -> None:
    with pytest.raises(InvalidRoleError) as refused:
        check_role("p", role("ci", line))
    assert str(refused.value) == f"invalid policy rule '{line}': {words}"


def test_what_is_in_a_role_twice_is_refused_and_what_is_right_is_not() -> None:
    line = "p, proj:p:ci, applications, action/apps/Deployment/*, p/ns/a-*, allow"
    check_roles("p", [role("ci", line, groups=("a", '"b, c"')), role("other")])
    for roles in (
        [role("ci"), role("ci")],
        [role("ci", line, line)],
        [role("ci", groups=("a", "a"))],
    ):
        with pytest.raises(InvalidRoleError) as refused:
            check_roles("p", roles)
        assert refused.value.exists
    for wrong in (
        role("-ci"),
        role("ci", groups=(" a",)),
        role("ci", groups=("a,b",)),
        role("ci", groups=("",)),
    ):
        with pytest.raises(InvalidRoleError):
            check_roles("p", [wrong])


def test_no_two_applications_have_one_name_in_policies() -> None:
    names = {
        objects.application(project, name, namespace, "argocd"): (project, name, namespace or "argocd")
        for project in ("p", "p-q", "ns")
        for name in ("a", "ns", "p")
        for namespace in ("", "argocd", "ns", "a")
    }
    assert len(set(names.values())) == len(names)
    assert objects.application("p", "a", "ns", "argocd") == "p/ns/a"
    assert objects.application("p", "a", "argocd", "argocd") == objects.application("p", "a") == "p/a"


def test_projects_are_asked_about_by_their_own_roles_each() -> None:
    made = {name: policy_of(name, [role("ci", groups=("team",))]) for name in ("p", "q")}
    view = Enforcer(parse(""), projects=made.get).view(Identity("x", ("team",), is_local=False))
    for _ in range(3):
        assert view.may("projects", "get", "p") and view.may("projects", "get", "q")
        assert not view.may("projects", "get", "r")


def test_what_was_answered_for_a_name_is_no_answer_for_what_begins_with_it() -> None:
    view = Enforcer(parse("p, alice, projects, get, one/*, allow")).view(Identity("alice"))
    for _ in range(2):
        assert not view.may("projects", "get", "one")
        assert view.may("projects", "get", "one/app")
