"""The path under which everything is served, when something before the API sends it only what is below one.

Invariant: what is below the path is found as if there was none, the rest is not found at all; only health is
answered with and without it, since probes do not come through what stands before.
"""

from collections.abc import Callable
from typing import Any

from yarl import URL

WITHOUT = ("/healthz",)
_NOWHERE = "/-/outside-the-root-path"

Factory = Callable[..., Any]


def normal(text: str) -> str:
    """`/some/path` of however it was written; "" for none."""
    parts = text.strip().strip("/")
    return f"/{parts}" if parts else ""


def below(factory: Factory, root: str) -> Factory:
    """Makes requests as `factory` does, with `root` taken off their paths."""
    if not root:
        return factory

    def make(message: Any, *others: Any) -> Any:
        path, mark, query = message.path.partition("?")
        found = _found(path, root)
        if found == path:
            return factory(message, *others)
        target = found + mark + query
        return factory(message._replace(path=target, url=URL(target, encoded=True)), *others)

    return make


def _found(path: str, root: str) -> str:
    if path == root:
        return "/"
    if path.startswith(f"{root}/"):
        return path[len(root) :]
    return path if path in WITHOUT else _NOWHERE
