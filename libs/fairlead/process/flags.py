"""Flags over environment over defaults, read once at start; nowhere else reads the environment."""

import argparse
import os
from collections.abc import Mapping


class Environment:
    """The environment as it was at start; `FAIRLEAD_<NAME>` gives a flag's default."""

    def __init__(self, variables: Mapping[str, str] | None = None) -> None:
        self._variables = dict(os.environ if variables is None else variables)

    def default(self, flag: str, otherwise: str) -> str:
        """Default of `--some-flag`: FAIRLEAD_SOME_FLAG, else `otherwise`."""
        return self._variables.get("FAIRLEAD_" + flag.lstrip("-").replace("-", "_").upper(), otherwise)

    def variable(self, name: str) -> str:
        """A variable that Argo CD's users set, by its own name; "" when absent."""
        return self._variables.get(name, "")

    def all(self) -> dict[str, str]:
        """All variables, for who passes them on."""
        return dict(self._variables)

    def secret(self, name: str) -> str:
        """A secret given by variable `name`, or by the file that `<name>_FILE` points at; "" when absent."""
        path = self._variables.get(f"{name}_FILE")
        if path:
            with open(path, encoding="utf-8") as file:  # noqa: PTH123 - read once at start
                return file.read().strip()
        return self._variables.get(name, "")


def flag_parser(service: str, environment: Environment) -> argparse.ArgumentParser:
    """A parser with the flags that every service has.

    Secrets have no flags, as flags are seen by every user of the machine: NATS's password is
    FAIRLEAD_NATS_PASSWORD, Redis's address with its password FAIRLEAD_REDIS_URL (or what users of Argo CD
    say, see `redis`), the key that seals cached values FAIRLEAD_CACHE_SECRET, the one that seals
    repositories' credentials, which app-controller and repo-server alone have, FAIRLEAD_CREDENTIALS_SECRET,
    and that of app-controller and commit server FAIRLEAD_WRITE_CREDENTIALS_SECRET; each may be given as a
    file with `_FILE` appended.
    """
    parser = argparse.ArgumentParser(prog=f"fairlead-{service}", allow_abbrev=False)

    def flag(name: str, otherwise: str, text: str) -> None:
        parser.add_argument(name, default=environment.default(name, otherwise), help=f"{text} ({otherwise})")

    flag("--namespace", "argocd", "namespace of the control plane")
    flag("--kubeconfig", "", "kubeconfig file; in-cluster when empty")
    flag("--kube-context", "", "context of the kubeconfig")
    flag("--nats-url", "nats://127.0.0.1:4222", "address of NATS; several of a cluster's with commas")
    flag("--nats-user", service, "user at NATS")
    flag("--nats-ca", "", "PEM file of the authority that NATS's certificate is from")
    parser.add_argument(
        "--nats-copies",
        type=int,
        choices=(1, 3, 5),
        default=environment.default("--nats-copies", "1"),
        help="servers of a NATS cluster that hold each stream (1)",
    )
    flag("--nats-first", "", "tag of the server of a NATS cluster on which streams begin")
    flag("--log-format", "json", "json or console")
    flag("--log-level", "info", "debug, info, warning or error")
    flag("--probe-address", "127.0.0.1", "address of probes and metrics")
    flag("--probe-port", "0", "port of probes and metrics; 0 serves none")
    return parser
