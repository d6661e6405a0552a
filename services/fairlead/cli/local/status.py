"""`fairlead status`: what runs, where it listens, whether it is ready."""

import sys
import urllib.error
import urllib.request
from pathlib import Path

from fairlead.cli.command import Invocation
from fairlead.cli.local.data_dir import data_dir
from fairlead.local.suite import SuiteState, read_state


def run_status(data_dir: Path) -> None:
    """Print the suite's parts; exits with 1 when none runs or a part is not ready."""
    state = read_state(data_dir)
    if state is None:
        print(f"no suite runs on {data_dir}; name the folder of another with --data-dir")
        sys.exit(1)
    readiness = {name: _readiness(port) for name, port in state.probes.items()}
    print(f"{'API':<16}{state.api_url}\n{'KUBECONFIG':<16}{state.kubeconfig}\n{'NATS':<16}{state.nats_url}\n")
    print(f"{'SERVICE':<26}{'PID':<9}READY")
    for name, ready in readiness.items():
        print(f"{name:<26}{_pid(state, name):<9}{ready}")
    sys.exit(0 if all(ready == "ok" for ready in readiness.values()) else 1)


def _pid(state: SuiteState, name: str) -> str:
    return str(state.pids.get(name) or "-")


def _readiness(port: int) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        return f"not ready: {error.read().decode()}"
    except OSError as error:
        return f"not reachable: {error}"


def run(call: Invocation) -> None:
    """Read the flags and show the suite."""
    run_status(data_dir(call.values))
