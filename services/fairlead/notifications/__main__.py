"""Starts the notifications service."""

import fairlead.process.lean  # noqa: F401 - before others import aiohttp
from fairlead.notifications.config import SERVICE, read_config
from fairlead.notifications.wiring import serve
from fairlead.process import configure_logging, run


def main() -> None:
    """Parse flags and run until a signal arrives."""
    config = read_config()
    configure_logging(service=SERVICE, form=config.log_format, level=config.log_level)
    run(SERVICE, lambda stop: serve(config, stop))


if __name__ == "__main__":
    main()
