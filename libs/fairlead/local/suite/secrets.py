"""The secrets between the suite's own processes: made once, kept in the data folder for their owner only."""

import secrets
from pathlib import Path

import msgspec

from fairlead.bus.topology import GRANTS

FILE = "secrets.json"


class SuiteSecrets(msgspec.Struct, frozen=True, kw_only=True):
    """NATS passwords by user, Redis's password, what seals cached values, what seals credentials, and what
    seals those to write with."""

    nats: dict[str, str]
    redis: str
    cache: str
    credentials: str
    write_credentials: str = ""

    def __repr__(self) -> str:
        return "SuiteSecrets(…)"


def ensure_secrets(data_dir: Path) -> SuiteSecrets:
    """Read the folder's secrets, or make them. What is known stays, for users of NATS that are new there is
    added; a file that cannot be read is replaced."""
    file = data_dir / FILE
    known = _known(file)
    users = {grant.service: known.nats.get(grant.service) or secrets.token_urlsafe(24) for grant in GRANTS}
    writing = known.write_credentials or secrets.token_urlsafe(32)
    whole = msgspec.structs.replace(known, nats=users, write_credentials=writing)
    if whole != known or not file.exists():
        write_private(file, msgspec.json.encode(whole))
    return whole


def _known(file: Path) -> SuiteSecrets:
    try:
        return msgspec.json.decode(file.read_bytes(), type=SuiteSecrets)
    except (FileNotFoundError, msgspec.DecodeError, msgspec.ValidationError):
        return SuiteSecrets(
            nats={},
            redis=secrets.token_urlsafe(24),
            cache=secrets.token_urlsafe(32),
            credentials=secrets.token_urlsafe(32),
        )


def write_private(file: Path, content: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    partial = file.with_name(f".{file.name}.partial")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)
    partial.write_bytes(content)
    partial.replace(file)
