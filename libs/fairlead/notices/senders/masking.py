"""Words without secrets: whatever a service, a library or the system said, in whatever form it said it.

Invariant: no text leaves a sender that holds a secret of its options, as it is, as a URL, JSON or base64
would have it, or in part.
"""

from __future__ import annotations

import base64
import functools
import json
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus, unquote, urlsplit

HIDDEN = "•••"
SHORTEST = 4
"""Characters: what is shorter is no secret, and would hide ordinary words."""
_PART = 8
"""Characters from which a part of a secret, a line of a key or a step of an address, is one too."""
MOST_WORDS = 600
"""Characters of words that are told."""

_ADDRESS = re.compile(r"(https?://)(?:[^\s/@]*@)?([^\s/?#]+)[^\s,;)]*", re.I)
_UNSEEN = re.compile(r"[^\S ]+|[\x00-\x1f\x7f]")


class Mask:
    """Made once for the secrets of a service's options."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in secrets if secret for form in _forms(secret) if len(form) >= SHORTEST}
        pattern = "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))
        self._pattern = re.compile(pattern) if pattern else None

    def __call__(self, words: str) -> str:
        """Words that may be shown, on one line: addresses are told by their host alone."""
        words = self.hide(words)
        words = _UNSEEN.sub(" ", _ADDRESS.sub(r"\1\2", words)).strip()
        words = self.hide(words)
        return words if len(words) <= MOST_WORDS else f"{words[: MOST_WORDS - 1]}…"

    def hide(self, words: str) -> str:
        """The words without secrets, and otherwise as they are."""
        return self._pattern.sub(_instead, words) if self._pattern else words


@functools.lru_cache(maxsize=16)
def mask_of(secrets: tuple[str, ...]) -> Mask:
    """The mask of a whole Secret, kept for those asked for last."""
    return Mask(secrets)


def _instead(match: re.Match[str]) -> str:
    """Of a secret address its host is left: who reads has to know who failed."""
    address = _ADDRESS.fullmatch(match[0])
    return f"{address[1]}{address[2]}" if address else HIDDEN


def _forms(secret: str) -> set[str]:
    parts = {secret, secret.strip(), *(line for line in secret.split() if len(line) >= _PART)}
    if "://" in secret:
        parts |= _parts_of_address(secret)
    found = set()
    for part in parts:
        encoded = base64.b64encode(part.encode()).decode()
        found |= {part, quote(part, safe=""), quote(part), quote_plus(part), unquote(part)}
        found |= {json.dumps(part)[1:-1], repr(part)[1:-1], encoded, encoded.rstrip("=")}
    return found


def _parts_of_address(url: str) -> set[str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return set()
    found = {f"{parts.path}?{parts.query}" if parts.query else parts.path, parts.query}
    found |= {part for part in re.split(r"[/&=]", f"{parts.path}&{parts.query}") if len(part) >= _PART}
    found |= {parts.password or "", parts._replace(query="", fragment="").geturl()}
    return {part for part in found if len(part) >= _PART}
