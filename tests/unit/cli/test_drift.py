"""`app drift`: a line for each change, and since when changes are known."""

from typing import Any

from fairlead.cli.app.drift import COMMAND, told


def entry(**more: Any) -> dict[str, Any]:
    known = {
        "group": "apps",
        "kind": "Deployment",
        "namespace": "shop",
        "name": "web",
        "field": ".spec.replicas",
        "old": "3",
        "new": "10",
        "manager": "kubectl",
        "operation": "Update",
        "at": "2030-01-01T03:12:07Z",
        "seen": "2030-01-01T03:12:07Z",
    }
    return {**known, **more}


def lines(*entries: dict[str, Any], **more: Any) -> list[str]:
    return told({"since": "2030-01-01T00:00:00Z", "items": list(entries), **more}).splitlines()


def test_a_change_is_one_line() -> None:
    healed = entry(subresource="scale", end="healed", ended="2030-01-01T03:12:09Z")
    head, line, _, end = lines(healed)
    assert head.split() == ["CHANGED", "OBJECT", "FIELD", "WAS", "BECAME", "BY", "NOW"]
    for word in ("Deployment shop/web", ".spec.replicas", "3", "10", "kubectl (Update, scale)", "healed"):
        assert word in line
    assert end.startswith("0 of 1 still stand; the journal is kept since 20")


def test_what_stands_what_was_deleted_and_what_came_again_is_told() -> None:
    deleted = entry(field="", old="", new="", manager="", operation="")
    again = entry(count=7, last="2030-01-01T04:00:00Z", new="x" * 100)
    _, first, second, _, end = lines(deleted, again)
    assert "(the object)" in first
    assert "deleted" in first
    assert "nobody is named" in first
    assert "stands" in first
    assert "(7 times, last 20" in second
    assert "x" * 39 + "…" in second
    assert end.startswith("2 of 2 still stand")


def test_an_empty_journal_says_since_when_it_is_kept() -> None:
    (line,) = lines()
    assert line.startswith("No change outside Git is known since 20")
    assert told({"since": "", "items": []}) == "No change outside Git is known yet.\n"


def test_what_cannot_be_read_is_told() -> None:
    assert lines(entry(), problem="what was kept of it cannot be read now: NATS is away")[-1].endswith("away")


def test_the_command_has_the_flags_of_its_kind() -> None:
    assert {flag.name for flag in COMMAND.flags} >= {"app-namespace", "project", "output", "standing"}
