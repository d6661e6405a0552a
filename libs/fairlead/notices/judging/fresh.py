"""Whether an Application's status was brought up to date since its operation ended (contract 16.5).

Until then it says what the operation did beside how things were before it. Invariant: pure.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from fairlead.model.times import parsed

_ENDED = frozenset({"Succeeded", "Failed", "Error"})


class _Operation(msgspec.Struct, frozen=True, rename="camel"):
    phase: str = ""
    finished_at: str | None = None


class _Status(msgspec.Struct, frozen=True, rename="camel"):
    operation_state: _Operation | None = None
    reconciled_at: str | None = None
    observed_at: str | None = None


class _Document(msgspec.Struct, frozen=True):
    status: _Status | None = None


_DOCUMENT = msgspec.json.Decoder(_Document)


def is_fresh(raw: bytes | msgspec.Raw) -> bool:
    """Whether conditions may be judged on it. Raises msgspec.DecodeError."""
    status = _DOCUMENT.decode(raw).status
    state = status.operation_state if status is not None else None
    if status is None or state is None or state.phase not in _ENDED:
        return True
    ended = parsed(state.finished_at)
    return ended is None or any(
        seen is not None and ended <= seen for seen in _seen(status.reconciled_at, status.observed_at)
    )


def _seen(*stamps: str | None) -> list[datetime | None]:
    return [parsed(stamp) for stamp in stamps]
