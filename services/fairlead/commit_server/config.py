"""How this process was started: one frozen struct, read once."""

from collections.abc import Sequence
from pathlib import Path

from fairlead.identities.identities import Ambient
from fairlead.matching.networks import Networks, parse_networks
from fairlead.outbound.proxies import Proxies
from fairlead.process.ambient import ambient_of
from fairlead.process.config import Flags, ServiceConfig, shared_settings
from fairlead.process.flags import Environment, flag_parser

SERVICE = "commit-server"


class Config(ServiceConfig, frozen=True, kw_only=True):
    """Everything that flags and environment decide. What is in `data_dir` can be lost at any time.

    With a `signing_key` each commit is signed.
    """

    render_engine: Path
    data_dir: Path
    networks: Networks = Networks()
    proxies: Proxies = Proxies()
    ambient: Ambient = Ambient()
    allow_file_urls: bool = False
    signing_key: Path | None = None
    passphrase_file: Path | None = None


def read_config(arguments: Sequence[str] | None = None, environment: Environment | None = None) -> Config:
    """The configuration of this process. Exits with usage on a wrong flag."""
    env = environment or Environment()
    parser = flag_parser(SERVICE, env)
    flags = Flags(parser, env)
    flags.text("--render-engine", "fairlead-render-engine", "the render engine's binary, for templates")
    flags.text("--data-dir", "/tmp/fairlead-written", "folder of what is written to")  # noqa: S108 - can be lost
    flags.switch("--allow-file-urls", "accept file:// repositories, for tests")
    flags.text("--git-networks-opened", "", "networks, with commas, whose repositories may be written to too")
    flags.text("--git-networks-closed", "", "networks, with commas, in which no repository is written to")
    flags.text(
        "--signing-key",
        "",
        "file with the OpenPGP key that signs commits (commitserver.signing.key.path); none is when empty",
    )
    flags.text(
        "--signing-key-passphrase-file",
        "",
        "file with that key's passphrase (commitserver.signing.key.passphrase.file)",
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
    except ValueError as error:
        parser.error(str(error))
    passphrase = given.signing_key_passphrase_file
    return Config(
        **shared_settings(given, env),  # type: ignore[arg-type]  # the fields of the base, by name
        render_engine=Path(given.render_engine),
        data_dir=Path(given.data_dir),
        networks=networks,
        proxies=Proxies.read(env.variable),
        ambient=ambient_of(env, given.azure_identity_hosts),
        allow_file_urls=given.allow_file_urls,
        signing_key=Path(given.signing_key) if given.signing_key else None,
        passphrase_file=Path(passphrase) if passphrase else None,
    )
