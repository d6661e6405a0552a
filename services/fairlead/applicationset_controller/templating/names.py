"""Names made of any text, as the functions `normalize` and `slugify` of templates make them (contract 4).

Invariant: the same text gives the same name here and in the render engine's template functions.
"""

from __future__ import annotations

import re

LONGEST = 253
"""Characters of a normalized name."""
LONGEST_SLUG = 50

_FOREIGN = re.compile(r"[^-a-z0-9.]")
_DOTS = re.compile(r"[^-a-z0-9]")
_DASHES = re.compile(r"-+")


def normalize(text: str) -> str:
    """The text in lower case, what no name may hold as dashes, cut, and trimmed of dashes and dots."""
    return _FOREIGN.sub("-", text.lower())[:LONGEST].strip("-.")


def slugify(text: str, most: int = LONGEST_SLUG, *, smart: bool = True) -> str:
    """A name without dots of so many characters at most; a smart cut is made between words."""
    slug = _DASHES.sub("-", _DOTS.sub("-", normalize(text))).strip("-")
    if len(slug) <= most:
        return slug
    end = slug.rfind("-", 0, most + 1) if smart else -1
    return slug[: end if end > 0 else most].strip("-")
