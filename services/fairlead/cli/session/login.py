"""`login`: a name and a password for a token, remembered in the configuration file."""

import msgspec

from fairlead.cli import prompt
from fairlead.cli.client import Client, Server
from fairlead.cli.client.server import read_base64
from fairlead.cli.command import Command, Invocation, Values, number, switch, text
from fairlead.cli.config_file import Entry
from fairlead.cli.connection import CORE, address_given, config_of, flagged
from fairlead.cli.errors import UsageError
from fairlead.cli.session.token import claims_of


def run(call: Invocation) -> None:
    """Log in and remember the session."""
    values = call.values
    if values.switch("core"):
        config = config_of(values)
        config.remember(values.text("name") or CORE, {"server": CORE, "core": True}, "")
        config.save()
        print(f"Context '{config.current}' updated")
        return
    named = call.at_most_one("server")
    address = address_given(values, named)
    if not address:
        raise UsageError("name the server: login HOST:PORT")
    server = flagged(values, Server(address=address, plaintext=named.startswith("http://")))
    if server.forwarded is None and not values.switch("skip-test-tls"):
        from fairlead.cli.session.reach import settled

        server = settled(server)
    log_in(call, msgspec.structs.replace(server, token=""), values.text("name") or server.address)


def log_in(call: Invocation, server: Server, context: str, *, username: str = "") -> None:
    """Ask for what is missing, log in, remember the session as `context` and say so."""
    values = call.values
    config = config_of(values)
    with Client(server) as client:
        if values.switch("sso"):
            token, refresh = _sign_on(client, values)
        else:
            username = values.text("username") or username or prompt.ask("Username: ", "--username")
            password = values.text("password") or prompt.ask_password("Password: ", "--password")
            token, refresh = client.accounts.log_in(username, password), ""
    config.remember(context, _entry(server, values), token, refresh)
    config.save()
    print(f"'{shown_user(token)}' logged in successfully")
    print(f"Context '{context}' updated")


def _sign_on(client: Client, values: Values) -> tuple[str, str]:
    """The token of single sign-on, and the one that renews it."""
    from fairlead.cli.session.sign_on import provider_of, sign_on

    provider = provider_of(client.settings(), client.server.url)
    port, callback = values.number("sso-port"), values.text("callback")
    tokens = sign_on(provider, port=port, callback=callback, launch=values.switch("sso-launch-browser"))
    return tokens.id_token, tokens.refresh_token


def shown_user(token: str) -> str:
    """Whose token this is, as its claims say; they are for display and not verified."""
    claims = claims_of(token)
    return claims.email or claims.name or claims.sub or "unknown"


def account_of(token: str) -> str:
    """The local account that a token was made for, "" when the token does not say."""
    return claims_of(token).sub.partition(":")[0]


def _entry(server: Server, values: Values) -> Entry:
    entry: Entry = {"server": server.address, "grpc-web-root-path": server.root_path}
    if server.plaintext:
        entry["plain-text"] = True
    if server.insecure:
        entry["insecure"] = True
    if values.switch("grpc-web"):
        entry["grpc-web"] = True
    if server.ca_file:
        entry["certificate-authority-data"] = read_base64(server.ca_file)
    elif server.ca_data:
        entry["certificate-authority-data"] = server.ca_data
    pair = (
        ("client-certificate-data", server.client_cert_file, server.client_cert_data),
        ("client-certificate-key-data", server.client_key_file, server.client_key_data),
    )
    for key, file, data in pair:
        if file or data:
            entry[key] = read_base64(file) if file else data
    return entry


SINGLE_SIGN_ON = (
    number("sso-port", "Port of this machine for the answer of single sign-on.", default=8085),
    switch("sso-launch-browser", "Open a browser.", default=True),
    text("callback", "Host and port that the provider sends the browser back to."),
)
CREDENTIALS = (
    text("username", "Name of the account."),
    text("password", "Password; better left out and typed, or piped, when asked."),
)

COMMAND = Command(
    usage="SERVER",
    about="Log in to a server by name and password or through single sign-on, and remember the session.",
    run=run,
    flags=(
        *CREDENTIALS,
        text("name", "Name of the context to remember the session as; the server's address otherwise."),
        switch("skip-test-tls", "Do not try first how the server is spoken to."),
        switch("sso", "Log in through single sign-on."),
        *SINGLE_SIGN_ON,
    ),
    examples=(
        "login cd.example.com",
        "login cd.example.com --sso",
        "login localhost:8080 --insecure --username admin",
        "login localhost:8080 --plaintext --username admin --name local",
    ),
)
