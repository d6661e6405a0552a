"""The secrets between the suite's own processes: made once, kept in the data folder for their owner only."""

import secrets
from pathlib import Path

import msgspec

from fairlead.bus.topology import GRANTS

FILE = "secrets.json"


class SuiteSecrets(msgspec.Struct, frozen=True, kw_only=True):
    """NATS passwords by user, Redis's password, what seals cached values, what seals credentials."""

    nats: dict[str, str]
    redis: str
    cache: str
    credentials: str

    def __repr__(self) -> str:
        return "SuiteSecrets(…)"


def ensure_secrets(data_dir: Path) -> SuiteSecrets:
    """Read the folder's secrets, or make them. A file of an older shape is replaced."""
    file = data_dir / FILE
    try:
        known = msgspec.json.decode(file.read_bytes(), type=SuiteSecrets)
        if set(known.nats) == {grant.service for grant in GRANTS}:
            return known
    except (FileNotFoundError, msgspec.DecodeError, msgspec.ValidationError):
        pass
    made = SuiteSecrets(
        nats={grant.service: secrets.token_urlsafe(24) for grant in GRANTS},
        redis=secrets.token_urlsafe(24),
        cache=secrets.token_urlsafe(32),
        credentials=secrets.token_urlsafe(32),
    )
    write_private(file, msgspec.json.encode(made))
    return made


def write_private(file: Path, content: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    partial = file.with_name(f".{file.name}.partial")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)
    partial.write_bytes(content)
    partial.replace(file)
