"""`account bcrypt`: a password as the secret argocd-secret keeps it."""

from fairlead.cli import prompt
from fairlead.cli.command import Command, Invocation, text
from fairlead.cli.errors import SettingsError

MAX_BYTES = 72
"""Of a password that bcrypt reads."""


def run(call: Invocation) -> None:
    """Print the hash."""
    import asyncio

    from fairlead.auth.passwords import Passwords

    password = call.values.text("password") or prompt.ask_password("*** Enter password: ", "--password")
    if len(password.encode()) > MAX_BYTES:
        raise SettingsError(f"a password of more than {MAX_BYTES} bytes has no hash: bcrypt reads no more")
    print(asyncio.run(Passwords().hash(password)))


COMMAND = Command(
    usage="",
    about="Print the bcrypt hash of a password, for argocd-secret.",
    run=run,
    is_local=True,
    flags=(text("password", "The password; better typed when asked."),),
)
