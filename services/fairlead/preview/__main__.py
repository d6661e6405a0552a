"""Starts the preview service."""

from fairlead.preview.config import SERVICE, read_config
from fairlead.preview.wiring import serve
from fairlead.process import configure_logging, run


def main() -> None:
    """Parse flags and run until a signal arrives."""
    config = read_config()
    configure_logging(service=SERVICE, form=config.log_format, level=config.log_level)
    run(SERVICE, lambda stop: serve(config, stop))


if __name__ == "__main__":
    main()
