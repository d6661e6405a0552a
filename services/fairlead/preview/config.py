"""How this process was started: one frozen struct, read once."""

from collections.abc import Sequence

from fairlead.process.config import Flags
from fairlead.process.flags import Environment, flag_parser
from fairlead.process.outgoing import OutgoingConfig, add_flags, outgoing_settings

SERVICE = "preview"


class Config(OutgoingConfig, frozen=True, kw_only=True):
    """Everything that flags and environment decide; argocd-cm says the rest."""


def read_config(arguments: Sequence[str] | None = None, environment: Environment | None = None) -> Config:
    """The configuration of this process. Exits with usage on a wrong flag."""
    env = environment or Environment()
    parser = flag_parser(SERVICE, env)
    add_flags(Flags(parser, env))
    given = parser.parse_args(arguments)
    try:
        return Config(**outgoing_settings(given, env))  # type: ignore[arg-type]  # the fields, by name
    except ValueError as error:
        parser.error(str(error))
