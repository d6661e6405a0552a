"""The ladder on whole objects: each file under tests/golden/diff is one sentence.

``desired`` and ``live`` are compared with an empty memory, unless ``before`` says what was live when the
desired object was last applied.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from fairlead.diff.compare import Fingerprints, Rules, compare, record_applied
from fairlead.diff.ignore import ignored_for
from fairlead.manifest.identity import key_of
from fairlead.manifest.prepare import Desired, make_desired
from fairlead.model.status import ResourceIgnoreDifferences

GOLDEN = Path(__file__).parents[2] / "golden" / "diff"
CASES = sorted(GOLDEN.glob("*.yaml"))


def desired_of(obj: dict[str, Any]) -> Desired:
    return make_desired(key_of(obj), obj, True)


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_compare(path: Path) -> None:
    case = yaml.safe_load(path.read_text())
    desired, memory = desired_of(case["desired"]), Fingerprints()
    ignore = [
        ResourceIgnoreDifferences(group="*", kind="*", json_pointers=tuple(case.get("ignore_pointers", ())))
    ]
    rules = Rules(ignored=ignored_for(desired.key, ignore))
    if "before" in case:
        earlier = {**case["before"]["metadata"], "resourceVersion": "1"}  # any change makes another version
        record_applied(desired, {**case["before"], "metadata": earlier}, fingerprints=memory, rules=rules)
    verdict = compare(desired, case["live"], fingerprints=memory, rules=rules)
    found = {"answer": verdict.answer.value, "rung": verdict.rung.value, "paths": list(verdict.paths)}
    assert found == {"paths": [], **case["verdict"]}
