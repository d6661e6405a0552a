"""`repo add`: connect a repository."""

from fairlead.cli.client import Document
from fairlead.cli.command import Command, Invocation, number, switch, text
from fairlead.cli.connection import connect
from fairlead.cli.errors import UsageError
from fairlead.cli.spec.access import ACCESS_FLAGS, access

_PROJECT = text("project", "Project that the repository is for.")


def run(call: Invocation) -> None:
    """Try it, then keep it."""
    values, url = call.values, call.one("repository")
    repo = described(call)
    with connect(values) as client:
        if not _secrets(repo):
            client.connections.validate_repository(url, _asked(repo))
        made = client.connections.create_repository(repo, upsert=values.switch("upsert"))
    print(f"Repository '{made.get('repo', url)}' added")


def described(call: Invocation) -> Document:
    """The repository as the arguments and flags say it. Raises UsageError, SettingsError."""
    values, url = call.values, call.one("repository")
    if values.text("type") == "helm" and not values.text("name"):
        raise UsageError("Must specify --name for repos of type 'helm'")
    repo: Document = {"repo": url, **access(url, values)}
    repo |= {"name": values.text("name"), "project": values.text("project")}
    repo |= {"insecure": values.switch("insecure-skip-server-verification"), "depth": values.number("depth")}
    repo |= {"enableLfs": values.switch("enable-lfs")}
    repo["insecureIgnoreHostKey"] = values.switch("insecure-ignore-host-key")
    repo["webhookManifestCacheWarmDisabled"] = values.switch("webhook-manifest-cache-warm-disabled")
    return {key: value for key, value in repo.items() if value}


_SECRETS = ("password", "bearerToken", "sshPrivateKey", "tlsClientCertKey", "githubAppPrivateKey")
_MORE_SECRETS = ("gcpServiceAccountKey", "azureServicePrincipalClientSecret")
_KEPT_ONLY = ("repo", "enableLfs", "insecureIgnoreHostKey", "depth", "webhookManifestCacheWarmDisabled")


def _secrets(repo: Document) -> bool:
    """Whether there is something that must not stand in an address, where the check's fields would be.

    The server checks what is kept as well, so nothing goes unchecked.
    """
    return any(key in repo for key in (*_SECRETS, *_MORE_SECRETS))


def _asked(repo: Document) -> Document:
    found = {key: value for key, value in repo.items() if key not in _KEPT_ONLY}
    if repo.get("insecureIgnoreHostKey"):
        found["insecure"] = True
    return found


COMMAND = Command(
    usage="REPOURL",
    about="Connect a repository after trying whether it can be reached.",
    run=run,
    flags=(
        *ACCESS_FLAGS,
        text("name", "Name of the repository; charts need one."),
        _PROJECT,
        switch("insecure-skip-server-verification", "Do not verify the server's certificate or host key."),
        switch("insecure-ignore-host-key", "Do not verify the server's host key."),
        switch("enable-lfs", "Fetch large files."),
        number("depth", "How many commits to fetch; 0 is all."),
        switch("webhook-manifest-cache-warm-disabled", "Do not render when a webhook tells of a commit."),
        switch("upsert", "Replace a repository of that address that is different."),
    ),
    examples=(
        "repo add https://git.example.com/shop.git --username ci --password secret",
        "repo add git@git.example.com:shop.git --ssh-private-key-path ~/.ssh/id_ed25519",
        "repo add https://charts.example.com --type helm --name charts",
    ),
)
