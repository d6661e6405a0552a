"""The NATS server, with JetStream.

Why: events travel on the real broker, in tests too. Invariant: it listens on loopback only, and stores under
its own folder, which may be wiped at any time.
"""

from pathlib import Path

from fairlead.local.ports import LOOPBACK
from fairlead.local.program import script_program
from fairlead.local.server import Server

MAX_PAYLOAD_BYTES = 8 * 1024**2
MAX_MEMORY_BYTES = 256 * 1024**2
MAX_FILE_BYTES = 4 * 1024**3


class NatsServer(Server):
    """A broker; `users` is configuration text of the caller's: accounts, or an `authorization` block."""

    name = "nats"

    def __init__(
        self,
        data_dir: Path,
        *,
        port: int = 0,
        users: str = "",
        max_file_bytes: int = MAX_FILE_BYTES,
        title: str = "fairlead",
    ) -> None:
        super().__init__(data_dir, port=port)
        self.title = title
        self._users = users
        self._max_file_bytes = max_file_bytes

    @property
    def url(self) -> str:
        """Its address, without credentials."""
        return f"nats://{LOOPBACK}:{self.port}"

    def argv(self) -> list[str | Path]:
        """The command to run."""
        return [script_program("nats-server"), "--config", self.configuration_file]

    def configuration(self) -> str:
        """The server's part, then the caller's users."""
        return (
            f'listen: "{LOOPBACK}:{self.port}"\n'
            f"server_name: {self.title}\n"
            f"max_payload: {MAX_PAYLOAD_BYTES}\n"
            f'jetstream {{ store_dir: "{self.store}", max_memory_store: {MAX_MEMORY_BYTES}, '
            f"max_file_store: {self._max_file_bytes} }}\n"
            f"{self._users}\n"
            f"{self.cluster()}"
        )

    def cluster(self) -> str:
        """Further lines: of which cluster it is a part. It stands alone."""
        return ""
