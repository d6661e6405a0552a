"""`account bcrypt`: a password as the secret argocd-secret keeps it."""

from fairlead.cli import prompt
from fairlead.cli.command import Command, Invocation, text


def run(call: Invocation) -> None:
    """Print the hash."""
    import asyncio

    from fairlead.auth.passwords import Passwords

    password = call.values.text("password") or prompt.ask_password("*** Enter password: ", "--password")
    print(asyncio.run(Passwords().hash(password)))


COMMAND = Command(
    usage="",
    about="Print the bcrypt hash of a password, for argocd-secret.",
    run=run,
    is_local=True,
    flags=(text("password", "The password; better typed when asked."),),
)
