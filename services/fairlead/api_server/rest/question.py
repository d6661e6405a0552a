"""What a stream is asked for: the address, and how the answer is wanted, whatever carries it."""

import re
from collections.abc import Mapping
from typing import Protocol

from multidict import CIMultiDict, MultiMapping
from yarl import URL

_PLACE = re.compile(r"\{(\w+)(:\.\*)?\}")


class Question(Protocol):
    """The parts of a request that its answer depends on."""

    @property
    def query(self) -> MultiMapping[str]:
        """The fields of the query."""

    @property
    def match_info(self) -> Mapping[str, str]:
        """What the path says in the places of its pattern."""

    @property
    def headers(self) -> Mapping[str, str]:
        """How the answer is wanted."""


class Asked:
    """A question without a request of its own."""

    def __init__(self, url: URL, match_info: Mapping[str, str], headers: Mapping[str, str]) -> None:
        self.query: MultiMapping[str] = url.query
        self.match_info = match_info
        self.headers: Mapping[str, str] = CIMultiDict(headers)


class Pattern:
    """A path with places, as aiohttp reads it: `/a/{name}` or `/a/{name:.*}`."""

    def __init__(self, text: str) -> None:
        parts, end = [], 0
        for place in _PLACE.finditer(text):
            inside = ".*" if place[2] else "[^{}/]+"
            parts += [re.escape(text[end : place.start()]), f"(?P<{place[1]}>{inside})"]
            end = place.end()
        self._read = re.compile("".join(parts) + re.escape(text[end:]))

    def of(self, path: str) -> dict[str, str] | None:
        """What a path has in the places; None of another path. It is yarl's `path_safe`, as of the router's
        own: decoded but for slashes and percent signs."""
        found = self._read.fullmatch(path)
        return None if found is None else {place: _whole(said) for place, said in found.groupdict().items()}


def _whole(said: str) -> str:
    return said.replace("%2F", "/").replace("%25", "%")
