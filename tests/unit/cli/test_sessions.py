"""Logging in, staying logged in, logging out: what is sent where, and what is kept."""

import io
import json
import socket
import threading
from pathlib import Path
from typing import Any

import pytest
import yaml

from fairlead.cli.program import run
from tests.unit.cli.api_server import recorded

TOKEN = "x.eyJzdWIiOiJhZG1pbjpsb2dpbiJ9.y"
LOGIN = {"verb": "POST", "path": "/api/v1/session", "body": {"token": TOKEN}}
INFO = {
    "verb": "GET",
    "path": "/api/v1/session/userinfo",
    "body": {"loggedIn": True, "username": "admin", "iss": "argocd"},
}
LOGOUT = {"verb": "POST", "path": "/auth/logout", "body": {}}


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("ARGOCD_CONFIG_DIR", str(tmp_path))
    monkeypatch.delenv("ARGOCD_SERVER", raising=False)
    monkeypatch.delenv("ARGOCD_AUTH_TOKEN", raising=False)
    return tmp_path


def config(folder: Path) -> Any:
    return yaml.safe_load((folder / "config").read_text())


def log_in(address: str, *more: str) -> int:
    return run(
        ["login", address, "--plaintext", "--username", "admin", "--password", "secret", *more], "argocd"
    )


def test_login_remembers_the_session_for_its_owner_only(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with recorded([LOGIN]) as server:
        assert log_in(server.address, "--grpc-web", "--skip-test-tls") == 0
        address = server.address
    out = capsys.readouterr().out
    assert out == f"'admin:login' logged in successfully\nContext '{address}' updated\n"
    assert (folder / "config").stat().st_mode & 0o777 == 0o600
    kept = config(folder)
    assert kept["current-context"] == address
    assert kept["contexts"] == [{"name": address, "server": address, "user": address}]
    assert kept["users"] == [{"name": address, "auth-token": TOKEN}]
    assert kept["servers"][0]["plain-text"]
    assert kept["servers"][0]["grpc-web"]


def test_the_session_is_used_by_the_next_command(capsys: pytest.CaptureFixture[str]) -> None:
    with recorded([LOGIN, INFO]) as server:
        log_in(server.address, "--name", "local")
        assert run(["account", "get-user-info"], "argocd") == 0
        assert run(["context"], "argocd") == 0
        address = server.address
    out = capsys.readouterr().out
    assert "Logged In: true\nUsername: admin\nIssuer: argocd\nGroups: \n" in out
    assert out.endswith(f"CURRENT  NAME   SERVER\n*        local  {address}\n")


def test_a_token_is_not_sent_to_another_server(capsys: pytest.CaptureFixture[str]) -> None:
    with recorded([LOGIN]) as server, recorded([INFO]) as other:
        log_in(server.address)
        assert run(["account", "get-user-info", "--server", other.address, "--plaintext"], "argocd") == 0
        assert not other.tokens[-1]
        assert run(["account", "get-user-info", "--server", server.address], "argocd") == 20
        assert server.tokens[-1] == f"Bearer {TOKEN}"
    capsys.readouterr()


def test_a_token_of_the_environment_wins_over_the_remembered_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with recorded([LOGIN, INFO]) as server:
        log_in(server.address)
        monkeypatch.setenv("ARGOCD_AUTH_TOKEN", "a.b.c")
        assert run(["account", "get-user-info"], "argocd") == 0
        assert server.tokens[-1] == "Bearer a.b.c"
    capsys.readouterr()


def test_a_password_may_be_piped_and_is_shown_nowhere(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("admin\nhunter22\n"))
    with recorded([LOGIN]) as server:
        assert run(["login", server.address, "--plaintext"], "argocd") == 0
        assert server.requests[-1][3] == {"username": "admin", "password": "hunter22"}
    captured = capsys.readouterr()
    assert "hunter22" not in captured.out + captured.err + (folder / "config").read_text()


def test_a_wrong_password_is_told_as_recorded(capsys: pytest.CaptureFixture[str]) -> None:
    refusal = {
        "verb": "POST",
        "path": "/api/v1/session",
        "status": 401,
        "body": {"code": 16, "message": "Invalid username or password"},
    }
    with recorded([refusal]) as server:
        assert log_in(server.address) == 20
    said = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["level"], line["msg"]) for line in said] == [
        ("fatal", "rpc error: code = Unauthenticated desc = Invalid username or password")
    ]


def test_logout_ends_the_session_and_forgets_the_token(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with recorded([LOGIN, LOGOUT]) as server:
        log_in(server.address)
        capsys.readouterr()
        assert run(["logout", server.address], "argocd") == 0
        assert server.cookies[-1] == f"argocd.token={TOKEN}"
        address = server.address
    captured = capsys.readouterr()
    assert captured.out == f"Logged out from '{address}'\n"
    assert "token successfully invalidated on server" in captured.err
    assert config(folder)["users"] == [{"name": address}]


def test_logout_forgets_the_token_even_when_the_server_is_gone(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with recorded([LOGIN]) as server:
        log_in(server.address)
    assert run(["logout"], "argocd") == 0
    assert "auth-token" not in config(folder)["users"][0]
    assert "could not be invalidated" in capsys.readouterr().err


def test_a_server_without_tls_is_asked_about_before_a_password_is_sent(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    with recorded([LOGIN]) as server:
        assert run(["login", server.address, "--username", "admin", "--password", "p"], "argocd") == 1
        assert not [request for request in server.requests if request[1] == "/api/v1/session"]
    assert "server is not configured with TLS" in capsys.readouterr().out


def test_tls_to_a_server_without_it_says_which_flag_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    with recorded([INFO]) as server:
        assert run(["account", "get-user-info", "--server", server.address], "argocd") == 20
    assert "--plaintext" in capsys.readouterr().err


def test_something_that_is_no_web_server_is_named_so(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_talk_nonsense, args=(listener,))
        thread.start()
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        assert run(["version", "--server", address, "--plaintext"], "argocd") == 20
        thread.join()
    assert "no API server" in capsys.readouterr().err


def _talk_nonsense(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(4096)
        connection.sendall(b"220 mail.example.com ESMTP\r\n\r\n")


def test_an_expired_token_is_answered_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    refusal = {
        "verb": "GET",
        "path": "/api/v1/applications",
        "status": 401,
        "body": {"code": 16, "message": "invalid session: token is expired"},
    }
    with recorded([refusal]) as server:
        assert run(["app", "list", "--server", server.address, "--plaintext"], "argocd") == 20
    said = capsys.readouterr().err
    assert "code = Unauthenticated desc = invalid session: token is expired" in said
    assert "relogin" in said


def test_relogin_needs_nothing_but_the_password(capsys: pytest.CaptureFixture[str]) -> None:
    with recorded([LOGIN]) as server:
        log_in(server.address)
        capsys.readouterr()
        assert run(["relogin", "--password", "p"], "argocd") == 0
        assert server.requests[-1][3] == {"username": "admin", "password": "p"}
    assert capsys.readouterr().out.startswith("Relogging in as 'admin'\n")


def test_contexts_are_chosen_and_forgotten(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with recorded([LOGIN]) as server:
        log_in(server.address, "--name", "one")
        log_in(server.address, "--name", "two")
    capsys.readouterr()
    assert run(["context", "one"], "argocd") == 0
    assert run(["context", "two", "--delete"], "argocd") == 0
    assert run(["context", "two"], "argocd") == 20
    assert capsys.readouterr().out == "Switched to context 'one'\nContext 'two' deleted\n"
    assert [entry["name"] for entry in config(folder)["contexts"]] == ["one"]
    assert len(config(folder)["servers"]) == 1
