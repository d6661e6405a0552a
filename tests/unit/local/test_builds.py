"""What decides whether a program must be built again."""

from pathlib import Path

import pytest

from fairlead.local.builds import CONTROLPLANE, REGISTRY, RENDER_ENGINE, GoModule, digest_of_inputs
from fairlead.local.sources import cache_folder, repository_root
from fairlead.local.toolchain import required_version

MODULE = GoModule(name="tiny", folder="tiny")


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A module's folder."""
    (tmp_path / "go.mod").write_text("module tiny\n\ngo 1.26.0\n")
    (tmp_path / "main.go").write_text("package main\n")
    return tmp_path


def test_code_and_requirements_decide(sources: Path) -> None:
    seen = {digest_of_inputs(MODULE, sources)}
    (sources / "main.go").write_text("package main // changed\n")
    seen.add(digest_of_inputs(MODULE, sources))
    (sources / "inner").mkdir()
    (sources / "inner/more.go").write_text("package inner\n")
    seen.add(digest_of_inputs(MODULE, sources))
    (sources / "go.sum").write_text("")
    seen.add(digest_of_inputs(MODULE, sources))
    seen.add(digest_of_inputs(GoModule(name="tiny", folder="tiny", ldflags="-s -X v=2"), sources))
    assert len(seen) == 5


def test_tests_and_prose_do_not(sources: Path) -> None:
    before = digest_of_inputs(MODULE, sources)
    (sources / "main_test.go").write_text("package main\n")
    (sources / "README.md").write_text("words")
    (sources / "testdata").mkdir()
    (sources / "testdata/case.go").write_text("package x\n")
    assert digest_of_inputs(MODULE, sources) == before


def test_the_needed_go_is_read_from_the_module(sources: Path) -> None:
    assert required_version(sources / "go.mod") == (1, 26, 0)


@pytest.mark.parametrize("module", [CONTROLPLANE, RENDER_ENGINE, REGISTRY], ids=lambda module: module.name)
def test_every_module_is_in_the_checkout(module: GoModule) -> None:
    assert (repository_root() / module.folder / "go.mod").exists()


def test_the_cache_is_where_the_environment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.delenv("FAIRLEAD_CACHE_DIR", raising=False)
    assert cache_folder() == tmp_path / "xdg/fairlead"
    monkeypatch.setenv("FAIRLEAD_CACHE_DIR", str(tmp_path / "own"))
    assert cache_folder() == tmp_path / "own"
