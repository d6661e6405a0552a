"""Ports that are free, are nobody else's, and stay so while their server restarts."""

import itertools
import socket
import subprocess
import sys

import pytest

from fairlead.local.ports import FIRST, LAST, LOOPBACK, choose_port, is_listening

ANOTHER = "from fairlead.local.ports import choose_port; print(choose_port(), flush=True); input()"


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
        offer(monkeypatch, taken)
        assert choose_port() != taken


def test_a_port_is_chosen_once_also_before_its_server_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = choose_port()
    offer(monkeypatch, chosen)
    assert choose_port() != chosen


def test_a_port_that_another_process_chose_is_left_to_it_until_that_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ANOTHER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        chosen = int(other.stdout.readline())
        offer(monkeypatch, chosen)
        assert choose_port() != chosen
        other.communicate("\n", timeout=60)
    offer(monkeypatch, chosen)
    assert choose_port() == chosen


async def test_a_server_is_seen_listening() -> None:
    with socket.create_server((LOOPBACK, 0)) as listener:
        assert await is_listening(listener.getsockname()[1])
    assert not await is_listening(choose_port())


def offer(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    """That port is drawn first, then one after the other from the first on."""
    draws = itertools.chain([port - FIRST], itertools.count())
    monkeypatch.setattr("secrets.randbelow", lambda _limit: next(draws))
