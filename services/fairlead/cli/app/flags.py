"""Flags and arguments that many verbs on applications share."""

from fairlead.cli.client import AppRef, Client
from fairlead.cli.command import Flag, Invocation, Values, many, text
from fairlead.cli.command.flags import FlagKind
from fairlead.cli.errors import SettingsError, UsageError

NAMESPACE = text("app-namespace", "Namespace of the application.", short="N")
PROJECT = text(
    "project", "Project the application is in; a wrong one is told apart from a missing application."
)
SELECTOR = text("selector", "Labels of the applications meant: NAME=VALUE, comma-separated.", short="l")
RESOURCE = many(
    "resource", "Only this object, GROUP:KIND:[NAMESPACE/]NAME; `*` matches, a leading ! leaves out."
)
LOCAL = text("local", "Folder of manifests to use instead of Git's.")
LOCAL_ROOT = text("local-repo-root", "Folder of the repository that --local counts from.", default="/")
JQ = Flag(
    name="ignore-normalizer-jq-execution-timeout",
    help="Accepted; the server compares, with a limit of its own.",
    default="1s",
    hidden=True,
)
LOCAL_GENERATE = Flag(
    name="server-side-generate",
    help="Accepted; --local renders here.",
    kind=FlagKind.SWITCH,
    default="false",
    hidden=True,
)
SERVER_SIDE_GENERATE = Flag(
    name="server-side-generate",
    help="With --local, send the files and have the server render them.",
    kind=FlagKind.SWITCH,
    default="false",
)
DOCUMENT_FORMS = ("json", "yaml")
TREE_FORMS = ("wide", "tree", "tree=detailed")


def one_app(call: Invocation) -> AppRef:
    """The one application that the command names. Raises UsageError."""
    if len(call.arguments) != 1 or not call.arguments[0]:
        raise UsageError("name exactly one application")
    return ref(call.arguments[0], call.values)


def ref(name: str, values: Values) -> AppRef:
    """An application by the name a person gave."""
    return AppRef.of(name, values.text("app-namespace"))


def require_some(call: Invocation, projects: list[str] | None = None) -> None:
    """Raise UsageError where `several` would mean none, before any server is looked for."""
    selector = call.values.text("selector")
    if call.arguments and selector:
        raise UsageError("name applications or give --selector, not both")
    if not all(call.arguments):
        raise UsageError("an application's name is empty")
    if not call.arguments and not selector and not projects:
        raise UsageError("name at least one application, or give --selector")


def several(call: Invocation, client: Client, projects: list[str] | None = None) -> list[AppRef]:
    """The applications named, or those with the labels of --selector, or with `projects` all of these.

    Raises UsageError when none is meant.
    """
    values = call.values
    require_some(call, projects)
    selector = values.text("selector")
    if call.arguments:
        return [ref(name, values) for name in call.arguments]
    if projects is None:
        projects = list(filter(None, (values.text("project"),)))
    found = client.applications.list_all(
        selector=selector, projects=projects, namespace=values.text("app-namespace")
    )
    if not found:
        of_projects = f" in projects {', '.join(projects)}" if projects else ""
        raise SettingsError(f"no apps match selector {selector}{of_projects}")
    return [AppRef(app["metadata"].get("namespace", ""), app["metadata"]["name"]) for app in found]
