"""Single sign-on from a terminal, with a provider that speaks HTTP and a browser that needs nobody."""

import base64
import contextlib
import hashlib
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import yaml

from fairlead.cli.program import run
from fairlead.local.ports import choose_port
from tests.unit.cli.api_server import RecordedServer, recorded


class Provider(ThreadingHTTPServer):
    """One issuer; `lie` changes what it tells, as an attacker would."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server_port}"
        self.asked: dict[str, str] = {}
        self.lie: dict[str, str] = {}
        self.forms: list[dict[str, str]] = []


class Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path.endswith("openid-configuration"):
            issuer = self.server.issuer
            names = ("authorization_endpoint", "token_endpoint")
            self._json({"issuer": issuer, **{name: f"{issuer}/{name}" for name in names}})
            return
        asked = self.server.asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
        back = {"code": "c0de", "state": self.server.lie.get("state", asked["state"])}
        if "error" in self.server.lie:
            back = {"error": self.server.lie["error"], "state": asked["state"]}
        self.send_response(302)
        self.send_header("Location", f"{asked['redirect_uri']}?{urlencode(back)}")
        self.end_headers()

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        form = {key: values[0] for key, values in parse_qs(self.rfile.read(length).decode()).items()}
        self.server.forms.append(form)
        nonce = self.server.lie.get("nonce", self.server.asked.get("nonce", ""))
        self._json({"id_token": token(nonce=nonce, exp=int(time.time()) + 600), "refresh_token": "again"})

    def _json(self, body: Any) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def token(**claims: Any) -> str:
    body = json.dumps({"sub": "u-1", "email": "ada@example.org", **claims}).encode()
    return f"e30.{base64.urlsafe_b64encode(body).decode().rstrip('=')}.c2ln"


@pytest.fixture
def provider() -> Iterator[Provider]:
    running = Provider()
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield running
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.fixture
def server(provider: Provider, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[RecordedServer]:
    monkeypatch.setenv("ARGOCD_CONFIG_DIR", str(tmp_path))
    for name in ("ARGOCD_SERVER", "ARGOCD_AUTH_TOKEN", "ARGOCD_OPTS"):
        monkeypatch.delenv(name, raising=False)
    oidc = {"issuer": provider.issuer, "clientID": "web", "cliClientID": "terminal"}
    answers = [
        {"verb": "GET", "path": "/api/v1/settings", "body": {"oidcConfig": oidc}},
        {"verb": "GET", "path": "/api/v1/account", "body": {"items": []}},
    ]
    with recorded(answers) as running:
        yield running


def browse(address: str) -> bool:
    """A browser that follows where it is sent."""

    def follow() -> None:
        with (
            contextlib.suppress(urllib.error.HTTPError),
            urllib.request.urlopen(address, timeout=30) as answer,  # noqa: S310 - an address of this test
        ):
            answer.read()

    threading.Thread(target=follow, daemon=True).start()
    return True


def log_in(server: RecordedServer, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("webbrowser.open", browse)
    port = str(choose_port())
    words = ["login", server.address, "--plaintext", "--skip-test-tls", "--sso", "--sso-port", port]
    return run(words, "argocd")


def kept(folder: Path) -> dict[str, Any]:
    config = yaml.safe_load((folder / "config").read_text())
    user: dict[str, Any] = config["users"][0]
    return user


def test_a_person_logs_in_by_the_code_flow_with_proof_of_possession(
    server: RecordedServer,
    provider: Provider,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    assert log_in(server, monkeypatch) == 0
    assert "'ada@example.org' logged in successfully" in capsys.readouterr().out
    form = provider.forms[0]
    proof = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest())
    assert provider.asked["code_challenge"] == proof.decode().rstrip("=")
    assert (form["client_id"], form["code"]) == ("terminal", "c0de")
    assert kept(tmp_path)["refresh-token"] == "again"


def test_a_token_that_has_expired_is_renewed_and_kept(
    server: RecordedServer, provider: Provider, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert log_in(server, monkeypatch) == 0
    file = tmp_path / "config"
    old = kept(tmp_path)["auth-token"]
    file.write_text(file.read_text().replace(old, token(exp=1)))
    assert run(["account", "list"], "argocd") == 0
    assert provider.forms[-1] == {
        "grant_type": "refresh_token",
        "refresh_token": "again",
        "client_id": "terminal",
    }
    assert server.tokens[-1] == f"Bearer {kept(tmp_path)['auth-token']}"
    assert kept(tmp_path)["auth-token"] != token(exp=1)


@pytest.mark.parametrize(
    "lie",
    [({"nonce": "another"}, "not of this login"), ({"error": "access_denied"}, "access_denied")],
)
def test_an_answer_that_is_not_of_this_login_is_refused(
    lie: tuple[dict[str, str], str],
    server: RecordedServer,
    provider: Provider,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    provider.lie, words = lie
    assert log_in(server, monkeypatch) == 20
    assert words in capsys.readouterr().err


def test_a_code_with_a_foreign_state_is_never_redeemed(
    server: RecordedServer, provider: Provider, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    provider.lie = {"state": "foreign"}
    monkeypatch.setattr("fairlead.cli.session.sign_on.LOGIN_SECONDS", 0.5)
    assert log_in(server, monkeypatch) == 20
    assert provider.forms == []


def test_a_server_without_single_sign_on_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("ARGOCD_CONFIG_DIR", str(tmp_path))
    with recorded([{"verb": "GET", "path": "/api/v1/settings", "body": {}}]) as server:
        assert log_in(server, monkeypatch) == 20
    assert "SSO is not configured" in capsys.readouterr().err
