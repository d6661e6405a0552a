"""Where a process runs, so that its successor knows whether it surely has ended.

Invariant: "ended" is said only of a process that cannot run again: one of an earlier container of the same
pod, or of this machine that is no more. A stopped or unreachable one has not ended, nor has one beside us.
"""

import os
from collections.abc import Mapping
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")


def origin(environment: Mapping[str, str] | None = None, *, life: str = "") -> str:
    """`pod:<uid>` where POD_UID is set, else `process:<machine>:<pid>:<start>`; "" where none can be told.

    Of one of several processes in a pod it is `pod:<uid>:<life>:<pid>:<start>`: `life` is what they share,
    and no earlier or later container has.
    """
    env = os.environ if environment is None else environment
    machine, start = _machine(), _started(os.getpid())
    if env.get("POD_UID"):
        beside = f":{life}:{os.getpid()}:{start}" if life and start else ""
        return f"pod:{env['POD_UID']}{beside}"
    return f"process:{machine}:{os.getpid()}:{start}" if machine and start else ""


def has_ended(other: str, ours: str) -> bool:
    """Whether the process of another origin has surely ended, seen from ours.

    The kubelet starts a container only when its predecessor in the pod has ended.
    """
    if not other or not ours:
        return False
    if other.startswith("pod:"):
        return ours.startswith("pod:") and _has_ended_in_pod(other.split(":"), ours.split(":"))
    kind, _, rest = other.partition(":")
    machine, _, process = rest.partition(":")
    if kind != "process" or machine != _machine():
        return False
    pid, _, start = process.partition(":")
    return pid.isdecimal() and _started(int(pid)) != start


def _has_ended_in_pod(other: list[str], ours: list[str]) -> bool:
    _, uid, *process = other
    _, our_uid, *us = ours
    if uid != our_uid:
        return False
    if len(process) != 3 or len(us) != 3 or process[0] != us[0]:
        return True
    return process[1].isdecimal() and _started(int(process[1])) != process[2]


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
