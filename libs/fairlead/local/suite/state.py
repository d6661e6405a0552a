"""What a running suite says of itself in its data folder, for `fairlead status` and `fairlead down`."""

import fcntl
from pathlib import Path

import msgspec

FILE = "state.json"
LOCK = "suite.lock"


class SuiteState(msgspec.Struct, frozen=True, kw_only=True):
    """Where everything listens. `pids` are of the processes by name, as last started."""

    pid: int
    api_url: str
    kubeconfig: str
    kube_context: str = ""
    namespace: str = "argocd"
    insecure: bool = False
    nats_url: str = ""
    probes: dict[str, int] = {}
    pids: dict[str, int] = {}
    events_user: str = "events-reader"


def write_state(data_dir: Path, state: SuiteState) -> None:
    """Replace the state file."""
    partial = data_dir / f".{FILE}.partial"
    partial.write_bytes(msgspec.json.format(msgspec.json.encode(state)))
    partial.replace(data_dir / FILE)


def read_state(data_dir: Path) -> SuiteState | None:
    """The state of the suite that runs on this folder, or None when none does."""
    lock = data_dir / LOCK
    if not lock.exists():
        return None
    with lock.open("r+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return _read(data_dir)
    return None


def _read(data_dir: Path) -> SuiteState | None:
    try:
        return msgspec.json.decode((data_dir / FILE).read_bytes(), type=SuiteState)
    except (FileNotFoundError, msgspec.DecodeError, msgspec.ValidationError):
        return None
