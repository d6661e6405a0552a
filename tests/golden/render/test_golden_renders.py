"""Each folder here is a sentence: its `repo` rendered as `request.json` asks gives `expected.json`."""

import json
import os
from pathlib import Path

import pytest

from fairlead.render import RenderError, RenderPool, RenderRequest
from tests.golden.case import read_case
from tests.integration.render.engine_fixtures import Repository

HERE = Path(__file__).parent
CASES = sorted(folder.name for folder in HERE.iterdir() if (folder / "request.json").exists())


async def outcome(pool: RenderPool, request: RenderRequest) -> dict[str, object]:
    """What came of a render, as JSON would hold it."""
    try:
        result = await pool.render(request)
    except RenderError as error:
        seen = [[entry.kind, entry.path] for entry in error.reads]
        failure = {"message": str(error), "code": error.code, "file": error.file}
        return {"error": {"type": type(error).__name__, **failure}, "reads": seen}
    return {
        "sourceType": result.source_type,
        "documents": [json.loads(document) for document in result.documents],
        "reads": [[entry.kind, entry.path] for entry in result.reads],
        "warnings": list(result.warnings),
    }


@pytest.mark.parametrize("case", CASES)
async def test_golden_render(case: str, pool: RenderPool, repository: Repository) -> None:
    folder = HERE / case
    repository.copy(folder / "repo")
    found = await outcome(pool, read_case(folder).request(repository.mirror, repository.commit()))
    expected = folder / "expected.json"
    if "FAIRLEAD_REWRITE_GOLDEN" in os.environ:
        expected.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    assert found == json.loads(expected.read_text(encoding="utf-8"))
