"""Showing two versions of an object side by side, with `diff`, a program of the user's, or by ourselves."""

import difflib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fairlead.cli.errors import SettingsError
from fairlead.cli.terminal import raw_stdout
from fairlead.cli.view.yaml_text import as_yaml

PROGRAM_VARIABLE = "KUBECTL_EXTERNAL_DIFF"
LIVE, TARGET = "live.yaml", "target.yaml"
SECONDS = 600
"""How long a program may show a difference; it may be interactive."""


def compare(live: Any, target: Any) -> None:
    """Print what is different. The files that a program is given have names of ours: an object's name may be
    any path. Raises SettingsError when the program of the user's choice fails."""
    before, after = _text(live), _text(target)
    words = shlex.split(os.environ.get(PROGRAM_VARIABLE, "")) or ["diff"]
    if shutil.which(words[0]) is None:
        if words != ["diff"]:
            raise SettingsError(f"{PROGRAM_VARIABLE}: there is no program {words[0]}")
        sys.stdout.writelines(f"{line}\n" for line in plain_diff(before.splitlines(), after.splitlines()))
        return
    with tempfile.TemporaryDirectory(prefix="fairlead-diff-") as folder:
        files = [_written(Path(folder, name), text) for name, text in ((LIVE, before), (TARGET, after))]
        _show([*words, *map(str, files)])


def plain_diff(before: list[str], after: list[str]) -> Iterator[str]:
    """The lines of `diff` in its default form."""
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        letter = {"replace": "c", "delete": "d", "insert": "a"}[tag]
        yield f"{_lines(i1, i2)}{letter}{_lines(j1, j2)}"
        yield from (f"< {line}" for line in before[i1:i2])
        if tag == "replace":
            yield "---"
        yield from (f"> {line}" for line in after[j1:j2])


def _show(words: list[str]) -> None:
    sys.stdout.flush()
    to_terminal = sys.stdout.isatty()
    try:
        done = subprocess.run(
            words, stdout=None if to_terminal else subprocess.PIPE, text=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SettingsError(f"{words[0]} cannot show the difference: {error}") from error
    if done.stdout:
        raw_stdout().write(done.stdout)
    if done.returncode > 1:
        raise SettingsError(f"{words[0]} ended with {done.returncode}")


def _written(file: Path, text: str) -> Path:
    """A new file that only this user reads; raises SettingsError rather than follow or replace anything."""
    try:
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(opened, "w", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as error:
        raise SettingsError(f"cannot write a file to compare: {error}") from error
    return file


def _text(obj: Any) -> str:
    return "" if obj is None else as_yaml(obj)


def _lines(start: int, end: int) -> str:
    if end - start <= 1:
        return str(start if start == end else start + 1)
    return f"{start + 1},{end}"
