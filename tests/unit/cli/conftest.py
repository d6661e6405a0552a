"""A command sets logging up for its own process; here that process goes on with other tests."""

from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Forget what a command configured, which writes to a stream that is closed by now."""
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
