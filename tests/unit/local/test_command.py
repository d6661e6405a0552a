"""The command behind `make setup`."""

import threading

import pytest

from fairlead.local import builds
from fairlead.local.__main__ import main
from fairlead.local.errors import BuildError


def test_an_unknown_program_is_refused_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ending:
        main(["build", "nothing"])
    assert ending.value.code == 2
    assert "controlplane, render-engine" in capsys.readouterr().err


def test_a_failed_build_is_told_and_fails_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(module: builds.GoModule, **events: threading.Event) -> None:
        raise BuildError(f"{module.name}: go build failed")

    monkeypatch.setattr("fairlead.local.__main__.binary", refuse)
    assert main(["build", "render-engine"]) == 1
    assert "render-engine: go build failed" in capsys.readouterr().err
