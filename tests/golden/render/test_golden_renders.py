"""Each folder here is a sentence: its `repo` rendered as `request.json` asks gives `expected.json`."""

import json
import os
from pathlib import Path

import msgspec
import pytest

from fairlead.events import RenderSettings
from fairlead.events.render_settings import KustomizeSettings
from fairlead.render import RenderError, RenderPool, RenderRequest
from tests.integration.render.engine_fixtures import Repository

HERE = Path(__file__).parent
CASES = sorted(folder.name for folder in HERE.iterdir() if (folder / "request.json").exists())


class Case(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """What a case may ask for."""

    path: str
    options: dict[str, object] = {}
    release_name: str = "release"
    namespace: str = ""
    kube_version: str = "1.31.0"
    api_versions: tuple[str, ...] = ()
    env: dict[str, str] = {}
    disabled_tools: tuple[str, ...] = ()
    build_options: str = ""

    def request(self, mirror: Path, commit: str) -> RenderRequest:
        """What the case asks for, of a repository."""
        asked = msgspec.structs.asdict(self)
        settings = RenderSettings(
            disabled_tools=asked.pop("disabled_tools"),
            kustomize=KustomizeSettings(build_options=asked.pop("build_options")),
        )
        return RenderRequest(mirror=mirror, commit=commit, settings=settings, **asked)


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
    asked = msgspec.json.decode((folder / "request.json").read_bytes(), type=Case)
    found = await outcome(pool, asked.request(repository.mirror, repository.commit()))
    expected = folder / "expected.json"
    if "FAIRLEAD_REWRITE_GOLDEN" in os.environ:
        expected.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    assert found == json.loads(expected.read_text(encoding="utf-8"))
