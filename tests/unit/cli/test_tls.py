"""Servers that speak TLS: trusted, by an authority of one's own, unseen, or not at all."""

import io
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from fairlead.cli.program import run
from fairlead.local.pki import Pki, ensure_pki
from tests.unit.cli.api_server import RecordedServer, over_tls, recorded
from tests.unit.cli.test_sessions import INFO, LOGIN


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return ensure_pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def server(pki: Pki, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[RecordedServer]:
    monkeypatch.setenv("ARGOCD_CONFIG_DIR", str(tmp_path))
    with recorded([LOGIN, INFO]) as running:
        over_tls(running, str(pki.server.certificate), str(pki.server.key))
        yield running


def log_in(server: RecordedServer, *more: str) -> int:
    words = ["login", server.address, "--username", "admin", "--password", "secret"]
    return run([*words, *more], "argocd")


@pytest.mark.usefixtures("capsys")
def test_an_authority_of_ones_own_is_remembered_with_the_session(
    server: RecordedServer, pki: Pki, tmp_path: Path
) -> None:
    assert log_in(server, "--server-crt", str(pki.ca.certificate)) == 0
    assert yaml.safe_load((tmp_path / "config").read_text())["servers"][0]["certificate-authority-data"]
    assert run(["account", "get-user-info"], "argocd") == 0


@pytest.mark.usefixtures("capsys")
def test_a_certificate_may_be_trusted_unseen(server: RecordedServer) -> None:
    assert log_in(server, "--insecure") == 0
    assert run(["account", "get-user-info"], "argocd") == 0


def test_an_unknown_certificate_is_asked_about(
    server: RecordedServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert log_in(server) == 1
    assert "server certificate had error" in capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert log_in(server) == 0
    assert run(["account", "get-user-info"], "argocd") == 0


def test_an_unknown_certificate_is_refused_where_nobody_is_asked(
    server: RecordedServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["account", "get-user-info", "--server", server.address], "argocd") == 20
    assert "--server-crt FILE, or --insecure" in capsys.readouterr().err


def test_plaintext_to_a_server_with_tls_says_which_flag_is_wrong(
    server: RecordedServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["account", "get-user-info", "--server", server.address, "--plaintext"], "argocd") == 20
    assert "leave out --plaintext" in capsys.readouterr().err


def test_a_certificate_of_ones_own_is_remembered_with_the_session(
    pki: Pki, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ARGOCD_CONFIG_DIR", str(tmp_path))
    with recorded([LOGIN, INFO]) as running:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pki.server.certificate, pki.server.key)
        context.load_verify_locations(pki.ca.certificate)
        context.verify_mode = ssl.CERT_REQUIRED
        running.socket = context.wrap_socket(running.socket, server_side=True)
        ours = next(iter(pki.clients.values()))
        own = ("--client-crt", str(ours.certificate), "--client-crt-key", str(ours.key))
        assert log_in(running, "--server-crt", str(pki.ca.certificate), *own) == 0
        kept = yaml.safe_load((tmp_path / "config").read_text())["servers"][0]
        assert kept["client-certificate-data"]
        assert kept["client-certificate-key-data"]
        assert run(["account", "get-user-info"], "argocd") == 0
        (tmp_path / "config").unlink()
        assert run(["account", "get-user-info", "--server", running.address, "--insecure"], "argocd") == 20
    assert "Logged In: true" in capsys.readouterr().out
