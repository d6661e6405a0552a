"""Evaluates jq path expressions, one question a line, for a controller that may end it at any moment.

Invariant: nothing but standard input is read, nothing but standard output written; there is no environment.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import resource
import sys
from pathlib import Path
from typing import Any, Final

MEMORY: Final = 1024 * 1024 * 1024
"""Bytes of address space; an expression that wants more fails."""
FIRST_TO_END: Final = "1000"
"""Where memory is short the kernel ends this process, not the controller beside it."""
MAX_PATHS: Final = 10_000
"""Paths that one expression may name in one object."""


def main() -> None:
    """Answer until standard input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(FIRST_TO_END, encoding="ascii")
    jq: Any = importlib.import_module("jq")
    _say({"ready": True})
    for line in sys.stdin:
        _say(answer(jq, json.loads(line)))


def _say(words: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def answer(jq: Any, question: dict[str, Any]) -> dict[str, Any]:
    """The paths that the expressions name in each object, or what is wrong with one of the expressions.

    What only compiles by itself comes first to the parser inside the brackets, where nothing can be imported.
    """
    programs = []
    for text in question["expressions"]:
        try:
            programs.append(jq.compile(f"[limit({MAX_PATHS}; path({text}\n))]"))
            jq.compile(text)
        except ValueError as error:
            reason = str(error).splitlines()[0][:200]
            return {"invalid": f"jq expression {text!r}: {reason}"}
    return {"paths": [_paths(programs, obj) for obj in question["objects"]]}


def _paths(programs: list[Any], obj: Any) -> list[Any]:
    found: list[Any] = []
    for program in programs:
        try:
            found += program.input_value(obj).first()
        except (ValueError, StopIteration):
            continue  # what an expression asks for is not there
    return found


if __name__ == "__main__":
    main()
