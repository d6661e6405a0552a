"""Names that a shell completes: of contexts from the configuration, of all else from the server.

The invariant: a shell that waits for a list never waits long, and never sees why there is none.
"""

import threading
from collections.abc import Callable

from fairlead.cli.client import Client, Document
from fairlead.cli.command.parse import HelpRequestedError, Parser
from fairlead.cli.command.values import Values
from fairlead.cli.connection import config_of, connect
from fairlead.cli.environment import options_of_environment
from fairlead.cli.errors import UsageError
from fairlead.cli.general_flags import GENERAL

SECONDS = 2.0
"""How long the server may take."""


def of_flag(flag: str, before: list[str]) -> list[str]:
    """Values of a flag, given the words before it."""
    ask = _BY_FLAG.get(flag)
    return _asked(ask, before) if ask is not None else []


def of_usage(usage: str, before: list[str], *, is_qualified: bool) -> list[str]:
    """What a command's argument may be, as its usage calls it; `is_qualified` wants NAMESPACE/NAME."""
    words = [word.strip("[].") for word in usage.split()]
    if words[:1] == ["CONTEXT"] and usage.startswith("["):
        return _asked(_contexts, before)
    ask = _BY_USAGE.get(words[0] if words else "")
    if ask is None:
        return []
    return _asked(_qualified if ask is _applications and is_qualified else ask, before)


def _contexts(values: Values) -> list[str]:
    return [str(context.get("name")) for context in config_of(values).contexts]


def _from_server(read: Callable[[Client], list[str]]) -> Callable[[Values], list[str]]:
    def ask(values: Values) -> list[str]:
        with connect(values) as client:
            return read(client)

    return ask


def _all_sets(client: Client) -> list[Document]:
    return client.application_sets.list_all(selector="", projects=[], namespace="")


_applications = _from_server(
    lambda client: [str(app["metadata"]["name"]) for app in client.applications.list_all()]
)
_qualified = _from_server(
    lambda client: [
        f"{app['metadata'].get('namespace', '')}/{app['metadata']['name']}"
        for app in client.applications.list_all()
    ]
)
_projects = _from_server(
    lambda client: [str(each["metadata"]["name"]) for each in client.projects.list_all()]
)
_clusters = _from_server(lambda client: [str(each.get("name")) for each in client.connections.clusters()])
_servers = _from_server(lambda client: [str(each.get("server")) for each in client.connections.clusters()])
_repositories = _from_server(
    lambda client: [str(each.get("repo")) for each in client.connections.repositories()]
)
_sets = _from_server(lambda client: [str(each["metadata"]["name"]) for each in _all_sets(client)])
_accounts = _from_server(lambda client: [each.name for each in client.accounts.list_all()])
_BY_USAGE = {
    "APPNAME": _applications,
    "PROJECT": _projects,
    "SERVER|NAME": _clusters,
    "REPOURL": _repositories,
    "APPSETNAME": _sets,
}
_BY_FLAG = {
    "project": _projects,
    "argocd-context": _contexts,
    "dest-name": _clusters,
    "dest-server": _servers,
    "repo": _repositories,
    "account": _accounts,
}


def _asked(ask: Callable[[Values], list[str]], before: list[str]) -> list[str]:
    """The answer, or nothing when it does not come in time, or is an error."""
    found: list[str] = []

    def run() -> None:
        try:
            found.extend(name for name in ask(_values(before)) if name.isprintable())
        except Exception:
            found.clear()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(SECONDS)
    return sorted(set(found))


def _values(before: list[str]) -> Values:
    """General flags among the words; the command's own are left out, as they say nothing of the server."""
    known = {f"--{flag.name}" for flag in GENERAL} | {f"-{flag.short}" for flag in GENERAL if flag.short}
    words = [
        word
        for index, word in enumerate(before)
        if word.partition("=")[0] in known or (index and before[index - 1] in known)
    ]
    parser = Parser(GENERAL)
    try:
        parser.read(words)
    except (UsageError, HelpRequestedError):
        parser.given = {}
    return Values(GENERAL, options_of_environment({flag.name for flag in GENERAL}) | parser.given)
