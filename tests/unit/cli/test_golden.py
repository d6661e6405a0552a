"""Each case is what the stock command printed for what its server said; ours prints the same."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from fairlead.cli.program import run
from tests.unit.cli.api_server import recorded

CASES = sorted((Path(__file__).parent / "golden").glob("*.json"))
SERVER = "localhost:8080"
"""The address in the recordings."""

Case = dict[str, Any]


@pytest.mark.parametrize("file", CASES, ids=[case.stem for case in CASES])
def test_the_output_is_the_recorded_one(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    case: Case = json.loads(file.read_text())
    monkeypatch.setenv("ARGOCD_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("TZ", "UTC")
    with recorded(case["answers"]) as server:
        code = run([*case["command"], "--server", server.address, "--plaintext"], "argocd")
        out, err = capsys.readouterr()
    assert _timeless(out.replace(server.address, SERVER)) == _timeless(case["stdout"])
    assert _fatal(err) == _fatal(case["stderr"])
    assert code == case["exit"]


def _timeless(text: str) -> str:
    """Ages depend on the time of the test, and the width of their column on them."""
    if "AGE" not in text:
        return text
    head, _, tail = text.partition("KIND/NAME")
    return head + re.sub(r" +", " ", re.sub(r"\b\d+[smhdy]\w* ", "AGE ", tail))


def _fatal(text: str) -> list[str]:
    lines = [json.loads(line) for line in text.splitlines()]
    return [line["msg"] for line in lines if line["level"] == "fatal"]
