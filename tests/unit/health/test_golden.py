"""Every rule of every kind: each file under tests/golden/health is one sentence about one live object."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from fairlead.health import assess
from fairlead.health.kinds import RULES

GOLDEN = Path(__file__).parents[2] / "golden" / "health"
CASES = sorted(GOLDEN.glob("*/*.yaml"))


@pytest.mark.parametrize("path", CASES, ids=[f"{path.parent.name}_{path.stem}" for path in CASES])
def test_object(path: Path) -> None:
    case = yaml.safe_load(path.read_text())
    found = assess(case["live"])
    assert (None if found is None else {"status": found.status, "message": found.message}) == case["health"]


def test_every_kind_with_a_rule_has_a_case() -> None:
    assert {rule.kind.lower() for rule in RULES} <= {path.parent.name for path in CASES}


@pytest.mark.parametrize("kind", sorted(RULES))
def test_a_status_of_the_wrong_shape_is_judged_without_raising(kind: tuple[str, str]) -> None:
    group, name = kind
    nested = {"conditions": 3, "phase": [], "containerStatuses": [None], "loadBalancer": 1}
    shapes: list[object] = [None, 7, [], "x", nested]
    for odd in shapes:
        version = f"{group}/v1" if group else "v1"
        assess({"apiVersion": version, "kind": name, "metadata": odd, "spec": odd, "status": odd})
