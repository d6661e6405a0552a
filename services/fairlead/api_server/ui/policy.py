"""What a browser is told to allow the pages of the web UI (contract 17).

Invariant: nothing that a page did not bring itself is run in it. What an operator wrote is laid over our
policy directive by directive, so that naming who may frame the pages leaves the rest as strict as it was.
"""

import re
from urllib.parse import urlsplit

import structlog

log = structlog.get_logger(__name__)

OURS: dict[str, str] = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "style-src": "'self'",
    "script-src": "'self'",
    "worker-src": "'self'",
    "font-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'self'",
    "frame-ancestors": "'self'",
    "form-action": "'self'",
}
STYLED = ("style-src", "img-src", "font-src")
"""What comes from where an operator's own style sheet is."""
FRAMES = "frame-ancestors"
SAME = "SAMEORIGIN"
MAX_LENGTH = 4096
_PRINTED = re.compile(r"[\x20-\x7e]*")


class Policy:
    """Both headers of every page. `given` and `frames` are what an operator wrote; "" switches a restriction
    of framing off, and nothing else."""

    def __init__(self, given: str | None = None, frames: str | None = None) -> None:
        self._directives = _laid_over(_sendable("content security policy", given))
        options = _sendable("frame options", frames)
        self.frame_options = SAME if options is None else options.strip()

    def of_page(self, css_url: str = "") -> str:
        """For a page of the application, with a style sheet from there."""
        origin = _origin_of(css_url)
        styled = {name: f"{self._directives[name]} {origin}" for name in STYLED if origin}
        return _written({**self._directives, **styled})

    def of_terminal(self) -> str:
        """For the terminal's own page, which writes styles as it goes and stands in a page of ours."""
        frames = self._directives.get(FRAMES)
        own = {} if frames is None else {FRAMES: _with_self(frames)}
        return _written({**self._directives, "style-src": "'self' 'unsafe-inline'", **own})

    @property
    def terminal_frame_options(self) -> str:
        """As `frame_options`, but a page of ours may frame it."""
        return self.frame_options if self.frame_options.upper() != "DENY" else SAME


def _sendable(what: str, text: str | None) -> str | None:
    """What can be sent as a header; None, which means ours, for the rest."""
    if text is None or (len(text) <= MAX_LENGTH and _PRINTED.fullmatch(text)):
        return text
    log.warning(
        "api.ui.header.refused", what=what, reason=f"it is no line of at most {MAX_LENGTH} characters"
    )
    return None


def _laid_over(given: str | None) -> dict[str, str]:
    if given is None:
        return OURS
    if not given.strip(" ;"):
        return {name: value for name, value in OURS.items() if name != FRAMES}
    named: dict[str, str] = {}
    for directive in filter(None, map(str.strip, given.split(";"))):
        name, _, value = directive.partition(" ")
        named.setdefault(name.lower(), value.strip())
    return {**OURS, **named}


def _origin_of(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return ""
    is_elsewhere = parts.scheme in ("http", "https") and re.fullmatch(r"[\w.:\[\]-]+", host, re.ASCII)
    return f"{parts.scheme}://{host}" if is_elsewhere else ""


def _with_self(frames: str) -> str:
    words = [word for word in frames.split() if word != "'none'"]
    return " ".join(words if "'self'" in words else ["'self'", *words])


def _written(directives: dict[str, str]) -> str:
    return "; ".join(f"{name} {value}".strip() for name, value in directives.items())
