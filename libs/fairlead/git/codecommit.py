"""Which addresses are of AWS CodeCommit, where who we are is a signature."""

import re
from urllib.parse import urlsplit

_HOST = re.compile(r"git-codecommit(?:-fips)?\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?")


def region_of(url: str) -> str:
    """The region of an address, "" for one that is elsewhere, or is misspelt."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    found = _HOST.fullmatch(parts.hostname or "") if parts.scheme.lower() == "https" else None
    return found["region"] if found else ""
