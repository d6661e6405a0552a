"""The HTML documents of the web UI: small, never kept by a browser, and told where everything else is.

Invariant: every address that a page uses is relative to its `<base href>`, which is the path below which a
browser reaches this server.
"""

import re
from html import escape

INDEX, TERMINAL = "index.html", "terminal.html"
_BASE = re.compile(r"<base\s[^>]*>", re.IGNORECASE)
_HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)


def based(text: str, path: str) -> str:
    """The document with its base: `path` is as in `Served`, without slashes around it."""
    base = f'<base href="{escape(f"/{path}/" if path else "/", quote=True)}">'
    found, count = _BASE.subn(lambda _: base, text, count=1)
    return found if count else _HEAD.sub(lambda head: head[0] + base, text, count=1)


def extended(text: str, scripts: str) -> str:
    """The document that tells of an operator's scripts, in the form of `extensions.scripts.listed`."""
    meta = f'<meta name="fairlead-extensions" content="{escape(scripts, quote=True)}">'
    return _BASE.sub(lambda base: base[0] + meta, text, count=1)


ABSENT = """\
Here is the API of Fairlead; its web UI is not part of this installation.

In a checkout `make setup` builds it, and `fairlead up` serves it. Elsewhere start api-server with
--staticassets=FOLDER (or ARGOCD_SERVER_STATIC_ASSETS, or server.staticassets of argocd-cmd-params-cm), where
FOLDER is what `python -m fairlead.local build ui` names. The images have it built in.
"""
