"""The scripts that an operator put below a folder for the web UI to run (contract 14): `extension*.js`.

Invariant: what is asked for is looked up in a table of files that lie within the folder, so that no name
leads elsewhere; all of them together are bounded, and a file is read again only when it is another one.
"""

import asyncio
import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import structlog

from fairlead.api_server.rest.served import packed

log = structlog.get_logger(__name__)

BEGIN, END = "extension", ".js"
MAX_FILES = 200
MAX_SEEN = 20_000
"""Files and folders that are looked at."""
MAX_BYTES = 32 << 20
"""Of all scripts together."""
LOOK_AGAIN = 1.0
"""Seconds for which a look at the folder holds."""
ALL = "extensions.js"

Mark = tuple[str, int, int, int]
"""A file's path, inode, size and time."""


class ScriptsError(Exception):
    """A folder is too large to be that of extensions."""


class Script:
    """One script, guarded; served as an asset is. `version` tells its content."""

    content_type = "text/javascript"

    def __init__(self, name: str, content: bytes, *, is_packed: bool) -> None:
        self.name = name
        self.codings = ("gzip",) if is_packed else ()
        self.version = hashlib.sha256(content).hexdigest()[:32]
        self._made = {"": content}

    async def content(self, coding: str = "") -> tuple[bytes, str]:
        """Its bytes in a coding, "" for as they are, and their entity tag."""
        found = self._made.get(coding)
        if found is None:
            found = self._made[coding] = await asyncio.to_thread(packed, self._made[""])
        return found, f'"{self.version}{coding and "-"}{coding}"'

    @property
    def address(self) -> str:
        """Where a page finds it, below the base."""
        return f"{ALL}?file={quote(self.name, safe='')}&v={self.version}"


class Scripts:
    """The scripts below a folder as they are now; "" is no folder."""

    def __init__(self, folder: str, *, is_packed: bool = True) -> None:
        self._folder = folder
        self._is_packed = is_packed
        self._lock = asyncio.Lock()
        self._looked = 0.0
        self._marks: tuple[Mark, ...] | None = None
        self._problem = ""
        self._whole = self._guarded_whole({})
        self._found: dict[str, Script] = {}

    async def found(self) -> Mapping[str, Script]:
        """All of them by name, in the order in which they run."""
        async with self._lock:
            if time.monotonic() - self._looked >= LOOK_AGAIN or self._marks is None:
                await asyncio.to_thread(self._look)
                self._looked = time.monotonic()
        return self._found

    async def whole(self) -> Script:
        """All of them after one another."""
        await self.found()
        return self._whole

    def _look(self) -> None:
        try:
            files = list(_files(Path(self._folder))) if self._folder else []
            marks = tuple(_mark(name, file) for name, file in files)
            if marks == self._marks:
                return
            _require_bounded(marks)
            contents = {name: _guarded(name, file.read_bytes()) for name, file in files}
        except (OSError, ScriptsError) as error:
            if str(error) != self._problem:
                log.warning("api.extensions.unreadable", folder=self._folder, error=str(error)[:200])
            self._problem, contents, marks = str(error), {}, ()
        else:
            self._problem = ""
            if contents:
                log.info("api.extensions.found", folder=self._folder, scripts=list(contents)[:20])
        self._marks = marks
        self._whole = self._guarded_whole(contents)
        self._found = {
            name: Script(name, content, is_packed=self._is_packed) for name, content in contents.items()
        }

    def _guarded_whole(self, contents: Mapping[str, bytes]) -> Script:
        return Script(ALL, b"".join(contents.values()), is_packed=self._is_packed)


def _require_bounded(marks: tuple[Mark, ...]) -> None:
    if sum(size for _, _, size, _ in marks) > MAX_BYTES:
        raise ScriptsError(f"the scripts are more than {MAX_BYTES >> 20} MiB")


def _mark(name: str, file: Path) -> Mark:
    status = file.stat()
    return name, status.st_ino, status.st_size, status.st_mtime_ns


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """By their paths below the folder. Links are followed as long as they stay within, which is how a
    ConfigMap is mounted; hidden is hidden. Raises ScriptsError when there are too many."""
    within = folder.resolve()
    seen = count = 0
    for place, folders, names in os.walk(within):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        seen += len(folders) + len(names)
        if seen > MAX_SEEN:
            raise ScriptsError(f"there are more than {MAX_SEEN} files and folders")
        for name in sorted(names):
            if not (name.startswith(BEGIN) and name.endswith(END)):
                continue
            file = (Path(place) / name).resolve()
            below = (Path(place) / name).relative_to(within).as_posix()
            if file.is_relative_to(within) and file.is_file() and below.isprintable():
                count += 1
                if count > MAX_FILES:
                    raise ScriptsError(f"there are more than {MAX_FILES} scripts")
                yield below, file


def _guarded(name: str, content: bytes) -> bytes:
    """The script so that what it throws ends it alone, and is told as an error of the page."""
    return b"// extension: %b\ntry {\n%b\n} catch (error) {\n  reportError(error);\n}\n" % (
        name.encode(errors="replace"),
        content.removeprefix(b"\xef\xbb\xbf"),
    )


def listed(scripts: Mapping[str, Script]) -> str:
    """What a page is told of them: pairs of name and address, as JSON."""
    return json.dumps([[script.name, script.address] for script in scripts.values()], ensure_ascii=True)
