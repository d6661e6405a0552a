"""`repo list` and `repo get`."""

from fairlead.cli.client import Document
from fairlead.cli.command import Command, Flag, Invocation, output, text
from fairlead.cli.connection import connect
from fairlead.cli.view import document
from fairlead.cli.view.columns import columns

_TITLES = ("TYPE", "NAME", "REPO", "INSECURE", "OCI", "LFS", "CREDS", "STATUS", "MESSAGE", "PROJECT")


def list_all(call: Invocation) -> None:
    """Print repositories."""
    with connect(call.values) as client:
        found = client.connections.repositories(force_refresh=call.values.text("refresh") == "hard")
    form = call.values.text("output")
    if form in ("json", "yaml"):
        document.show(found, form)
    elif form == "url":
        print("".join(f"{repo['repo']}\n" for repo in found), end="")
    else:
        print(_table(found), end="")


def get(call: Invocation) -> None:
    """Print one repository."""
    values, url = call.values, call.one("repository")
    is_fresh = values.text("refresh") == "hard"
    with connect(values) as client:
        found = client.connections.repository(url, project=values.text("project"), force_refresh=is_fresh)
    form = values.text("output")
    if form in ("json", "yaml"):
        document.show(found, form)
    elif form == "url":
        print(found["repo"])
    else:
        print(_table([found]), end="")


def _table(repositories: list[Document]) -> str:
    return columns([_TITLES, *map(_row, repositories)])


def _row(repo: Document) -> tuple[str, ...]:
    state = repo.get("connectionState") or {}
    is_insecure = repo.get("insecure") or repo.get("insecureIgnoreHostKey")
    return (
        str(repo.get("type") or "git"),
        str(repo.get("name") or ""),
        str(repo.get("repo") or ""),
        _word(is_insecure),
        _word(repo.get("enableOCI")),
        _word(repo.get("enableLfs")),
        _credentials(repo),
        str(state.get("status") or ""),
        str(state.get("message") or ""),
        str(repo.get("project") or ""),
    )


def _credentials(repo: Document) -> str:
    if repo.get("inheritedCreds"):
        return "inherited"
    keys = ("username", "password", "sshPrivateKey", "bearerToken", "githubAppID")
    return _word(any(repo.get(key) for key in keys))


def _word(value: object) -> str:
    return "true" if value else "false"


def _refresh() -> Flag:
    return text("refresh", "Ask the repositories anew with `hard`.", choices=("", "hard"))


LIST = Command(
    usage="",
    about="List repositories.",
    run=list_all,
    flags=(output("wide", "url", "json", "yaml"), _refresh()),
    examples=("repo list", "repo list -o json"),
)
GET = Command(
    usage="REPOURL",
    about="Show a repository.",
    run=get,
    flags=(
        output("wide", "url", "json", "yaml"),
        _refresh(),
        text("project", "Project the repository is for."),
    ),
)
