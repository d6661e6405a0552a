"""Manifests as people read them in a diff: YAML that every reader of YAML takes for the same objects.

Readers disagree on what a bare word is (`1e3`, `0o7`, `on`), so only words that can be nothing but texts are
bare. Invariant: equal documents are equal bytes.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import yaml

_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_WIDEST = 1 << 30
"""Columns: no line is broken, so that a change of one word is a change of one line."""
_BARE = re.compile(r"[A-Za-z/][\w./-]*([ :@][\w./-]*\w)*", re.A)
_MEANT_OTHERWISE = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"})
_MAX_BARE = 256


class _Dumper(_DUMPER):  # type: ignore[misc]  # the quick one, where there is one
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: Any, value: str) -> Any:
    style = None if _is_bare(value) else '"'
    if "\n" in value and not any(line != line.rstrip() for line in value.split("\n")):
        style = "|"
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def manifest(documents: Iterable[bytes]) -> bytes:
    """One file of objects, each given as JSON, in their order."""
    return b"".join(_parts(documents))


def _parts(documents: Iterable[bytes]) -> Iterator[bytes]:
    for document in documents:
        found = msgspec.json.decode(document)
        yield yaml.dump(
            found,
            Dumper=_Dumper,
            sort_keys=False,
            width=_WIDEST,
            allow_unicode=True,
            explicit_start=True,
            default_flow_style=False,
            encoding="utf-8",
        )


def _is_bare(value: str) -> bool:
    if len(value) > _MAX_BARE or not _BARE.fullmatch(value):
        return False
    return value.casefold() not in _MEANT_OTHERWISE
