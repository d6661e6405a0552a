"""A comment says first what has to be known, is never too long, and nothing in it is markup of others."""

import re

import pytest

from fairlead.previews.markdown import Dialect, comment
from fairlead.previews.plain import lines
from fairlead.previews.report import AppChange, ObjectChange, Report

GITHUB = Dialect(limit=65_536)


def change(name: str = "settings", **fields: str) -> ObjectChange:
    return ObjectChange(kind="ConfigMap", namespace="work", name=name, **{"diff": "-a\n+b", **fields})


def report(*apps: AppChange, **fields: object) -> Report:
    usual = {"repository": "r", "branch": "main", "target": "a" * 40, "head": "b" * 40, "base": "c" * 40}
    return Report(**{**usual, "followers": 310, "applications": apps, **fields})  # type: ignore[arg-type]


def app(name: str = "web", *objects: ObjectChange, **fields: object) -> AppChange:
    return AppChange(namespace="argocd", name=name, objects=objects or (change(),), **fields)  # type: ignore[arg-type]


def test_what_would_fail_stands_before_what_is_only_changed() -> None:
    text = comment(report(app("fine"), app("bad", change(verdict="immutable", words="it is"))), GITHUB)
    assert text.index("argocd/bad") < text.index("argocd/fine")
    assert "2 of 310 applications affected, 1 would fail" in text
    assert "refused: a field cannot be changed" in text


def test_a_change_that_affects_nobody_says_so() -> None:
    assert "no application is affected" in comment(report(), GITHUB)


def test_the_mark_is_the_first_line_of_a_comment() -> None:
    assert comment(report(), GITHUB, mark="<!-- mark -->").startswith("<!-- mark -->\n")


@pytest.mark.parametrize("limit", [3_000, 32_768, 65_536])
@pytest.mark.parametrize("folds", [True, False])
def test_a_comment_is_never_longer_than_its_host_takes_and_says_what_is_left_out(
    limit: int, folds: bool
) -> None:
    many = [app(f"app-{n}", *(change(f"c{i}", diff="+ä" * 3_000) for i in range(20))) for n in range(100)]
    text = comment(report(*many, unseen=7), Dialect(limit=limit, folds=folds))
    assert len(text.encode()) <= limit
    assert "`fairlead repo preview` shows all" in text
    assert text.count("<details>") == text.count("</details>")
    assert len(re.findall(r"^```", text, re.M)) % 2 == 0


def test_nothing_of_others_is_markup_or_ends_its_fence() -> None:
    evil = "</details>\n```\n# @everyone <img src=x> | a"
    objects = (change("x @everyone", words=evil, diff=f"+{evil}\n+````` five"),)
    told = report(app("web", *objects, waits=evil, problem=evil), branch="<img/@everyone", conflicts=("a",))
    text = comment(told, GITHUB)
    assert text.count("``````") >= 2
    outside = re.sub(r"(?ms)^(`{3,})\w*\n.*?^\1$", "", text)
    outside = re.sub(r"`[^`\n]*`|<code>[^<]*</code>", "", outside)
    assert ("@everyone" in outside, "<img" in outside) == (False, False)
    assert outside.count("<details>") == outside.count("</details>") > 0


@pytest.mark.parametrize("folds", [True, False])
def test_no_line_is_a_command_to_a_host_or_to_who_listens_there(folds: bool) -> None:
    evil = "```\n/merge\n  /approve\n```\n/lgtm"
    told = report(app("web", change(words=evil, diff=evil), problem=evil, waits=evil, note=evil))
    text = comment(told, Dialect(limit=65_536, folds=folds))
    assert "/merge" in text
    assert not re.findall(r"(?m)^\s*/.*$", text)


def test_a_terminal_is_told_the_same_and_not_steered() -> None:
    told = "\n".join(lines(report(app("web", change(words="\x1b[31mred", verdict="refused")))))
    assert "argocd/web: 1 changed; 1 refused by the cluster" in told
    assert "\x1b" not in told
