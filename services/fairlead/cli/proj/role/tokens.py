"""`proj role create-token`, `delete-token` and `list-tokens`."""

from datetime import UTC, datetime

from fairlead.cli import prompt
from fairlead.cli.command import Command, Invocation, switch, text
from fairlead.cli.connection import connect
from fairlead.cli.errors import UsageError
from fairlead.cli.proj.change import role_of
from fairlead.cli.session.token import claims_of
from fairlead.cli.view import times
from fairlead.cli.view.columns import columns


def create(call: Invocation) -> None:
    """Make a token and print it; it is shown this once."""
    project, role = call.exactly("PROJECT", "ROLE-NAME")
    values = call.values
    seconds = times.seconds(values.text("expires-in"), "--expires-in")
    with connect(values) as client:
        token = client.projects.create_token(project, role, expiresIn=seconds, id=values.text("id"))
    if values.switch("token-only"):
        print(token)
        return
    claims = claims_of(token)
    print(f"Create token succeeded for {claims.sub}.")
    print(f"  ID: {claims.jti}")
    print(f"  Issued At: {_instant(claims.iat)}")
    print(f"  Expires At: {_instant(claims.exp) if claims.exp else 'Never'}")
    print(f"  Token: {token}")


def delete(call: Invocation) -> None:
    """Take a token back."""
    project, role, issued = call.exactly("PROJECT", "ROLE-NAME", "ISSUED-AT")
    if not issued.isdecimal():
        raise UsageError(
            "ISSUED-AT is the unix second in which the token was issued; list-tokens -u shows it"
        )
    with connect(call.values) as client:
        question = f"Are you sure you want to delete '{project}' token? [y/n] "
        if prompt.may(call.values, question):
            client.projects.delete_token(project, role, int(issued))
        else:
            print(f"The command to delete '{project}' token was cancelled.")


def list_all(call: Invocation) -> None:
    """Print what is known of a role's tokens."""
    project, name = call.exactly("PROJECT", "ROLE-NAME")
    with connect(call.values) as client:
        found = client.projects.get(project)
    tokens = role_of(found.get("spec", {}), project, name).get("jwtTokens") or []
    if not tokens:
        print(f"No tokens for {project}.{name}")
        return
    show = str if call.values.switch("unixtime") else lambda seconds: times.rfc3339(_at(seconds))
    rows = [
        (
            str(t.get("id") or t.get("iat")),
            show(t.get("iat") or 0),
            show(t["exp"]) if t.get("exp") else "<none>",
        )
        for t in tokens
    ]
    print(columns([("ID", "ISSUED AT", "EXPIRES AT"), *rows]), end="")


def _at(seconds: int | str) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


def _instant(seconds: int) -> str:
    return times.rfc3339(_at(seconds))


CREATE = Command(
    usage="PROJECT ROLE-NAME",
    about="Make a token for a role.",
    run=create,
    flags=(
        text(
            "expires-in",
            "How long it is valid, as 30d, 12h or 90m; for ever otherwise.",
            short="e",
            default="0s",
        ),
        text("id", "Identity of the token, a random one otherwise.", short="i"),
        switch("token-only", "Print nothing but the token.", short="t"),
    ),
    examples=("proj role create-token shop deployer --expires-in 24h --token-only",),
)
DELETE = Command(
    usage="PROJECT ROLE-NAME ISSUED-AT",
    about="Take a role's token back.",
    run=delete,
    examples=("proj role delete-token shop deployer 1795397547",),
)
LIST = Command(
    usage="PROJECT ROLE-NAME",
    about="List the tokens of a role.",
    run=list_all,
    flags=(switch("unixtime", "Print instants as unix seconds.", short="u"),),
)
