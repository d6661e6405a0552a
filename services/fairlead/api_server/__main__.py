"""Starts the api-server: read the flags, set up the logs, run."""

import fairlead.process.lean  # noqa: F401 - before others import aiohttp
from fairlead.api_server import config
from fairlead.process import Stop, configure_logging, run


def main() -> None:
    """Entry point of `fairlead-api-server`."""
    settings = config.read()
    configure_logging(service=config.SERVICE, form=settings.log_format, level=settings.log_level)

    async def serve(stop: Stop) -> None:
        from fairlead.api_server.wiring import serve as run_service  # noqa: PLC0415 - flags answer sooner

        await run_service(settings, stop)

    run(config.SERVICE, serve)


if __name__ == "__main__":
    main()
