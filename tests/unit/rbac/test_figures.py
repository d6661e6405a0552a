"""A check takes microseconds, whatever the number of rules, and no pattern makes it slow."""

from __future__ import annotations

import time

import pytest

from fairlead.rbac import Enforcer, Identity, Mode, enforce, parse

PROJECTS, RULES = 1000, 5000
MOST = 5e-6
"""Seconds of the processor for a check."""


def big(mode: Mode) -> Enforcer:
    start, end = ("^", "/.*$") if mode is Mode.REGEX else ("", "/*")
    actions = ("get", "sync", "update", "delete", "create")
    lines = [
        f"p, role:r{project % 50}, applications, {action}, {start}p{project}{end}, allow"
        for project in range(PROJECTS)
        for action in actions
    ]
    assert len(lines) == RULES
    return Enforcer(parse("\n".join([*lines, *(f"g, alice, role:r{n}" for n in range(50))])), mode=mode)


@pytest.mark.parametrize("mode", list(Mode))
def test_a_check_against_five_thousand_rules_takes_microseconds(mode: Mode) -> None:
    view = big(mode).view(Identity(name="alice"))
    objects = [f"p{n % PROJECTS}/app-{n}" for n in range(10_000)]
    assert all(view.may("applications", "get", obj) for obj in objects)
    taken = []
    for _ in range(5):
        began = time.process_time()
        for obj in objects:
            view.may("applications", "get", obj)
        taken.append((time.process_time() - began) / len(objects))
    assert min(taken) < MOST


def test_ten_thousand_applications_of_a_project_cost_one_decision() -> None:
    view = big(Mode.GLOB).view(Identity(name="alice"))
    for n in range(10_000):
        assert view.may("applications", "get", f"p7/app-{n}")
    assert (len(view._decisions), len(view._objects)) == (1, 0)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*b", "^(([a-z])+.)+[A-Z]([a-z])+$", "(.*a){12}b"])
def test_no_expression_of_a_policy_makes_a_check_slow(pattern: str) -> None:
    view = Enforcer(
        parse(f'p, alice, applications, get, "{pattern}", allow'), mode=Mode.REGEX
    ).view(Identity(name="alice"))  # fmt: skip
    began = time.process_time()
    view.may("applications", "get", "a" * 20_000 + "!")
    assert time.process_time() - began < 5


def test_nobody_fills_the_memory_with_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enforce, "ANSWERS", 1000)
    enforcer = Enforcer(parse("p, alice, *, *, */x, allow\np, bob, *, *, */x, allow"))
    views = [enforcer.view(Identity(name)) for name in ("alice", "bob")]
    for n in range(3000):
        for view in views:
            assert view.may("applications", f"action/{n}", f"p{n}/x")
            assert not view.may("applications", "get", f"{n}/{'y' * 1000}")
    assert sum(len(view._decisions) + len(view._objects) for view in views) <= 1002
    assert not any(len(obj) > 256 for view in views for _, obj in view._objects)


def test_no_glob_of_a_policy_makes_a_check_slow() -> None:
    pattern = "*a" * 400 + "b"
    view = Enforcer(parse(f"p, alice, applications, get, {pattern}, allow")).view(Identity(name="alice"))
    began = time.process_time()
    assert not view.may("applications", "get", "a" * 20_000)
    assert time.process_time() - began < 5
