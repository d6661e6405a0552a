"""Flags and arguments that many verbs on applications share."""

from fairlead.cli.client import AppRef
from fairlead.cli.command import Flag, Invocation, Values, many, text
from fairlead.cli.errors import UsageError

NAMESPACE = text("app-namespace", "Namespace of the application.", short="N")
PROJECT = text(
    "project", "Project the application is in; a wrong one is told apart from a missing application."
)
SELECTOR = text("selector", "Labels of the applications meant: NAME=VALUE, comma-separated.", short="l")
RESOURCE = many(
    "resource", "Only this object, GROUP:KIND:[NAMESPACE/]NAME; `*` matches, a leading ! leaves out."
)
DOCUMENT_FORMS = ("json", "yaml")
TREE_FORMS = ("wide", "tree", "tree=detailed")


def output(*forms: str, default: str = "wide") -> Flag:
    """The flag for the form of the output."""
    return text("output", "Form of the output.", short="o", default=default, choices=forms)


def one_app(call: Invocation) -> AppRef:
    """The one application that the command names. Raises UsageError."""
    if len(call.arguments) != 1 or not call.arguments[0]:
        raise UsageError("name exactly one application")
    return ref(call.arguments[0], call.values)


def ref(name: str, values: Values) -> AppRef:
    """An application by the name a person gave."""
    return AppRef.of(name, values.text("app-namespace"))
