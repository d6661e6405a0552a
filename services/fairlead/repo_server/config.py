"""How this process was started: one frozen struct, read once."""

from collections.abc import Sequence
from pathlib import Path

from fairlead.identities.identities import Ambient
from fairlead.matching.networks import Networks, parse_networks
from fairlead.model.duration import parse_duration
from fairlead.outbound.proxies import Proxies
from fairlead.plugin.protocol import SOCKETS, SOCKETS_VARIABLE
from fairlead.process.ambient import ambient_of
from fairlead.process.config import Flags, ServiceConfig, shared_settings
from fairlead.process.flags import Environment, flag_parser

SERVICE = "repo-server"


class Config(ServiceConfig, frozen=True, kw_only=True):
    """Everything that flags and environment decide. Mirrors in `data_dir` can be lost at any time."""

    render_engine: Path
    data_dir: Path
    no_kube: bool = False
    poll_seconds: float = 120.0
    render_workers: int = 2
    allow_file_urls: bool = False
    networks: Networks = Networks()
    fetch_timeout: float = 0.0
    submodules: bool = True
    proxies: Proxies = Proxies()
    ambient: Ambient = Ambient()
    plugin_sockets: Path = Path(SOCKETS)
    plugins: tuple[str, ...] = ()
    exec_timeout: float = 0.0


def read_config(arguments: Sequence[str] | None = None, environment: Environment | None = None) -> Config:
    """The configuration of this process. Exits with usage on a wrong flag."""
    env = environment or Environment()
    parser = flag_parser(SERVICE, env)
    flags = Flags(parser, env)
    flags.text("--render-engine", "fairlead-render-engine", "the render engine's binary")
    flags.text("--render-workers", "2", "render engines that run at once")
    flags.text("--data-dir", "/tmp/fairlead-mirrors", "folder of the mirrors")  # noqa: S108 - can be lost
    flags.text("--poll-seconds", "120", "seconds between two looks at a repository")
    flags.switch("--no-kube", "await no credentials of repositories from the app-controller")
    flags.switch("--allow-file-urls", "accept file:// repositories, for tests")
    flags.text(
        "--git-networks-opened", "", "networks, with commas, that repositories may be fetched from too"
    )
    flags.text("--git-networks-closed", "", "networks, with commas, that no repository is fetched from")
    flags.text(
        "--git-fetch-timeout",
        env.variable("ARGOCD_EXEC_TIMEOUT") or "0",
        "how long a fetch may take, such as 90s; 0 is as long as it makes progress",
    )
    flags.text(
        "--plugin-sockets", env.variable(SOCKETS_VARIABLE) or SOCKETS, "folder of the plugins' sockets"
    )
    flags.text("--plugins", "", "plugins, with commas, that are to be there before any source is looked at")
    flags.text(
        "--exec-timeout",
        env.variable("ARGOCD_EXEC_TIMEOUT") or "0",
        "how long one render, or an operator's kustomize, may take; 0 is 60s, or 90s",
    )
    flags.text(
        "--azure-identity-hosts",
        "",
        "hosts, with commas, beside Azure's that are shown tokens of the pod's identity",
    )
    given = parser.parse_args(arguments)
    try:
        networks = Networks(
            opened=parse_networks(given.git_networks_opened), closed=parse_networks(given.git_networks_closed)
        )
        fetch_timeout = parse_duration(given.git_fetch_timeout)
        exec_timeout = parse_duration(given.exec_timeout)
    except ValueError as error:
        parser.error(str(error))
    return Config(
        **shared_settings(given, env),  # type: ignore[arg-type]  # the fields of the base, by name
        render_engine=Path(given.render_engine),
        data_dir=Path(given.data_dir),
        no_kube=given.no_kube,
        poll_seconds=float(given.poll_seconds),
        render_workers=int(given.render_workers),
        allow_file_urls=given.allow_file_urls,
        networks=networks,
        fetch_timeout=fetch_timeout,
        plugin_sockets=Path(given.plugin_sockets),
        plugins=tuple(name.strip() for name in given.plugins.split(",") if name.strip()),
        exec_timeout=exec_timeout,
        submodules=env.variable("ARGOCD_GIT_MODULES_ENABLED").strip().lower() not in ("false", "0", "no"),
        proxies=Proxies.read(env.variable),
        ambient=ambient_of(env, given.azure_identity_hosts),
    )
