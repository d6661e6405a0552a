"""Every way by which a cluster is written to is named here, and what is asked before it.

A write goes through a `ClusterWriter`; one for the cluster of an application is made by `Cluster.writing`,
whose client sends nothing past its gate, and `Checks` alone makes the gate. Whoever adds another way finds it
here.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
CONTROLLER = ROOT / "services/fairlead/app_controller"
KUBE = ROOT / "libs/fairlead/kube"

WRITERS = {
    "answering/own_object.py": ["Only"],
    "destination/cluster.py": ["gate"],
    "destination/labels.py": ["Only"],
    "destination/rotate.py": ["Only", "gate"],
    "hydrations.py": ["Only"],
    "looks.py": ["Only"],
    "wiring.py": ["Only", "Only"],
}
"""Where the controller makes writers, and their gates: `Only` what it writes for itself, or the one given."""
GATES = {"comparing/validate.py": ["Standing", "Below"]}
"""Where gates of applications are made."""
WRITING = {"comparing/validate.py": 3}
"""Where a cluster is asked for a writer: for applications, for the end of one, for what is below one."""
GOING_THROUGH = {
    "answering/actions.py": 2,
    "answering/shell.py": 1,
    "answering/touch.py": 1,
}
"""Where something is sent through a writer without the functions of `kube`: each names what it is about."""
BY_CLIENT = {
    "answering/actions.py": {"merge_patch", "create"},
    "answering/shell.py": {"exec"},
    "answering/touch.py": {"merge_patch", "json_patch", "strategic_patch", "apply"},
}
"""Verbs of a client that the controller calls, all of them within such a sending."""
IN_KUBE = {
    "apply.py": {"apply"},
    "denied.py": {"create"},
    "delete.py": {"delete"},
    "events.py": {"create"},
    "write.py": {"create", "update", "merge_patch", "json_patch"},
}
VERBS = {"create", "update", "merge_patch", "strategic_patch", "json_patch", "apply", "delete", "exec"}


def calls(folder: Path) -> Iterator[tuple[str, ast.Call, str, str]]:
    """Each call below a folder: its file, itself, and the name it is called by, after that of whose it is."""
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                called = node.func
                if isinstance(called, ast.Attribute):
                    whose = ast.unparse(called.value).rpartition(".")[2]
                    yield str(path.relative_to(folder)), node, whose, called.attr
                elif isinstance(called, ast.Name):
                    yield str(path.relative_to(folder)), node, "", called.id


def gate_of(call: ast.Call) -> str:
    [gate] = [word.value for word in call.keywords if word.arg == "gate"]
    return (
        gate.func.id if isinstance(gate, ast.Call) and isinstance(gate.func, ast.Name) else ast.unparse(gate)
    )


def test_writers_of_the_controller_are_made_where_it_is_known_and_each_has_a_gate() -> None:
    found: dict[str, list[str]] = defaultdict(list)
    for file, call, _, name in calls(CONTROLLER):
        if name == "ClusterWriter":
            found[file].append(gate_of(call))
    assert {file: sorted(gates) for file, gates in found.items()} == WRITERS


def test_the_gates_of_applications_are_made_of_permissions_alone() -> None:
    found: dict[str, list[str]] = defaultdict(list)
    asked: dict[str, int] = defaultdict(int)
    for file, _, _, name in calls(CONTROLLER):
        if name in ("Standing", "Below"):
            found[file].append(name)
        if name == "writing":
            asked[file] += 1
    assert {file: sorted(names, reverse=True) for file, names in found.items()} == GATES
    assert asked == WRITING


def test_the_client_of_a_cluster_is_guarded() -> None:
    text = (CONTROLLER / "destination/cluster.py").read_text()
    assert "self.client = client.guarded()" in text


def test_what_is_sent_without_the_functions_of_kube_is_known() -> None:
    found: dict[str, int] = defaultdict(int)
    for file, _, whose, name in calls(CONTROLLER):
        if name == "write" and whose == "writer":
            found[file] += 1
    assert found == GOING_THROUGH


def test_no_verb_that_writes_is_called_of_a_client_elsewhere() -> None:
    for folder, known in ((CONTROLLER, BY_CLIENT), (KUBE, IN_KUBE)):
        found: dict[str, set[str]] = defaultdict(set)
        for file, _, whose, name in calls(folder):
            if name in VERBS and whose.endswith("client"):
                found[file].add(name)
        assert found == known
