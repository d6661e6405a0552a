"""The tree of commands: where each lives and what it does in a line.

Only the module of the command that is called is imported, which keeps every start quick.
"""

from typing import NamedTuple


class Entry(NamedTuple):
    """One command: its module, which has a `COMMAND`, and its summary."""

    module: str
    summary: str


GROUPS = {
    "": "GitOps continuous delivery for Kubernetes.",
    "app": "Applications: create, compare, sync, watch and delete them.",
    "account": "Accounts and passwords.",
    "admin": "What is done with the cluster's own credentials.",
}
"""What each group of commands is about."""

COMMANDS = {
    "up": Entry("local.up", "Run the whole suite on this machine until Ctrl-C"),
    "down": Entry("local.down", "Stop the suite that runs on a data folder"),
    "status": Entry("local.status", "Say what of the suite runs and whether it is ready"),
    "demo": Entry("local.demo", "Walk the milestones of the guide on a real cluster"),
    "events": Entry("local.events", "Follow what happens, as public events"),
    "login": Entry("session.login", "Log in to a server and remember it"),
    "logout": Entry("session.logout", "End the session with a server"),
    "relogin": Entry("session.relogin", "Log in again to the current server"),
    "context": Entry("session.context", "Show, choose or forget servers"),
    "version": Entry("session.version", "Show the versions of this command and of the server"),
    "app create": Entry("app.create", "Create an application"),
    "app get": Entry("app.get", "Show an application"),
    "app list": Entry("app.list", "List applications"),
    "app diff": Entry("app.diff", "Show how the cluster differs from Git"),
    "app manifests": Entry("app.manifests", "Print an application's manifests"),
    "app set": Entry("app.set", "Change an application's parameters"),
    "app unset": Entry("app.unset", "Remove an application's parameters"),
    "app sync": Entry("app.sync", "Make the cluster what Git says"),
    "app wait": Entry("app.wait", "Wait until an application is in a state"),
    "app history": Entry("app.history", "Show what was deployed when"),
    "app rollback": Entry("app.rollback", "Go back to an earlier deployment"),
    "app delete": Entry("app.delete", "Delete applications"),
    "app resources": Entry("app.resources", "List the objects of an application"),
    "app patch": Entry("app.patch", "Patch an application"),
    "app terminate-op": Entry("app.terminate_op", "End the operation that runs"),
    "account list": Entry("account.list", "List accounts"),
    "account get": Entry("account.get", "Show an account"),
    "account get-user-info": Entry("account.get_user_info", "Show who is logged in"),
    "account can-i": Entry("account.can_i", "Say whether something is allowed"),
    "account update-password": Entry("account.update_password", "Set a password"),
    "admin initial-password": Entry("admin.initial_password", "Print the password made at installation"),
}


def children(group: str) -> dict[str, str]:
    """Names and summaries of what lies directly in a group, "" being the root."""
    prefix = f"{group} " if group else ""
    found: dict[str, str] = {}
    for path, entry in COMMANDS.items():
        if not path.startswith(prefix):
            continue
        name, deeper, _ = path[len(prefix) :].partition(" ")
        summary = GROUPS[f"{prefix}{name}"].rstrip(".") if deeper else entry.summary
        found.setdefault(name, summary)
    return found
