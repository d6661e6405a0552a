"""Tables of what others suffered and of what is promised: the tests that hold each row exist."""

import ast
from functools import cache
from pathlib import Path

import pytest

HERE = Path(__file__).parent
TESTS = HERE.parent
NEED_A_TEST = {
    "authentication",
    "brute force",
    "CSRF",
    "enumeration",
    "RBAC",
    "session",
    "SSRF",
    "webhooks",
    "XSS",
}
"""Classes of attack; of the rest a row may say why it has none."""
NOT_HERE = {"CVE-2025-13888"}
"""What there is nothing of here that could be attacked."""
Row = dict[str, str]


def rows(name: str) -> list[Row]:
    """A table's rows by the names of its columns."""
    head, *lines = [line.split("\t") for line in (HERE / name).read_text().splitlines()]
    assert all(len(line) == len(head) for line in lines), [line for line in lines if len(line) != len(head)]
    return [dict(zip(head, line, strict=True)) for line in lines]


SECURITY, FEATURES = rows("security_rows.tsv"), rows("feature_rows.tsv")


@cache
def names_of(file: Path) -> frozenset[str]:
    """The tests of a module."""
    return frozenset(
        node.name
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    )


def is_there(test: str) -> bool:
    """Whether a test exists: a function of a module, or the folder of a golden case."""
    place, _, name = test.partition("::")
    path = TESTS / place
    return name in names_of(path) if name and path.is_file() else not name and path.is_dir()


@pytest.mark.parametrize("row", SECURITY, ids=lambda row: row["advisory"])
def test_what_others_suffered_is_held_by_tests_that_exist(row: Row) -> None:
    if row["tests"].startswith("none: "):
        assert row["class"] not in NEED_A_TEST or row["advisory"] in NOT_HERE
        return
    assert row["tests"]
    assert [test for test in row["tests"].split() if not is_there(test)] == []


@pytest.mark.parametrize("row", FEATURES, ids=lambda row: row["feature"])
def test_what_is_promised_is_held_by_tests_that_exist(row: Row) -> None:
    if row["tests"].startswith("none: "):
        return
    assert row["tests"]
    assert [test for test in row["tests"].split() if not is_there(test)] == []


@pytest.mark.parametrize(("table", "key"), [(SECURITY, "advisory"), (FEATURES, "feature")])
def test_no_row_is_there_twice(table: list[Row], key: str) -> None:
    names = [row[key] for row in table]
    assert len(names) == len(set(names))
