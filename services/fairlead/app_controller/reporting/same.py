"""Writes that reach the Application that was read, and no other that took its name since.

Why: a look takes a while, and a patch names its object by name alone. Invariant: a patch that names the uid
is refused by the API server when another object has the name.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fairlead.app_controller.book import Record
from fairlead.kube.errors import ConflictError, InvalidError


def of_this(record: Record, body: dict[str, Any]) -> dict[str, Any]:
    """A patch of this Application alone."""
    return {**body, "metadata": {**body.get("metadata", {}), "uid": record.app.metadata.uid}}


@contextmanager
def same_application(record: Record) -> Iterator[None]:
    """The refusal of a patch for its uid is a conflict: the other Application is met by itself."""
    try:
        yield
    except InvalidError as error:
        if any(cause.field == "metadata.uid" for cause in error.causes):
            raise made_anew(record) from error
        raise


def made_anew(record: Record) -> ConflictError:
    """What a write meets whose Application is no more."""
    return ConflictError(f"application {record.id.qualified} was deleted and made anew meanwhile", status=409)
