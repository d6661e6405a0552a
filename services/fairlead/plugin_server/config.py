"""How this process was started: one frozen struct, read once, as `argocd-cmp-server` reads it."""

import argparse
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from fairlead.plugin.protocol import CONFIGURATION, SOCKETS, SOCKETS_VARIABLE
from fairlead.process.flags import Environment

SERVICE = "plugin-server"
NOBODY = 65534
"""As whom commands run when this process is root's."""
_ALWAYS = ("PATH", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR")


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """`passed` are the variables of this process that commands see; sizes are in bytes."""

    configuration: Path
    sockets: Path
    work: Path
    passed: dict[str, str]
    at_once: int
    memory: int
    processes: int
    user: int
    log_format: str
    log_level: str


def read_config(arguments: Sequence[str] | None = None, environment: Environment | None = None) -> Config:
    """The configuration of this process. Exits with usage on a wrong flag."""
    env = environment or Environment()
    parser = argparse.ArgumentParser(prog=f"fairlead-{SERVICE}", allow_abbrev=False)

    def flag(names: tuple[str, ...], otherwise: str, about: str) -> None:
        default = env.default(names[0], otherwise)
        parser.add_argument(*names, default=default, help=f"{about} ({otherwise})" if otherwise else about)

    work = env.variable("ARGOCD_CMP_WORKDIR") or str(Path(tempfile.gettempdir()) / "_cmp_server")
    flag(("--config-dir-path",), CONFIGURATION, "folder of plugin.yaml")
    flag(("--plugin-sockets",), env.variable(SOCKETS_VARIABLE) or SOCKETS, "folder of the socket")
    flag(("--work-dir",), work, "folder for what is worked on; emptied at start")
    flag(
        ("--pass-environment",),
        "",
        "variables of this process, with commas, that commands see beside PATH, LANG and TZ; * for all",
    )
    flag(("--commands",), "8", "questions worked on at once")
    flag(("--command-memory",), "2048", "MiB of memory that all processes of one command may have")
    flag(("--command-processes",), "256", "processes that one command may have")
    flag(("--command-user",), "0", f"user id of commands, where this process is root's ({NOBODY})")
    flag(("--log-format", "--logformat"), "json", "json or console")
    flag(("--log-level", "--loglevel"), "info", "debug, info, warning or error")
    given = parser.parse_args(arguments)
    return Config(
        configuration=Path(given.config_dir_path),
        sockets=Path(given.plugin_sockets),
        work=Path(given.work_dir),
        passed=_passed(given.pass_environment, env),
        at_once=int(given.commands),
        memory=int(given.command_memory) << 20,
        processes=int(given.command_processes),
        user=(int(given.command_user) or NOBODY) if os.getuid() == 0 else 0,
        log_format="console" if given.log_format == "text" else given.log_format,
        log_level="warning" if given.log_level == "warn" else given.log_level,
    )


def _passed(names: str, env: Environment) -> dict[str, str]:
    if names.strip() == "*":
        return env.all()
    wanted = (*_ALWAYS, *(name.strip() for name in names.split(",") if name.strip()))
    found = {name: env.variable(name) for name in wanted}
    return {"PATH": os.defpath, **{name: value for name, value in found.items() if value}}
