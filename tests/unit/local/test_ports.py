"""Ports that are free, and stay so while their server restarts."""

import socket

import pytest

from fairlead.local.ports import FIRST, LAST, LOOPBACK, choose_port, is_listening


def test_a_chosen_port_is_free_and_never_one_of_an_outgoing_connection() -> None:
    port = choose_port()
    assert FIRST <= port <= LAST
    with socket.socket() as listener:
        listener.bind((LOOPBACK, port))


def test_a_wanted_port_is_kept() -> None:
    assert choose_port(8080) == 8080


def test_a_port_in_use_is_not_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server((LOOPBACK, 0)) as listener:
        taken = listener.getsockname()[1]
        answers = iter([taken - FIRST, 7])
        monkeypatch.setattr("secrets.randbelow", lambda _limit: next(answers))
        assert choose_port() == FIRST + 7


async def test_a_server_is_seen_listening() -> None:
    with socket.create_server((LOOPBACK, 0)) as listener:
        assert await is_listening(listener.getsockname()[1])
    assert not await is_listening(choose_port())
