"""Modules of a service import in one direction, those named only for their types included."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SERVICES = Path(__file__).parents[2] / "services" / "fairlead"


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def modules() -> dict[str, Path]:
    found = {}
    for path in SERVICES.rglob("*.py"):
        parts = path.relative_to(SERVICES.parent).with_suffix("").parts
        found[".".join(part for part in parts if part != "__init__")] = path
    return found


def test_no_module_of_a_service_imports_in_a_circle() -> None:
    known = modules()
    graph = {name: {other for other in imported(path) if other in known} for name, path in known.items()}
    for name, others in graph.items():
        others.discard(name)
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))
