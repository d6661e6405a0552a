"""The files of the built web UI, by the names under which they are asked for.

Invariants: what is served is in a table that is made at start, of files that lie within their folder, so that
no name leads anywhere else; all of it together is bounded, and each file is read once.
"""

import asyncio
import hashlib
import mimetypes
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

INDEX = "index.html"
OWN = Path(__file__).resolve().parents[1] / "ui_dist"
"""Where a wheel and an image have the built UI."""
CUSTOM = Path("/shared/app/custom")
"""Where Argo CD has an operator mount style sheets and pictures; asked for as `custom/NAME`."""
MAX_FILES = 4000
MAX_BYTES = 64 << 20
"""Of all files of a folder together."""
PACKED = {"br": ".br", "gzip": ".gz"}
"""Codings in the order of our choice, and how a file is called that is packed so."""
_TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".map": "application/json",
    ".woff2": "font/woff2",
}
"""What does not depend on what the machine knows of types."""


class AssetsError(Exception):
    """A folder is too large to be the web UI."""


class Asset:
    """One file, in as many codings as are beside it. Its name tells its content when `is_immutable`."""

    def __init__(self, file: Path, codings: Mapping[str, Path], *, is_immutable: bool) -> None:
        self.is_immutable = is_immutable
        self.content_type = _type_of(file.name)
        self.codings = tuple(codings)
        self._files = {"": file, **codings}
        self._read: dict[str, tuple[bytes, str]] = {}

    async def content(self, coding: str = "") -> tuple[bytes, str]:
        """Its bytes in a coding, "" for as they are, and their entity tag. Raises OSError when they are
        gone."""
        found = self._read.get(coding)
        if found is None:
            found = self._read[coding] = await asyncio.to_thread(_with_tag, self._files[coding])
        return found


def _with_tag(file: Path) -> tuple[bytes, str]:
    content = file.read_bytes()
    return content, f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def _type_of(name: str) -> str:
    ending = Path(name).suffix.lower()
    return _TYPES.get(ending) or mimetypes.guess_type(name)[0] or "application/octet-stream"


def assets_of(folder: Path, below: str = "", *, hashed: str | None = "assets/") -> dict[str, Asset]:
    """The files of a folder by their names, which begin with `below`; those in `hashed` are immutable.

    Raises AssetsError when there are too many, and OSError.
    """
    files: dict[str, Path] = {}
    size = 0
    for name, file in _files(folder):
        size += file.stat().st_size
        files[name] = file
        if len(files) > MAX_FILES or size > MAX_BYTES:
            raise AssetsError(f"{folder} has more than {MAX_FILES} files or {MAX_BYTES >> 20} MiB")
    packed = {
        name: {coding: files[name + ending] for coding, ending in PACKED.items() if name + ending in files}
        for name in files
    }
    beside = {name + PACKED[coding] for name, codings in packed.items() for coding in codings}
    return {
        below + name: Asset(file, packed[name], is_immutable=hashed is not None and name.startswith(hashed))
        for name, file in files.items()
        if name not in beside
    }


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Links are followed as long as they stay within, which is how a ConfigMap is mounted; hidden is
    hidden."""
    within = folder.resolve()
    for place, folders, names in os.walk(within):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = (Path(place) / name).resolve()
            if not name.startswith(".") and file.is_relative_to(within) and file.is_file():
                yield (Path(place) / name).relative_to(within).as_posix(), file


def ui_assets(*named: str) -> dict[str, Asset]:
    """The table of the first folder that holds a built UI: of those that somebody named, else the package's
    own; with an operator's own files beside it. Empty when there is none, or it cannot be read."""
    folders = [Path(name) for name in named if name]
    for folder in folders:
        if not (folder / INDEX).is_file():
            log.warning("api.ui.not_there", folder=str(folder), reason=f"it has no {INDEX}")
    found = next((folder for folder in (*folders, OWN) if (folder / INDEX).is_file()), None)
    if found is None:
        log.info("api.ui.not_built")
        return {}
    try:
        return assets_of(found) | (assets_of(CUSTOM, "custom/", hashed=None) if CUSTOM.is_dir() else {})
    except (AssetsError, OSError) as error:
        log.warning("api.ui.unreadable", error=str(error)[:200])
        return {}
