"""What the folders of a commit hold, seen without rendering: which tool each is for, a chart's values.

Invariant: what is read is bounded in folders, files and bytes, whatever the commit holds.
"""

import asyncio
import posixpath
from collections import deque
from collections.abc import Iterator
from typing import Any

import yaml

from fairlead.git import Mirror
from fairlead.git.tree import is_directory
from fairlead.manifest.nesting import MAX_REQUEST_NESTING
from fairlead.manifest.yaml_document import document
from fairlead.repo_server.rendering.detect import source_type, tool_of
from fairlead.rpc.access import DescribedSource

MAX_FOLDERS = 20_000
"""Folders of a commit that are looked at; what lies behind them is left out."""
MAX_APPS = 5000
MAX_VALUES = 1 << 20
"""Bytes of a file with values."""
MAX_FILES = 32
"""Further files with values."""
MAX_PARAMETERS = 5000
MAX_PARAMETER_BYTES = 1 << 20
"""Of all names and values; an alias makes much of little."""
CHART = "Chart.yaml"
VALUES = "values.yaml"
RULES = "values.schema.json"


class Contents:
    """One commit of a mirror; tools that are `disabled` are for no folder."""

    def __init__(self, mirror: Mirror, commit: str, disabled: tuple[str, ...] = ()) -> None:
        self._disabled = disabled
        self._mirror = mirror
        self._commit = commit

    async def apps(self) -> dict[str, str]:
        """Tool by folder, for folders that a tool other than plain manifests is for; the root is `.`."""
        found: dict[str, str] = {}
        waiting, seen = deque([""]), 0
        while waiting and seen < MAX_FOLDERS and len(found) < MAX_APPS:
            folder = waiting.popleft()
            seen += 1
            entries = await self._mirror.paths.folder(self._commit, folder) or {}
            files = set[str]()
            for raw, (mode, _) in entries.items():
                name = raw.decode(errors="replace")
                if is_directory(mode):
                    waiting.append(posixpath.join(folder, name))
                else:
                    files.add(name)
            tool = tool_of(files, self._disabled)
            if tool != "Directory":
                found[folder or "."] = tool
        return dict(sorted(found.items()))

    async def described(
        self, path: str, value_files: tuple[str, ...], *, has_rules: bool = False
    ) -> DescribedSource:
        """What a folder consists of, and with `has_rules` the schema of its values. Raises GitError, and
        ValueError in the contract's words."""
        tool, problem = await source_type(self._mirror, self._commit, path or ".", self._disabled)
        if problem:
            raise ValueError(problem)
        if tool != "Helm":
            return DescribedSource(source_type=tool)
        folder = "" if path.strip("/") == "." else path.strip("/")
        entries = await self._mirror.paths.folder(self._commit, folder) or {}
        names = sorted(
            raw.decode(errors="replace") for raw, (mode, _) in entries.items() if not is_directory(mode)
        )
        chart = await asyncio.to_thread(_document, await self._text(folder, CHART))
        values = await self._text(folder, VALUES)
        texts = [values, *[await self._text(folder, name) for name in value_files[:MAX_FILES]]]
        parameters = await asyncio.to_thread(_parameters, texts)
        return DescribedSource(
            source_type=tool,
            name=str(chart.get("name") or ""),
            values=values,
            value_files=tuple(
                name for name in names if "values" in name and name.endswith((".yaml", ".yml"))
            ),
            parameters=parameters,
            rules=await self._text(folder, RULES) if has_rules else "",
        )

    async def _text(self, folder: str, name: str) -> str:
        """The text of a file below the folder; "" when there is none, or it is too large, or no text."""
        path = posixpath.normpath(posixpath.join(folder, name)) if not name.startswith("/") else name[1:]
        if path.startswith(".."):
            return ""
        [found] = await self._mirror.paths.find(
            self._commit, posixpath.dirname(path), [posixpath.basename(path)]
        )
        if found is None:
            return ""
        try:
            [body] = await self._mirror.objects.contents([found], "blob")
        except ValueError:
            return ""
        return body.decode(errors="replace") if len(body) <= MAX_VALUES else ""


def _parameters(texts: list[str]) -> tuple[tuple[str, str], ...]:
    """The values of all texts together, the later ones over the former, as parameters by name."""
    merged: dict[str, Any] = {}
    for text in texts:
        _merge(merged, _document(text))
    found: dict[str, str] = {}
    room = MAX_PARAMETER_BYTES
    for name, value in _flattened(merged):
        room -= len(name) + len(value)
        if room < 0 or len(found) >= MAX_PARAMETERS:
            break
        found[name] = value
    return tuple(sorted(found.items()))


def _document(text: str) -> dict[str, Any]:
    """A map of YAML; anything else is empty: the render says what is wrong with it."""
    try:
        found = document(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _merge(into: dict[str, Any], more: dict[str, Any], depth: int = 0) -> None:
    for key, value in more.items():
        before = into.get(key)
        if isinstance(before, dict) and isinstance(value, dict) and depth < MAX_REQUEST_NESTING:
            _merge(before, value, depth + 1)
        else:
            into[key] = value


def _flattened(value: Any, name: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Every value as a parameter, as `helm --set` would name it."""
    if depth > MAX_REQUEST_NESTING:
        return
    if isinstance(value, dict):
        for key, below in value.items():
            plain = str(key).replace(".", "\\.")
            yield from _flattened(below, f"{name}.{plain}" if name else plain, depth + 1)
    elif isinstance(value, list):
        for place, below in enumerate(value):
            yield from _flattened(below, f"{name}[{place}]", depth + 1)
    elif isinstance(value, bool):
        yield name, str(value).lower()
    else:
        yield name, "" if value is None else str(value)
