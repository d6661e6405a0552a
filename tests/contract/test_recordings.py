"""Each recording is what the stock command printed and asked; ours prints and asks the same."""

import base64
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog

from fairlead.cli.program import run
from fairlead.cli.session import version
from fairlead.cli.view import times
from tests.contract import recordings
from tests.contract.recordings import Recording
from tests.unit.cli.api_server import RecordedServer, recorded

SERVER = "localhost:8080"
"""The address in the recordings."""
TOKEN = "<jwt>"
"""What stands for a token in the recordings."""
NOTHING_TO_WATCH = {"verb": "GET", "path": "/api/v1/stream/applications", "lines": []}
"""A stream that ends at once, for those that ours opens and the stock command had no need of."""
CLAIMS = {"iat": 1795397547, "exp": 1795401147, "jti": "3caacad8-5746-45e6-899c-3549ddfd7212"}
NOW = datetime(2026, 11, 23, 1, 32, 28, tzinfo=UTC)
"""When recording 022 ran; it tells how long ago a token was issued."""
NO_TLS_TEST = "failed to check the TLS config settings"
"""Ours does not ask a plaintext server for TLS before a logout, so it has nothing to warn of."""
CLIENT = {
    "Version": "v3.6.1+unknown",
    "BuildDate": "1970-01-01T00:00:00Z",
    "GitCommit": "",
    "GitTag": "",
    "GitTreeState": "",
    "GoVersion": "go1.27.3",
    "Compiler": "gc",
    "Platform": "linux/amd64",
    "KubectlVersion": "",
    "ExtraBuildInfo": "",
}
"""The client's version in the recordings, which is another program's."""

NOT_YET: dict[int, str] = {
    59: "the stock command shows one of two missing objects; ours shows both",
    65: "the end of the operation came over a stream that was not recorded",
}
"""Recordings that do not pass, with the reason. This list only shrinks."""


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


@pytest.mark.parametrize("file", recordings.FILES, ids=[file.stem for file in recordings.FILES])
def test_the_command_does_what_the_stock_one_did(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    recording = recordings.read(file)
    if recording.number in NOT_YET:
        pytest.xfail(NOT_YET[recording.number])
    prepare(recording, tmp_path, monkeypatch)
    with recorded([*(call.answer for call in recording.calls), NOTHING_TO_WATCH]) as server:
        moved(tmp_path / "config", server)
        code = run([word.replace(SERVER, server.address) for word in words(recording)], "argocd")
        out, err = capsys.readouterr()
    out, err = (text.replace(server.address, SERVER) for text in (out, err))
    assert told(err) == told(recording.stderr)
    assert timeless(out) == timeless(recording.stdout)
    assert code == recording.exit_code
    assert written(server) == asked(recording)


def test_what_does_not_pass_yet_is_a_recording() -> None:
    assert set(NOT_YET) <= {int(file.stem[:3]) for file in recordings.FILES}


def prepare(recording: Recording, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The place and the time that the command ran in."""
    monkeypatch.setenv("ARGOCD_CONFIG_DIR", str(folder))
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.chdir(folder)
    monkeypatch.setattr(version, "own", lambda: dict(CLIENT))
    if recording.number == 22:
        monkeypatch.setattr(times, "now", lambda: NOW)
    for call in recording.calls:
        if call.answer.get("body", {}).get("token") == TOKEN:
            call.answer["body"]["token"] = token("proj:team:ci" if "project" in call.rpc else "admin:login")
        if call.rpc.endswith(("ApplicationSetService/Create", "ApplicationSetService/Generate")):
            document = call.request.get("applicationset") or call.request["applicationSet"]
            (folder / "set.yaml").write_text(json.dumps({"kind": "ApplicationSet", **document}))
        if call.rpc.endswith("CreateCertificate"):
            (folder / "run").mkdir()
            data = call.request["certificates"]["items"][0]["certData"]
            (folder / "run/x.crt").write_bytes(base64.b64decode(data))
    if recording.argv[0] == "logout":
        session = {"server": SERVER, "plain-text": True}
        config = {
            "contexts": [{"name": SERVER, "server": SERVER, "user": SERVER}],
            "servers": [session],
            "users": [{"name": SERVER, "auth-token": token("admin:login")}],
            "current-context": SERVER,
        }
        (folder / "config").write_text(json.dumps(config))
        (folder / "config").chmod(0o600)


def words(recording: Recording) -> list[str]:
    """The command line, with the server where the recorded one had it in its configuration."""
    if recording.argv[0] in ("login", "logout"):
        return recording.argv
    return [*recording.argv, "--server", SERVER, "--plaintext"]


def moved(config: Path, server: RecordedServer) -> None:
    """Let a configuration name the server that is there."""
    if config.exists():
        config.write_text(config.read_text().replace(SERVER, server.address))


def token(subject: str) -> str:
    claims = base64.urlsafe_b64encode(json.dumps({"sub": subject, **CLAIMS}).encode()).decode().rstrip("=")
    return f"e30.{claims}.c2ln"


def timeless(text: str) -> str:
    """Ages, the times of progress and tokens are those of the test; columns are as wide as they need, and the
    order of an object's fields and of host keys is nobody's: the stock command's is by chance."""
    text = re.sub(r"e30\.[\w-]+\.c2ln", TOKEN, text)
    if text.startswith(("FIELD", "HOSTNAME")):
        return "\n".join(sorted(re.sub(r" +", " ", line).strip() for line in text.splitlines()))
    if text.startswith("TIMESTAMP"):
        lines = (line for line in text.splitlines() if not re.match(r"\d{4}-\d\d-\d\dT", line))
        return "\n".join(re.sub(r" +", " ", line) for line in lines)
    if "AGE" not in text:
        return text
    head, _, tail = text.partition("KIND/NAME")
    return head + re.sub(r" +", " ", re.sub(r"\b\d+[smhdy]\w* ", "AGE ", tail))


def told(text: str) -> list[tuple[str, str]]:
    """The lines of stderr: level and message, or the line itself."""
    found = []
    for line in text.splitlines():
        said: dict[str, str] = json.loads(line) if line.startswith("{") else {"level": "", "msg": line}
        if not said["msg"].startswith(NO_TLS_TEST):
            found.append((said["level"], said["msg"]))
    return found


def asked(recording: Recording) -> list[tuple[str, Any]]:
    """What was recorded as written, in order."""
    return [
        (call.rpc, recordings.said(call.request))
        for call in recording.calls
        if call.rpc and recordings.ROUTES[call.rpc].verb != "GET"
    ]


def written(server: RecordedServer) -> list[tuple[str, Any]]:
    """What was written to the server, in order."""
    found = []
    for verb, path, query, body in server.requests:
        if verb == "GET" or path == "/auth/logout":
            continue
        rpc = recordings.method_of(verb, path)
        found.append((rpc, recordings.message_of(rpc, path, query, body)))
    return found
