"""What the walks and the recorded runs go through; this needs no command to be driven."""

import shlex
import stat
from pathlib import Path

import pytest

from tests.compat import binary, walks
from tests.compat.commands import COMMANDS
from tests.compat.walk import Step, command_of, filled, unmet
from tests.contract import recordings

STEPS = [step for walk in (*walks.WALKS.values(), walks.OUT_AGAIN) for step in walk]


def test_every_command_that_talks_to_a_server_is_walked_or_recorded() -> None:
    recorded = {
        command_of(recordings.read(file).argv)
        for file in recordings.FILES
        if recordings.read(file).exit_code != 1
    }
    assert {step.command for step in STEPS} | recorded | {"login"} == COMMANDS


def test_what_a_walk_is_told_is_all_that_its_lines_ask_for() -> None:
    names = ("server", "flags", "password", "repo", "git", "folder", "kubeconfig", "context", "cluster")
    told = walks.told("m", **dict.fromkeys(names, "x"))
    for step in STEPS:
        assert "{" not in filled(step.line, told).replace('{"', "")
        assert shlex.split(filled(step.line, told))


def test_a_step_tells_what_it_misses() -> None:
    ran = binary.Ran(0, '{"a": [{"b": 1}]}', "")
    assert list(unmet(Step("x", json={"a.0.b": 1}), ran, {})) == []
    assert len(list(unmet(Step("x", code=20), ran, {}))) == 1
    assert len(list(unmet(Step("x", out=("nothing",), err=("x",), json={"a.1.b": 1}), ran, {}))) == 3


def test_our_own_command_is_not_taken_for_the_stock_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "argocd"
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(binary.VARIABLE, raising=False)
    assert binary.why_not().startswith("skipped: there is no stock argocd")
    program.write_text("#!/usr/bin/python3\nfrom fairlead.cli.__main__ import main\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    assert binary.found() is None
    program.write_bytes(b"\x7fELF fairlead")
    assert binary.found() == program
    assert binary.why_not() == ""
    monkeypatch.setenv(binary.VARIABLE, str(tmp_path / "none"))
    assert "cannot be run" in binary.why_not()
