"""How this process was started: one frozen struct, read once."""

from collections.abc import Sequence

from fairlead.process.config import Flags, verifies_signatures
from fairlead.process.flags import Environment, flag_parser
from fairlead.process.outgoing import OutgoingConfig, add_flags, outgoing_settings

SERVICE = "applicationset-controller"


class Config(OutgoingConfig, frozen=True, kw_only=True):
    """Everything that flags and environment decide; argocd-cmd-params-cm says the rest.

    Webhooks are served on `webhook_port`, on none when it is 0. `verifies_signatures` is false only where an
    operator switched that off (contract 7.11).
    """

    webhook_address: str = "0.0.0.0"  # noqa: S104 - a server's default
    webhook_port: int = 0
    verifies_signatures: bool = True


def read_config(arguments: Sequence[str] | None = None, environment: Environment | None = None) -> Config:
    """The configuration of this process. Exits with usage on a wrong flag."""
    env = environment or Environment()
    parser = flag_parser(SERVICE, env)
    flags = Flags(parser, env)
    add_flags(flags)
    flags.text("--webhook-address", "0.0.0.0", "address of the webhook")  # noqa: S104 - a server's default
    flags.text("--webhook-port", "0", "port of the webhook; 0 serves none, as the API has one too")
    given = parser.parse_args(arguments)
    try:
        return Config(
            **outgoing_settings(given, env),  # type: ignore[arg-type]  # the fields of the base, by name
            webhook_address=given.webhook_address,
            webhook_port=int(given.webhook_port),
            verifies_signatures=verifies_signatures(env),
        )
    except ValueError as error:
        parser.error(str(error))
