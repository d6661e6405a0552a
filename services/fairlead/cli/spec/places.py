"""Reading and writing inside documents, and texts from wherever a flag points."""

import os
import stat
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fairlead.cli.client import Document
from fairlead.cli.errors import SettingsError, reason_of

MAX_TEXT = 8 << 20
"""Bytes of a file, an address or the input."""
SECONDS = 30


def place(document: Document, path: Sequence[str], value: Any) -> None:
    """Write at a path; a value that says nothing takes the key away."""
    *parents, last = path
    for key in parents:
        document = document.setdefault(key, {})
    if value in ("", False, [], {}, None):
        document.pop(last, None)
    else:
        document[last] = value


def entries(document: Document, path: Sequence[str]) -> list[Any]:
    """The list at a path, made when it is missing; it may be changed."""
    *parents, last = path
    for key in parents:
        document = document.setdefault(key, {})
    found: list[Any] = document.setdefault(last, [])
    return found


def remove_empty(document: Document) -> None:
    """Take away blocks and lists that say nothing."""
    for key, value in list(document.items()):
        if isinstance(value, dict):
            remove_empty(value)
        if value in ({}, []):
            del document[key]


def read_text(where: str) -> str:
    """The content of a file, an http address, or for `-` the input. Raises SettingsError."""
    try:
        if where == "-":
            content = sys.stdin.read(MAX_TEXT + 1).encode()
        elif where.startswith(("http://", "https://")):
            from urllib.request import urlopen

            with urlopen(where, timeout=SECONDS) as answer:  # noqa: S310 - scheme checked above
                content = answer.read(MAX_TEXT + 1)
        else:
            with Path(where).open("rb") as file:
                content = file.read(MAX_TEXT + 1)
        text = content.decode()
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise SettingsError(f"cannot read {where}: {reason_of(error)}") from error
    if len(content) > MAX_TEXT:
        raise SettingsError(f"{where} is longer than {MAX_TEXT >> 20} MiB")
    return text


def write_text(where: str, text: str, *, is_secret: bool = False) -> None:
    """Write a file, new or in place of what it held, or for `-` the output. One with secrets is its owner's
    alone, whatever it was before. Raises SettingsError."""
    if where == "-":
        sys.stdout.write(text)
        return
    try:
        opened = os.open(where, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600 if is_secret else 0o644)
        with os.fdopen(opened, "w", encoding="utf-8") as file:
            if is_secret and stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                os.fchmod(file.fileno(), 0o600)
            file.write(text)
    except OSError as error:
        raise SettingsError(f"cannot write {where}: {error.strerror}") from error
