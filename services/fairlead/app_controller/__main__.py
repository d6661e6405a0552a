"""Starts the app-controller, as one process or as several."""

from __future__ import annotations

from fairlead.app_controller.config import SERVICE, read_config
from fairlead.app_controller.several import parts
from fairlead.app_controller.start import serve
from fairlead.process import configure_logging, run, run_several


def main() -> None:
    """Parse flags and run until a signal arrives."""
    config = read_config()
    configure_logging(service=SERVICE, form=config.log_format, level=config.log_level)
    if config.processes > 1:
        run_several(SERVICE, parts(config, serve))
    run(SERVICE, lambda stop: serve(config, stop))


if __name__ == "__main__":
    main()
