"""Starts the app-controller, as one process or as several."""

from __future__ import annotations

import fairlead.process.bare
import fairlead.process.lean  # noqa: F401 - before others import structlog and aiohttp
from fairlead.app_controller.config import SERVICE, read_config
from fairlead.app_controller.several import parts
from fairlead.app_controller.start import serve
from fairlead.process import configure_logging, run, run_several
from fairlead.process.several import Complaints


def main() -> None:
    """Parse flags and run until a signal arrives."""
    config = read_config()
    configure_logging(service=SERVICE, form=config.log_format, level=config.log_level)
    if config.processes > 1:
        complaints = Complaints()
        run_several(SERVICE, parts(config, serve, complaints), complaints)
    run(SERVICE, lambda stop: serve(config, stop))


if __name__ == "__main__":
    main()
