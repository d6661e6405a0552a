"""Who is told of requests to registries, to count them."""

import contextlib
import time
from collections.abc import Iterator
from typing import Protocol

RESOLVE, METADATA, EXTRACT, TAGS, TEST = (
    "resolve-revision",
    "digest-metadata",
    "extract",
    "get-tags",
    "test-repo",
)
"""What is asked of a registry, in Argo CD's words."""


class Observer(Protocol):
    """Told when a request has ended: of which repository and revision ("" for none), after how long."""

    def __call__(self, repo: str, request: str, revision: str, seconds: float, *, failed: bool) -> None: ...


@contextlib.contextmanager
def observed(observer: Observer | None, repo: str, request: str, revision: str = "") -> Iterator[None]:
    """Tell of what is asked inside."""
    started, failed = time.perf_counter(), True
    try:
        yield
        failed = False
    finally:
        if observer is not None:
            observer(repo, request, revision, time.perf_counter() - started, failed=failed)
