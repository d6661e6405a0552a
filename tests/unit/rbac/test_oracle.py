"""casbin, with Argo CD's model, as the oracle: over generated policies both decide alike."""

from __future__ import annotations

import casbin  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.matching import globs
from fairlead.rbac import Enforcer, Identity, Mode, parse

MODEL = """
[request_definition]
r = sub, res, act, obj
[policy_definition]
p = sub, res, act, obj, eft
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = g(r.sub, p.sub) && meant(r.res, p.res) && meant(r.act, p.act) && meant(r.obj, p.obj)
"""

SUBJECTS = ["alice", "bob", "team", "role:a", "role:b", "role:c", "admin"]
RESOURCES = ["applications", "clusters", "projects", "logs"]
ACTIONS = ["get", "sync", "delete", "action/apps/Deployment/restart", "delete/apps/Deployment/ns/web"]
OBJECTS = ["one/app", "one/ns/app", "two/app", "one/app-prod", "one", "https://host", "two/https://host", ""]
OBJECT_PATTERNS = [
    "*", "*/*", "one/*", "one/a*", "*/app", "*-prod", "{one,two}/app", "on[ef]/*", "one/?pp", "o*/app",
    "one/app", "one", "**", "two/*/*", "*ap*", "https://*", "[!o]*", "on\\e/*",
]  # fmt: skip
ACTION_PATTERNS = [
    "*",
    "get",
    "sync",
    "action/*",
    "delete/*",
    "{get,sync}",
    "delete",
    "action/apps/*/restart",
]
RESOURCE_PATTERNS = ["*", "applications", "clusters", "{logs,projects}", "app*"]

rules = st.builds(
    lambda who, res, act, obj, eft: f'p, {who}, "{res}", "{act}", "{obj}", {eft}',
    st.sampled_from([*SUBJECTS, ""]),
    st.sampled_from(RESOURCE_PATTERNS),
    st.sampled_from(ACTION_PATTERNS),
    st.sampled_from(OBJECT_PATTERNS),
    st.sampled_from(["allow", "allow", "deny"]),
)
links = st.builds(lambda who, role: f"g, {who}, {role}", st.sampled_from(SUBJECTS), st.sampled_from(SUBJECTS))
policies = st.lists(st.one_of(rules, rules, links), max_size=12)


def oracle(lines: list[str]) -> casbin.Enforcer:
    model = casbin.Model()
    model.load_model_from_text(MODEL)
    found = casbin.Enforcer(model)
    found.add_function("meant", lambda text, pattern: globs.matches(pattern, text))
    policy = parse("\n".join(lines))
    for subject, stated in policy.rules.items():
        for rule in stated:
            found.add_policy(subject, *rule)
    for subject, roles in policy.roles.items():
        for role in roles:
            found.add_grouping_policy(subject, role)
    return found


@settings(max_examples=60, deadline=None)
@given(
    lines=policies,
    default=st.sampled_from(["", "role:a", "bob"]),
    name=st.sampled_from(SUBJECTS),
    groups=st.lists(st.sampled_from(["team", "bob", "other"]), max_size=2, unique=True),
)
def test_every_decision_is_that_of_casbin_with_argo_cds_order(
    lines: list[str], default: str, name: str, groups: list[str]
) -> None:
    enforcer = oracle(lines)
    taking = parse("\n".join(lines)).roles
    subjects = [*([default] if default else []), name, *(g for g in groups if g in taking), ""]
    ours = Enforcer(parse("\n".join(lines)), default=default, has_builtin=False)
    view = ours.view(Identity(name=name, groups=tuple(groups)))
    for resource in RESOURCES:
        for action in ACTIONS:
            for obj in OBJECTS:
                expected = any(enforcer.enforce(subject, resource, action, obj) for subject in subjects)
                assert view.may(resource, action, obj) is expected, (resource, action, obj)


WORDS = ["get", "sync", "delete", "get/x"]
EXPRESSIONS = [
    "get",
    "^get$",
    "g.t",
    "^(get|sync)$",
    "^g",
    "t$",
    ".*",
    "^get.?",
    "s{1,2}",
    "^sy?nc",
    "[a-f]et",
]


@settings(max_examples=60, deadline=None)
@given(patterns=st.lists(st.tuples(st.sampled_from(EXPRESSIONS), st.booleans()), max_size=5))
def test_in_regex_mode_every_decision_is_that_of_the_expressions_themselves(
    patterns: list[tuple[str, bool]],
) -> None:
    import re

    text = "\n".join(
        f'p, alice, ^applications$, .*, "{pattern}", {"allow" if allows else "deny"}'
        for pattern, allows in patterns
    )
    view = Enforcer(parse(text), mode=Mode.REGEX, has_builtin=False).view(Identity(name="alice"))
    for word in WORDS:
        met = [allows for pattern, allows in patterns if re.search(pattern, word)]
        assert view.may("applications", "get", word) is (any(met) and all(met)), word
