"""A controller that is several processes on one machine.

Each is a member as a replica is: it has a Lease, clusters of its own and all of its work. Invariant: to the
outside they are one: one port for probes and metrics, begun and ended together.
"""

from __future__ import annotations

import os
import secrets
import socket
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from typing import NoReturn

import msgspec
import structlog

from fairlead.app_controller.config import SERVICE, Config
from fairlead.process import Stop, run
from fairlead.process.front import Front, listening
from fairlead.process.several import Complaints, Work

log = structlog.get_logger(__name__)

PROBES = "probes"


Serve = Callable[[Config, Stop, socket.socket], Awaitable[None]]


def parts(config: Config, serve: Serve, complaints: Complaints) -> dict[str, Work]:
    """What the processes do, by name: members, which `serve`, and who answers for them, and complains."""
    config = msgspec.structs.replace(config, life=secrets.token_hex(4))
    sockets = {f"member-{number}": listening() for number in range(1, config.processes + 1)}
    found: dict[str, Work] = {name: partial(_member, config, serve, it) for name, it in sockets.items()}
    if config.probe_port:
        found[PROBES] = partial(_front, config, Front(sockets, complaints.about))
    return found


def become(processes: int) -> NoReturn:
    """Begin anew, as so many processes; nothing that is open now stays."""
    log.info("controller.several", processes=processes)
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:], f"--processes={processes}"])  # noqa: S606


def _member(config: Config, serve: Serve, listener: socket.socket) -> None:
    member = msgspec.structs.replace(config, processes=1, probe_port=0)
    run(SERVICE, lambda stop: serve(member, stop, listener))


def _front(config: Config, front: Front) -> None:
    run(SERVICE, lambda stop: front.serve(stop, address=config.probe_address, port=config.probe_port))
