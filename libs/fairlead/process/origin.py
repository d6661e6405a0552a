"""Where a process runs, so that its successor knows whether it surely has ended.

Invariant: "ended" is said only of a process that cannot run again: an earlier container of the same pod, or a
process of this machine that is no more. A stopped or unreachable one has not ended.
"""

import os
from collections.abc import Mapping
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")


def origin(environment: Mapping[str, str] | None = None) -> str:
    """`pod:<uid>` where POD_UID is set, else `process:<machine>:<pid>:<start>`; "" where none can be told."""
    env = os.environ if environment is None else environment
    if env.get("POD_UID"):
        return f"pod:{env['POD_UID']}"
    machine, start = _machine(), _started(os.getpid())
    return f"process:{machine}:{os.getpid()}:{start}" if machine and start else ""


def has_ended(other: str, ours: str) -> bool:
    """Whether the process of another origin has surely ended, seen from ours.

    The kubelet starts a container only when its predecessor in the pod has ended.
    """
    if not other or not ours:
        return False
    if other.startswith("pod:"):
        return other == ours
    kind, _, rest = other.partition(":")
    machine, _, process = rest.partition(":")
    if kind != "process" or machine != _machine():
        return False
    pid, _, start = process.partition(":")
    return pid.isdecimal() and _started(int(pid)) != start


def _machine() -> str:
    """This boot of this machine, and the process namespace in it."""
    try:
        return f"{_BOOT.read_text().strip()}/{Path('/proc/self/ns/pid').readlink()}".replace(":", "")
    except OSError:
        return ""


def _started(pid: int) -> str:
    """When a process was started, in clock ticks since boot; "" for one that is no more or is a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]
