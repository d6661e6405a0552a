"""`version`: what this command is, and what the server is."""

import platform
import sys

from fairlead.cli.client import Document
from fairlead.cli.command import Command, Invocation, Values, switch, text
from fairlead.cli.connection import connect
from fairlead.cli.view.document import show

_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}
_SERVER_LINES = (
    ("BuildDate", "BuildDate"),
    ("GitCommit", "GitCommit"),
    ("GitTreeState", "GitTreeState"),
    ("GitTag", "GitTag"),
    ("GoVersion", "GoVersion"),
    ("Compiler", "Compiler"),
    ("Platform", "Platform"),
    ("ExtraBuildInfo", "ExtraBuildInfo"),
    ("Kustomize Version", "KustomizeVersion"),
    ("Helm Version", "HelmVersion"),
    ("Kubectl Version", "KubectlVersion"),
    ("Jsonnet Version", "JsonnetVersion"),
)
_CLIENT_LINES = ("BuildDate", "GitCommit", "GitTreeState", "GoVersion", "Compiler", "Platform")


def run(call: Invocation) -> None:
    """Print the versions."""
    values = call.values
    client, form = own(), values.text("output")
    if form in ("json", "yaml"):
        server = _of_server(values)
        show({"client": client} if server is None else {"client": client, "server": server}, form)
        return
    is_short = form == "short" or values.switch("short")
    print(f"{call.program}: {client['Version']}")
    if not is_short:
        for key in _CLIENT_LINES:
            print(f"  {key}: {client[key]}")
    sys.stdout.flush()
    server = _of_server(values)
    if server is not None:
        _print_server(call.program, server, is_short=is_short)


def _of_server(values: Values) -> Document | None:
    if values.switch("client"):
        return None
    with connect(values) as client:
        return client.version()


def own() -> dict[str, str]:
    """What this command is."""
    from fairlead.model.release import version

    machine = platform.machine()
    return {
        "Version": version(),
        "BuildDate": "",
        "GitCommit": "",
        "GitTag": "",
        "GitTreeState": "",
        "GoVersion": "",
        "Compiler": f"{platform.python_implementation()} {platform.python_version()}",
        "Platform": f"{platform.system().lower()}/{_MACHINES.get(machine, machine)}",
        "KubectlVersion": "",
        "ExtraBuildInfo": "",
    }


def _print_server(program: str, server: Document, *, is_short: bool) -> None:
    print(f"{program}-server: {server.get('Version', '')}")
    if is_short:
        return
    for label, key in _SERVER_LINES:
        if server.get(key):
            print(f"  {label}: {server[key]}")


COMMAND = Command(
    usage="",
    about="Show the versions of this command and of the server.",
    run=run,
    flags=(
        switch("client", "Only this command; no server is asked."),
        switch("short", "Only the version numbers."),
        text(
            "output",
            "Form of the output.",
            short="o",
            default="wide",
            choices=("wide", "short", "json", "yaml"),
        ),
    ),
    examples=("version", "version --short --client", "version -o json"),
)
