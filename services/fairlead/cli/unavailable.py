"""Commands of the original whose capability is not there yet: each refuses in words, and with a code.

The invariant: a command is either done or in this table; none acts as if it had done something.
"""

from fairlead.cli.admin.flags import PLACE
from fairlead.cli.command import Command, Flag, Invocation, many, number, text
from fairlead.cli.errors import CliError

_NO_TEMPLATES = (
    "notifications are not sent by Fairlead yet, so no {what}; `admin notifications {kind} get` shows what "
    "is configured"
)
REFUSALS = {
    "admin dashboard": "there is no web UI to start yet; the API of a server is at its own address",
    "admin notifications template notify": _NO_TEMPLATES.format(
        what="template is filled in", kind="template"
    ),
    "admin notifications trigger run": _NO_TEMPLATES.format(what="condition is evaluated", kind="trigger"),
}
"""Why, by command."""


def _refusing(path: str, usage: str, about: str, flags: tuple[Flag, ...] = ()) -> Command:
    def run(_: Invocation) -> None:
        raise CliError(f"{path}: {REFUSALS[path]}")

    whole = f"{about} Not available yet: {REFUSALS[path]}."
    own = {flag.name for flag in flags}
    place = tuple(flag for flag in PLACE if flag.name not in own)
    return Command(usage=usage, about=whole, run=run, flags=(*flags, *place), is_local=True)


DASHBOARD = _refusing(
    "admin dashboard",
    "",
    "Start the web UI on this machine.",
    (
        number("port", "Port to listen on.", default=8080),
        text("address", "Address to listen on.", default="localhost"),
    ),
)
NOTIFY = _refusing(
    "admin notifications template notify",
    "NAME APPLICATION",
    "Fill a template in and send it.",
    (
        many("recipient", "Where to send it to, SERVICE:RECIPIENT."),
        text("config-map", "File with the ConfigMap argocd-notifications-cm."),
        text("secret", "File with the Secret argocd-notifications-secret."),
    ),
)
RUN_TRIGGER = _refusing(
    "admin notifications trigger run",
    "NAME APPLICATION",
    "Evaluate a trigger's conditions.",
    (
        text("config-map", "File with the ConfigMap argocd-notifications-cm."),
        text("secret", "File with the Secret argocd-notifications-secret."),
    ),
)
