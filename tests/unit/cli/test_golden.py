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
    for verb, path, body in _bodies(case):
        assert body in [_spoken(sent) for *what, _, sent in server.requests if what == [verb, path]]


def _bodies(case: Case) -> list[tuple[str, str, Any]]:
    return [(a["verb"], a["path"], a["sent"]) for a in case["answers"] if "sent" in a]


def _spoken(body: Any) -> Any:
    """What a request says: defaults may be written or left out."""
    return {key: value for key, value in body.items() if value not in ("", False)} if body else body


def _timeless(text: str) -> str:
    """Ages and the times of progress are those of the test; columns are as wide as they need."""
    if text.startswith("TIMESTAMP"):
        lines = text.splitlines()
        return "\n".join(
            re.sub(r" +", " ", line) for line in lines if not re.match(r"\d{4}-\d\d-\d\dT", line)
        )
    if "AGE" not in text:
        return text
    head, _, tail = text.partition("KIND/NAME")
    return head + re.sub(r" +", " ", re.sub(r"\b\d+[smhdy]\w* ", "AGE ", tail))


def _fatal(text: str) -> list[str]:
    lines = [json.loads(line) for line in text.splitlines()]
    return [line["msg"] for line in lines if line["level"] == "fatal"]
