"""Makes the keys of an installation that are missing, and ends. Runs before NATS starts."""

import asyncio
from functools import partial
from pathlib import Path

import structlog

from fairlead.keys.certificates import AUTHORITY
from fairlead.keys.config import SERVICE, Config, read_config
from fairlead.keys.store import Keys, complete
from fairlead.keys.wanted import missing
from fairlead.kube.errors import KubeError
from fairlead.kube.rest import KubeClient
from fairlead.process import Stop, configure_logging, run

log = structlog.get_logger(__name__)

AGAIN = 2.0
"""Seconds between attempts while Kubernetes refuses or is away; why is logged each time."""


def main() -> None:
    """Entry point of `fairlead-keys`."""
    config = read_config()
    configure_logging(service=SERVICE, form=config.log_format, level=config.log_level)
    run(SERVICE, lambda stop: make(config, stop))


async def make(config: Config, stop: Stop) -> None:
    """Add what is missing, trying until it stands or the process is to stop."""
    async with KubeClient(config.connection) as client:
        while not stop.is_set:
            try:
                keys = await complete(
                    client, config.namespace, config.secret, partial(missing, hosts=config.hosts)
                )
            except KubeError as error:
                log.warning("keys.not_stored", secret=config.secret, error=error.message[:200])
                await asyncio.sleep(AGAIN)
            else:
                if config.folder:
                    write(config, keys)
                log.info("keys.complete", secret=config.secret, added=keys.added)
                return


def write(config: Config, keys: Keys) -> None:
    """Put the authority, the server's certificate and its key into the folder, for its owner only."""
    for name in (AUTHORITY, f"{config.server}.crt", f"{config.server}.key"):
        file = Path(config.folder, name)
        file.touch(mode=0o600)
        file.write_bytes(keys.values[name])


if __name__ == "__main__":
    main()
