"""Which addresses are handed to people, who click on them.

Invariant: whoever writes a link, an administrator's template or an object's annotation, no address that a
browser would run, or open on its own machine, is among what the API shows as one.
"""

import re

SCHEMES = frozenset({"http", "https", "mailto", "tel", "ssh", "sftp", "ftp", "ftps", "slack", "msteams"})
"""What a link may lead to."""
MAX_URL = 2048
"""Characters of an address."""
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_CONTROL = re.compile(r"[\x00-\x20\x7f]")


def is_allowed(url: str) -> bool:
    """Whether an address may be opened by whoever clicks on it: of an allowed scheme, or a path of this
    server's own."""
    if not url or len(url) > MAX_URL or _CONTROL.search(url):
        return False
    scheme = _SCHEME.match(url)
    if scheme is None:
        return url.startswith("/") and not url.startswith(("//", "/\\"))
    return scheme[1].lower() in SCHEMES
