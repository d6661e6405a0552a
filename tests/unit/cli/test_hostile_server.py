"""What a server, a repository or a cluster says reaches the terminal and the disk as text only."""

import importlib
import io
import os
import stat
import sys
from pathlib import Path

import msgspec
import pytest

from fairlead.cli import commands
from fairlead.cli.app.diff import print_differences
from fairlead.cli.command.command import Command, Invocation
from fairlead.cli.errors import SettingsError
from fairlead.cli.program import run
from fairlead.cli.terminal import NeutralStream, coloured, neutral, neutral_output, raw_stdout
from fairlead.cli.view.progress import reporter
from fairlead.cli.view.states import ObjectState
from fairlead.model.decode import decode_application

TITLE = "\x1b]0;pwned\x07"


def item(name: str) -> dict[str, object]:
    states = [{"kind": "ConfigMap", "metadata": {"name": name}, "data": {"x": value}} for value in ("a", "b")]
    live, target = (msgspec.json.encode(state).decode() for state in states)
    return {"kind": "ConfigMap", "name": name, "modified": True, "liveState": live, "targetState": target}


@pytest.mark.parametrize(
    "name", ["{folder}/absolute", "../../../../../../../../{folder}/relative", "a/b", ""]
)
def test_comparing_writes_no_file_that_an_object_names(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "work"))
    (tmp_path / "work").mkdir()
    monkeypatch.setattr("tempfile.tempdir", None)
    assert print_differences([item(name.format(folder=tmp_path))])
    assert [path.name for path in tmp_path.iterdir()] == ["work"]
    assert not list((tmp_path / "work").iterdir())
    assert "x: b" in capfd.readouterr().out


def test_a_program_of_the_users_choice_is_given_files_that_only_they_can_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "show"
    program.write_text('#!/bin/sh\nfor file; do stat -c "%a %n" "$file" "$(dirname "$file")"; done\n')
    program.chmod(0o755)
    monkeypatch.setenv("KUBECTL_EXTERNAL_DIFF", str(program))
    print_differences([item("a")])
    shown = [line.split() for line in capfd.readouterr().out.splitlines() if line.startswith(("6", "7"))]
    assert [(mode, Path(path).name) for mode, path in shown if not path.endswith(os.sep)][::2] == [
        ("600", "live.yaml"),
        ("600", "target.yaml"),
    ]
    assert {mode for mode, _ in shown[1::2]} == {"700"}


def test_a_file_that_is_there_already_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aim = tmp_path / "aim"

    class Prepared:
        def __init__(self, **_: object) -> None:
            (tmp_path / "live.yaml").symlink_to(aim)

        def __enter__(self) -> str:
            return str(tmp_path)

        def __exit__(self, *_: object) -> None:
            """Nothing is taken away."""

    monkeypatch.setattr("tempfile.TemporaryDirectory", Prepared)
    with pytest.raises(SettingsError, match="cannot write a file to compare"):
        print_differences([item("a")])
    assert not aim.exists()


@pytest.mark.parametrize("path", sorted(commands.COMMANDS))
def test_no_command_can_send_the_terminal_what_it_obeys(
    path: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever a command prints, and however, leaves by the one way."""

    def hostile(_: Invocation) -> None:
        sys.stdout.write(f"out {TITLE}\x9b31m\x7f\r\n")
        sys.stdout.writelines([f"{TITLE}\n"])
        sys.stderr.write(f"err {TITLE}\nlog \x1b[31mred\x1b[0m\n")

    entry = commands.COMMANDS[path]
    module = importlib.import_module(f"fairlead.cli.{entry.module}")
    command: Command = getattr(module, entry.name)
    monkeypatch.setattr(module, entry.name, msgspec.structs.replace(command, run=hostile))
    run(path.split(), "fairlead")
    said = capsys.readouterr()
    assert said.out == ("out \\u001b]0;pwned\\u0007\\u009b31m\\u007f\\u000d\n" + "\\u001b]0;pwned\\u0007\n")
    assert said.err == "err \\u001b]0;pwned\\u0007\nlog \x1b[31mred\x1b[0m\n"


def test_at_a_terminal_text_also_keeps_its_order() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    stream = NeutralStream(terminal)
    stream.write("a\u202eb\u2066c\td\n")
    assert terminal.getvalue() == "a\\u202eb\\u2066c\td\n"
    assert neutral("a\u202eb") == "a\u202eb"
    assert coloured(f"\x1b[1;31mred\x1b[0m{TITLE}") == "\x1b[1;31mred\x1b[0m\\u001b]0;pwned\\u0007"


def test_the_table_that_renews_itself_draws_names_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    app = decode_application(
        b'{"metadata":{"name":"a","namespace":"argocd"},"spec":{"destination":{},"project":"default"},'
        b'"status":{"operationState":{"operation":{},"phase":"Running","message":"\\u001b]0;pwned\\u0007",'
        b'"startedAt":"2026-11-23T01:32:40Z"}}}'
    )
    with neutral_output():
        assert raw_stdout() is terminal
        table = reporter("wide")
        table.changed(app, [ObjectState(group="", kind="K", namespace="", name=TITLE, message=TITLE)])
        table.end()
    drawn = terminal.getvalue()
    assert "pwned" in drawn
    assert "\x1b]0" not in drawn
    assert "\x07" not in drawn


def test_the_folder_for_comparing_is_private() -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        assert stat.S_IMODE(Path(folder).stat().st_mode) == 0o700
