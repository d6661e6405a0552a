"""Single sign-on from a terminal: the code flow with PKCE, whose answer comes to a port of this machine.

The invariant: an answer counts only with the state that this very login made, and its token only with the
nonce; whether the token is genuine is for the server to say, which checks it with every call.
"""

import hashlib
import http.server
import secrets
import threading
import urllib.error
import urllib.request
import webbrowser
from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec

from fairlead.cli.client import Document
from fairlead.cli.errors import CliError, SettingsError
from fairlead.cli.session.token import claims_of

CLIENT = "argo-cd-cli"
"""Name of this command at Dex."""
SCOPES = ("openid", "profile", "email", "groups", "offline_access")
PATH = "/auth/callback"
ANSWER_SECONDS = 30
LOGIN_SECONDS = 300
"""How long a person may take to log in."""
MAX_ANSWER = 1 << 20
DONE = b"<p>Authentication was successful, you can now return to the terminal.</p>"
FAILED = b"<p>Authentication failed; the terminal says why.</p>"


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to ask, and as which client."""

    issuer: str
    client: str
    scopes: tuple[str, ...] = SCOPES


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """What a login yields; the second renews the first."""

    id_token: str = ""
    refresh_token: str = ""


class _Endpoints(msgspec.Struct, frozen=True, kw_only=True):
    authorization_endpoint: str
    token_endpoint: str


def provider_of(settings: Document, server_url: str) -> Provider:
    """Whom the server's settings name. Raises SettingsError when single sign-on is off."""
    oidc = settings.get("oidcConfig") or {}
    if oidc.get("issuer"):
        client = str(oidc.get("cliClientID") or oidc.get("clientID") or "")
        return Provider(issuer=str(oidc["issuer"]), client=client, scopes=tuple(oidc.get("scopes") or SCOPES))
    if (settings.get("dexConfig") or {}).get("connectors"):
        base = str(settings.get("url") or server_url).rstrip("/")
        return Provider(issuer=f"{base}/api/dex", client=CLIENT)
    raise SettingsError("SSO is not configured on this server; give --username and --password")


def sign_on(provider: Provider, *, port: int, callback: str, launch: bool) -> Tokens:
    """Let a person log in in a browser. Raises CliError."""
    endpoints = _endpoints(provider)
    verifier, state, nonce = (secrets.token_urlsafe(48) for _ in range(3))
    host, _, where = (callback or f"localhost:{port}").rpartition(":")
    redirect = f"http://{host}:{where}{PATH}"
    query = {
        "client_id": provider.client,
        "redirect_uri": redirect,
        "response_type": "code",
        "scope": " ".join(provider.scopes),
        "state": state,
        "nonce": nonce,
        "code_challenge": _challenge(verifier),
        "code_challenge_method": "S256",
    }
    joint = "&" if "?" in endpoints.authorization_endpoint else "?"
    address = f"{endpoints.authorization_endpoint}{joint}{urlencode(query)}"
    with _Callback(port, state) as waiting:
        print(f"Performing authorization_code flow login: {address}", flush=True)
        if launch:
            print("Opening system default browser for authentication", flush=True)
            webbrowser.open(address)
        code = waiting.code()
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect}
    tokens = _tokens(endpoints, {**form, "client_id": provider.client, "code_verifier": verifier})
    if claims_of(tokens.id_token).nonce != nonce:
        raise CliError("single sign-on: the token is not of this login; try again")
    print("Authentication successful")
    return tokens


def renewed(provider: Provider, refresh: str) -> Tokens:
    """A new token for one that has expired. Raises CliError."""
    form = {"grant_type": "refresh_token", "refresh_token": refresh, "client_id": provider.client}
    tokens = _tokens(_endpoints(provider), form)
    return tokens if tokens.refresh_token else msgspec.structs.replace(tokens, refresh_token=refresh)


class _Callback:
    """Listens on the loopback for the browser's way back."""

    def __init__(self, port: int, state: str) -> None:
        self._answers: list[dict[str, str]] = []
        self._is_there = threading.Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                found = {key: values[0] for key, values in parse_qs(parts.query).items()}
                is_ours = parts.path == PATH and secrets.compare_digest(found.get("state", ""), state)
                self.send_response(200 if is_ours else 400)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(DONE if is_ours and "code" in found else FAILED)
                if is_ours:
                    outer._answers.append(found)
                    outer._is_there.set()

            def log_message(self, *_: object) -> None:
                """Codes are told to nobody."""

        try:
            self._server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        except OSError as error:
            raise SettingsError(f"cannot listen on port {port}: {error.strerror}; give --sso-port") from error
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> "_Callback":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def code(self) -> str:
        """The code that the browser brought. Raises CliError."""
        if not self._is_there.wait(LOGIN_SECONDS):
            raise CliError(f"nobody logged in within {LOGIN_SECONDS} s")
        found = self._answers[0]
        if "code" not in found:
            words = found.get("error_description") or found.get("error") or "no code came back"
            raise CliError(f"single sign-on failed: {words}")
        return found["code"]


def _challenge(verifier: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _endpoints(provider: Provider) -> _Endpoints:
    address = f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration"
    request = urllib.request.Request(_checked(address))  # noqa: S310 - checked
    found: _Endpoints = _asked(request, _Endpoints)
    return found


def _tokens(endpoints: _Endpoints, form: dict[str, str]) -> Tokens:
    request = urllib.request.Request(_checked(endpoints.token_endpoint), urlencode(form).encode())  # noqa: S310
    tokens: Tokens = _asked(request, Tokens)
    if not tokens.id_token:
        raise CliError("single sign-on: the provider gave no id token")
    return tokens


def _checked(address: str) -> str:
    if not address.startswith(("https://", "http://")):
        raise SettingsError(f"single sign-on: {address} is no address")
    return address


def _asked(request: urllib.request.Request, kind: Any) -> Any:
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:  # noqa: S310 - checked
            return msgspec.json.decode(answer.read(MAX_ANSWER), type=kind)
    except urllib.error.HTTPError as error:
        words = error.read(2000).decode(errors="replace")
        raise CliError(f"single sign-on: {request.full_url} answered {error.code}: {words}") from error
    except (OSError, msgspec.MsgspecError) as error:
        raise CliError(f"single sign-on: {request.full_url} cannot be asked: {error}") from error
