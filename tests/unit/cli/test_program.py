"""Whatever is typed ends in an answer, a line that says what to do, and the documented exit code."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fairlead.cli import commands
from fairlead.cli.program import run


@pytest.fixture(autouse=True)
def nobody_is_logged_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ARGOCD_CONFIG_DIR", str(tmp_path))
    for name in ("ARGOCD_SERVER", "ARGOCD_AUTH_TOKEN", "ARGOCD_OPTS"):
        monkeypatch.delenv(name, raising=False)


def last_message(text: str) -> str:
    return str(json.loads(text.splitlines()[-1])["msg"])


@pytest.mark.parametrize("path", sorted(commands.COMMANDS))
def test_every_command_has_help(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*path.split(), "--help"], "fairlead") == 0
    assert f"fairlead {path}" in capsys.readouterr().out


@pytest.mark.parametrize("path", sorted(commands.COMMANDS))
def test_help_keeps_names_whole(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    run([*path.split(), "--help"], "fairlead")
    lines = capsys.readouterr().out.splitlines()
    assert not [line for line in lines if line.endswith("-")]


@pytest.mark.parametrize("path", sorted(commands.GROUPS))
def test_every_group_lists_what_is_in_it(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*path.split(), "--help"], "argocd") == 0
    shown = capsys.readouterr().out
    assert all(f"  {name} " in shown for name in commands.children(path))


def test_an_argument_that_is_not_utf_8_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["app", "get", b"\xff".decode(errors="surrogateescape")], "argocd") == 1
    assert capsys.readouterr() == ("Error: an argument is not UTF-8\n", "")


def test_output_is_utf_8_whatever_the_terminal_claims(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text("contexts: [{name: caf\u00e9, server: s, user: u}]\n", encoding="utf-8")
    config.chmod(0o600)
    words = [sys.executable, "-m", "fairlead.cli", "context", "--config", str(config)]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    ended = subprocess.run(words, env=environment, capture_output=True, check=False, timeout=60)
    assert ended.returncode == 0, ended.stderr
    assert "caf\u00e9" in ended.stdout.decode()


def test_options_of_the_environment_that_cannot_be_read_are_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ARGOCD_OPTS", '--grpc-web "')
    assert run(["app", "list"], "argocd") == 20
    assert last_message(capsys.readouterr().err) == "ARGOCD_OPTS cannot be read: No closing quotation"


@pytest.mark.parametrize("address", ["localhost:99999", "https://"])
def test_an_address_that_cannot_be_one_is_told(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["app", "list", "--server", address], "argocd") == 20
    assert "is no server address; give HOST[:PORT]" in last_message(capsys.readouterr().err)


def test_an_unknown_flag_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["app", "resources", "web", "--tree=detailed"], "argocd") == 1
    assert capsys.readouterr() == ("Error: unknown flag: --tree\n", "")


def test_an_unknown_command_is_answered_with_the_closest_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert run(["app", "synk"], "argocd") == 1
    said = capsys.readouterr()
    assert said.out == 'Error: unknown command "synk" for "argocd app"\n'
    assert "Did you mean sync" in said.err


def test_a_group_without_a_command_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["app"], "argocd") == 1
    assert "terminate-op" in capsys.readouterr().out


def test_without_a_server_it_says_how_to_name_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["app", "list"], "argocd") == 20
    assert "log in first" in last_message(capsys.readouterr().err)


def test_a_server_that_is_not_there_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["app", "list", "--server", "127.0.0.1:1"], "argocd") == 20
    said = capsys.readouterr().err
    assert "nothing listens there" in last_message(said)
    assert len(said.splitlines()) == 1


def test_general_flags_may_come_before_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--server", "127.0.0.1:1", "--plaintext", "app", "list"], "argocd") == 20
    assert "127.0.0.1:1" in last_message(capsys.readouterr().err)


def test_options_of_the_environment_are_defaults(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ARGOCD_OPTS", "--server 127.0.0.1:1 --grpc-web --logformat=text")
    assert run(["app", "get", "web"], "argocd") == 20
    assert 'level=fatal msg="cannot talk to 127.0.0.1:1' in capsys.readouterr().err


def test_diff_without_an_application_ends_with_two(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["app", "diff"], "argocd") == 2
    assert "name exactly one application" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ["app", "sync"],
        ["app", "wait"],
        ["app", "get", "a", "b"],
        ["app", "create"],
        ["app", "set", "web"],
        ["app", "unset", "web"],
        ["app", "delete", "web", "-l", "a=b"],
        ["app", "sync", "web", "--resource", "Deployment"],
        ["app", "patch", "web"],
        ["app", "create", "web", "--helm-set", "novalue"],
        ["account", "can-i", "sync"],
        ["events", "--since", "yesterday"],
    ],
)
def test_a_command_line_that_makes_no_sense_is_refused_before_anybody_is_asked(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*words, "--server", "127.0.0.1:1"] if words[0] != "events" else words, "argocd") in (1, 20)
    said = capsys.readouterr()
    assert len((said.out + said.err).splitlines()) == 1


def test_a_server_behind_kubernetes_needs_a_kubeconfig(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    for flags in (["--port-forward"], ["--port-forward-namespace", "argocd"]):
        assert run(["app", "list", *flags], "argocd") == 20
        assert "KUBECONFIG names another file" in last_message(capsys.readouterr().err)


def test_without_a_server_a_kubeconfig_is_needed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    assert run(["app", "list", "--core"], "argocd") == 20
    assert "KUBECONFIG names another file" in last_message(capsys.readouterr().err)


def test_a_configuration_that_others_can_read_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "config"
    file.write_text("contexts: []\n")
    file.chmod(0o644)
    assert run(["app", "list"], "argocd") == 20
    assert "chmod 0600" in last_message(capsys.readouterr().err)


def test_a_configuration_that_is_something_else_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "config"
    file.write_text("contexts: {a: b}\n")
    file.chmod(0o600)
    assert run(["app", "list"], "argocd") == 20
    assert "log in again" in last_message(capsys.readouterr().err)
