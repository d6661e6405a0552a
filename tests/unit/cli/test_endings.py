"""Whatever happens to the output, and whatever goes wrong inside: words, and the code that scripts know."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fairlead.cli import commands
from fairlead.cli.program import run

FAIRLEAD = (sys.executable, "-m", "fairlead.cli")


def shell(line: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "ARGOCD_CONFIG_DIR": str(folder), "FAIRLEAD": " ".join(FAIRLEAD)}
    return subprocess.run(
        ["bash", "-c", line], env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_a_reader_that_leaves_ends_the_command_quietly(tmp_path: Path) -> None:
    done = shell("$FAIRLEAD app sync --help | true; echo ${PIPESTATUS[0]}", tmp_path)
    assert done.stdout.strip() in ("0", "141")
    assert done.stderr == ""
    done = shell(
        "{ sleep 1; $FAIRLEAD --help; } 2>err | true; echo ${PIPESTATUS[0]}; cat err; rm err", tmp_path
    )
    assert done.stdout == "141\n"


def test_a_disk_that_is_full_is_told(tmp_path: Path) -> None:
    done = shell("$FAIRLEAD version --client > /dev/full", tmp_path)
    assert done.returncode == 20
    assert json.loads(done.stderr)["msg"] == "cannot write the output: No space left on device"


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed_are_no_fault(closed: str, tmp_path: Path) -> None:
    done = shell(f"$FAIRLEAD version --client {closed}", tmp_path)
    assert done.returncode == 0, done.stderr


def test_a_question_without_anybody_to_answer_is_told(tmp_path: Path) -> None:
    done = shell("$FAIRLEAD login localhost:1 --plaintext <&-", tmp_path)
    assert done.returncode == 20
    assert "give --username" in json.loads(done.stderr)["msg"]


def test_a_fault_of_ours_is_told_in_a_line_and_shown_when_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("ARGOCD_CONFIG_DIR", str(tmp_path))

    def broken(*_: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("fairlead.cli.session.context.config_of", broken)
    assert run(["context"], "argocd") == 20
    said = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["msg"] for line in said] == ["ZeroDivisionError: division by zero"]
    assert "--loglevel debug" in said[0]["hint"]
    assert run(["context", "--loglevel", "debug"], "argocd") == 20
    assert "Traceback" in json.loads(capsys.readouterr().err.splitlines()[0])["msg"]


@pytest.mark.parametrize("level", ["warn", "warning"])
def test_both_words_for_warnings_choose_them(level: str, capsys: pytest.CaptureFixture[str]) -> None:
    from fairlead.cli import messages

    messages.configure(form="json", level=level)
    messages.info("not this")
    messages.warning("this")
    messages.configure(form="json", level="info")
    assert json.loads(capsys.readouterr().err)["msg"] == "this"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--auth-token", "a\nb"], "the token holds a character"),
        (["--auth-token", "caf\u00e9"], "the token holds a character"),
        (["-H", '"X-A: b\nEvil: c"'], "holds a character that no header can have"),
        (["-H", "X A: b"], "holds a character that no header can have"),
        (["-H", "none"], "colon(:)-separated"),
        (["--server", "a..b"], "its name cannot be one"),
        (["--server", "x" * 70], "its name"),
        (["--server", "a b"], "is no server address"),
        (["--server", "me@host:1"], "is no server address"),
        (["--server", "host:"], "is no server address"),
        (["--server", "host:x"], "is no server address"),
        (["--server", "::ffff"], "cannot talk to [::ffff]"),
        (["--client-crt", "/nonexistent"], "certificate files cannot be used"),
    ],
)
def test_what_cannot_be_sent_is_told_before_it_is(
    words: list[str],
    expected: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ARGOCD_CONFIG_DIR", str(tmp_path))
    server = [] if "--server" in words else ["--server", "127.0.0.1:1"]
    plain = [] if "--client-crt" in words else ["--plaintext"]
    assert run(["app", "list", *server, *plain, *words], "argocd") == 20
    said = capsys.readouterr().err
    assert expected in said
    assert "a\\nb" not in said


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["app", "wait", "web", "--timeout", "9" * 30], "value out of range"),
        (["cluster", "set", "x", "--namespace", 'a\nb"'], "invalid argument"),
        (["admin", "cluster", "namespaces", "x"], "no argument is expected"),
        (["app", "sync", "web", "--retry-backoff-duration", "soon"], 'time: invalid duration "soon"'),
        (["admin", "export", "--request-timeout", "soon"], 'time: invalid duration "soon"'),
        (["app", "wait"], "name at least one application"),
        (["app", "sync"], "name at least one application"),
        (["app", "delete", ""], "an application's name is empty"),
        (["login"], "name the server"),
    ],
)
def test_values_that_no_flag_can_have_are_wrong_usage(
    words: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(words, "argocd") == 1
    assert expected in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "code", "expected"),
    [
        ("web --grpc-web", 20, "ARGOCD_OPTS invalid at 'web'"),
        ("-H a:b", 20, "ARGOCD_OPTS invalid at '-H'"),
        ("--plaintext false --server 127.0.0.1:1", 20, "127.0.0.1:1"),
        ("--prompts-enabled=maybe", 1, "prompts-enabled"),
    ],
)
def test_options_of_the_environment_are_read_as_the_original_reads_them(
    options: str,
    code: int,
    expected: str,
    *,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("ARGOCD_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("ARGOCD_OPTS", options)
    assert run(["app", "list"], "argocd") == code
    said = capsys.readouterr()
    assert expected in said.out + said.err


def test_options_of_the_environment_are_no_flags_of_kubernetes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ARGOCD_OPTS", "--server cd.example.com")
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    assert run(["admin", "export"], "argocd") == 20
    assert "cd.example.com" not in capsys.readouterr().err


@pytest.mark.parametrize("path", sorted(commands.COMMANDS))
def test_nonsense_is_refused_by_every_command(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*path.split(), "--no-such-flag"], "argocd") == 1
    said = capsys.readouterr()
    assert said.out == "Error: unknown flag: --no-such-flag\n"
    assert said.err == ""


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["app", "create", "-f", "-"], "is empty; it has to hold an Application"),
        (["appset", "create", "-"], "is empty; it has to hold an ApplicationSet"),
        (["proj", "create", "-f", "-"], "is empty; it has to hold an AppProject"),
        (["account", "bcrypt", "--password", "\u00e9" * 40], "more than 72 bytes"),
    ],
)
def test_what_holds_nothing_to_work_on_is_refused(
    words: list[str],
    expected: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("ARGOCD_CONFIG_DIR", str(tmp_path))
    monkeypatch.setattr("sys.stdin", io.StringIO("---\n"))
    assert run([*words, "--server", "127.0.0.1:1"], "argocd") == 20
    assert expected in capsys.readouterr().err


def test_the_version_of_the_command_is_told_even_when_no_server_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ARGOCD_CONFIG_DIR", str(tmp_path))
    assert run(["version", "--short"], "argocd") == 20
    said = capsys.readouterr()
    assert said.out.startswith("argocd: ")
    assert "address unspecified" in said.err
