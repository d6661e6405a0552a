"""Streams that break off, end or fall silent: what was cut is never taken for the whole."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from fairlead.cli.program import run

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"


def chunk(text: str, **more: object) -> bytes:
    content = json.dumps({"result": {"content": text, **more}}).encode() + b"\n"
    return f"{len(content):x}\r\n".encode() + content + b"\r\n"


@contextmanager
def streaming(*answers: bytes) -> Iterator[tuple[str, list[str]]]:
    """A server that sends these bytes, one answer for each connection, and closes; the last one for ever."""
    asked: list[str] = []
    left = list(answers)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection:
                        asked.append(connection.recv(65536).decode().split("\r\n")[0])
                        connection.sendall(left.pop(0) if len(left) > 1 else left[0])
                        connection.shutdown(socket.SHUT_WR)
                        connection.recv(65536)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}", asked


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fairlead.cli.app.logs.PAUSE", 0.01)


def logs(address: str, *words: str) -> int:
    return run(["app", "logs", "web", "--server", address, "--plaintext", *words], "argocd")


@pytest.mark.parametrize("cut", [b"", b"40\r\nhalf a ch", chunk("two")[:-8]])
def test_logs_that_were_cut_end_with_one(cut: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    with streaming(HEAD + chunk("one") + cut) as (address, _):
        assert logs(address) == 1
    said = capsys.readouterr()
    assert said.out == "one\n"
    assert json.loads(said.err)["msg"] == "stream read failed: the stream broke off"


def test_logs_that_ended_are_whole(capsys: pytest.CaptureFixture[str]) -> None:
    with streaming(HEAD + chunk("one") + chunk("", last=True) + END) as (address, _):
        assert logs(address) == 0
    with streaming(HEAD + chunk("one") + END) as (address, _):
        assert logs(address) == 0
    assert capsys.readouterr().out == "one\none\n"


def test_logs_that_are_followed_go_on_behind_the_last_line(capsys: pytest.CaptureFixture[str]) -> None:
    first = HEAD + chunk("one", timeStampStr="2026-11-23T01:32:45Z")
    with streaming(first, HEAD + chunk("two") + END, HEAD + chunk("", last=True) + END) as (address, asked):
        assert logs(address, "--follow", "--tail", "5") == 0
    assert capsys.readouterr().out == "one\ntwo\n"
    assert "tailLines=5" in asked[0]
    assert "sinceTime=2026-11-23T01%3A32%3A45Z" in asked[1]
    assert "tailLines" not in asked[2]


def test_a_server_that_is_gone_for_good_is_not_followed_for_ever(capsys: pytest.CaptureFixture[str]) -> None:
    with streaming(HEAD) as (address, asked):
        assert logs(address, "--follow") == 1
    assert len(asked) == 5
    assert "stream read failed" in json.loads(capsys.readouterr().err)["msg"]
