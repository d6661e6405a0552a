"""Which repository addresses a webhook's payload is about.

Invariant: the pattern is made of escaped text and bounded repetitions only, so that a payload can neither
widen it nor make it slow.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from fairlead.matching.repository import identity

MAX_URL = 2048
"""Characters of an address; longer ones match nothing."""

_USER = r"[\w.][\w.-]{0,30}[\w.$-]?"


def repository_pattern(web_url: str) -> re.Pattern[str] | None:
    """What addresses mean the repository with this web page, or None when there is no host or path in it.

    Any of http, https, ssh and ``git@host:path``, with or without user, port and ``.git``; whatever the case.
    """
    if len(web_url) > MAX_URL:
        return None
    try:
        parts = urlsplit(web_url)
        host = parts.hostname or ""
    except ValueError:
        return None
    path = parts.path.lstrip("/")
    if not host or not path:
        return None
    return re.compile(
        rf"((https?|ssh)://)?({_USER}@)?((alt)?ssh\.)?{re.escape(host)}(:\d{{1,5}})?[:/]{re.escape(path)}(\.git)?",
        re.IGNORECASE,
    )


def repository_named(url: str) -> str:
    """The identity of the repository that an address in a payload names; "" when it names none.

    An address has a host and a path on it, is no longer than MAX_URL, and has nothing that cannot be printed.
    """
    text = url.strip()
    if not text or len(text) > MAX_URL or not text.isprintable() or ("://" not in text and "@" not in text):
        return ""
    found = identity(text)
    host, slash, path = found.partition("/")
    return found if host and slash and path and found.isprintable() and _has_host(text) else ""


def _has_host(url: str) -> bool:
    try:
        return "://" not in url or bool(urlsplit(url).hostname)
    except ValueError:
        return False


def is_about(web_url: str, repo_url: str) -> bool:
    """Whether an application's repository is the one whose web page a payload names."""
    pattern = repository_pattern(web_url)
    return pattern is not None and len(repo_url) <= MAX_URL and pattern.fullmatch(repo_url) is not None
