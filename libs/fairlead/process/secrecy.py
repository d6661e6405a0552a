"""What this process holds in memory and in its environment is nobody else's to read.

Why: programs that read hostile input run under the same user; `/proc/<pid>/environ`, `/proc/<pid>/mem` and
ptrace would hand them every secret. Invariant: after `hide` only root can look into this process, and it
leaves no core dump.
"""

import ctypes
import os

import structlog

log = structlog.get_logger(__name__)

_PR_SET_DUMPABLE = 4


def hide() -> bool:
    """Close this process to others of its user. Returns whether the system did; says so when it did not."""
    try:
        failed = ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    except (OSError, AttributeError) as error:
        log.warning("process.not_hidden", error=str(error))
        return False
    if failed:
        log.warning("process.not_hidden", error=os.strerror(ctypes.get_errno()))
    return not failed
