"""The tree of commands: where each lives and what it does in a line.

Only the module of the command that is called is imported, which keeps every start quick.
"""

from typing import NamedTuple


class Entry(NamedTuple):
    """One command: its module and summary, and the name it has in the module where one noun has several."""

    module: str
    summary: str
    name: str = "COMMAND"


GROUPS = {
    "": "GitOps continuous delivery for Kubernetes.",
    "app": "Applications: create, compare, sync, watch and delete them.",
    "account": "Accounts and passwords.",
    "admin app": "Applications, without a server.",
    "admin cluster": "Clusters, without a server.",
    "admin cluster namespaces": "Which namespaces of clusters are managed.",
    "admin notifications": "What is configured of notifications.",
    "admin notifications template": "What notifications say.",
    "admin notifications trigger": "When notifications are sent.",
    "admin proj": "Projects, without a server.",
    "admin repo": "Repositories, without a server.",
    "admin settings resource-overrides": "What settings make of one object.",
    "app actions": "What can be done to live objects besides syncing.",
    "appset": "Application sets: create, list, show and delete them.",
    "cert": "Certificates and known hosts of servers that repositories are on.",
    "cluster": "Clusters that applications go to.",
    "gpg": "Public keys that commits may be signed with.",
    "proj": "Projects: who may deploy what from where to where.",
    "proj role": "Roles of a project, their rules and tokens.",
    "proj source-integrity": "Which commits may be deployed.",
    "proj source-integrity git": "Which commits of Git may be deployed.",
    "proj source-integrity git policies": "Whose signatures commits must have.",
    "proj windows": "When applications of a project may be synced.",
    "repo": "Repositories that applications come from.",
    "repocreds": "Credentials for repositories whose addresses begin alike.",
    "admin": "What is done with the cluster's own credentials.",
    "admin migrate": "From Argo CD to Fairlead and back.",
    "admin settings": "Settings, read and tried without a server.",
    "admin settings rbac": "Policies, tried without a server.",
}
"""What each group of commands is about."""

COMMANDS = {
    "up": Entry("local.table", "Run the whole suite on this machine until Ctrl-C", "UP"),
    "down": Entry("local.table", "Stop the suite that runs on a data folder", "DOWN"),
    "status": Entry("local.table", "Say what of the suite runs and whether it is ready", "STATUS"),
    "demo": Entry("local.table", "Walk the milestones of the guide on a real cluster", "DEMO"),
    "events": Entry("local.table", "Follow what happens, as public events", "EVENTS"),
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
    "admin initial-password": Entry(
        "admin.table", "Print the password made at installation", "INITIAL_PASSWORD"
    ),
    "admin settings rbac can": Entry("admin.table", "Check what a role or subject may do", "CAN"),
    "admin settings rbac validate": Entry("admin.table", "Check a policy", "VALIDATE_POLICY"),
    "admin redis-initial-password": Entry("admin.table", "Print the password of Redis", "REDIS_PASSWORD"),
    "admin proj update-role-policy": Entry("admin.table", "Set or remove a rule", "UPDATE_POLICY"),
    "admin pause": Entry("pausing", "Sync nothing by itself until a time", "PAUSE_ALL"),
    "admin resume": Entry("pausing", "Lift a pause before its end", "RESUME_ALL"),
    "admin export": Entry("admin.table", "Print everything of a control plane", "EXPORT"),
    "admin import": Entry("admin.table", "Bring an export into a cluster", "IMPORT"),
    "admin app generate-spec": Entry("admin.specs", "Print an Application", "APPLICATION"),
    "admin proj generate-spec": Entry("admin.specs", "Print an AppProject", "PROJECT"),
    "admin cluster generate-spec": Entry("admin.specs", "Print a cluster's Secret", "CLUSTER"),
    "admin repo generate-spec": Entry("admin.specs", "Print a repository's Secret", "REPOSITORY"),
    "admin settings validate": Entry("admin.table", "Say what is wrong with settings", "VALIDATE"),
    "admin settings resource-overrides health": Entry("admin.table", "Assess health", "HEALTH"),
    "admin settings resource-overrides ignore-differences": Entry(
        "admin.table", "Show what comparing leaves out", "DIFFERENCES"
    ),
    "admin settings resource-overrides ignore-resource-updates": Entry(
        "admin.table", "Show what may change unseen", "UPDATES"
    ),
    "admin settings resource-overrides list-actions": Entry(
        "admin.table", "List actions that settings add", "ACTIONS"
    ),
    "admin settings resource-overrides run-action": Entry("admin.table", "Try an action", "RUN_ACTION"),
    "admin migrate check": Entry("admin.migrate.table", "Say what would differ from Argo CD", "CHECK"),
    "admin migrate compare": Entry("admin.migrate.table", "Compare all verdicts with Argo CD's", "COMPARE"),
    "admin migrate start": Entry("admin.migrate.table", "Put Fairlead in charge", "START"),
    "admin migrate back": Entry("admin.migrate.table", "Put Argo CD in charge again", "BACK"),
    "admin app get-reconcile-results": Entry("admin.operating", "Write how all stand", "GET_RESULTS"),
    "admin app diff-reconcile-results": Entry("admin.operating", "Compare two such files", "DIFF_RESULTS"),
    "admin proj generate-allow-list": Entry("admin.operating", "Print a project for a role", "ALLOW_LIST"),
    "admin cluster shards": Entry("admin.operating", "Say which replica has how much", "SHARDS"),
    "admin cluster stats": Entry("admin.operating", "Say how much of each cluster there is", "STATS"),
    "admin cluster kubeconfig": Entry("admin.operating", "Write a cluster's kubeconfig", "KUBECONFIG"),
    "admin cluster namespaces": Entry("admin.operating", "List namespaces deployed to", "NAMESPACES"),
    "admin cluster namespaces enable-namespaced-mode": Entry(
        "admin.operating", "Manage only those", "ENABLE_NAMESPACED"
    ),
    "admin cluster namespaces disable-namespaced-mode": Entry(
        "admin.operating", "Manage all again", "DISABLE_NAMESPACED"
    ),
    "admin notifications template get": Entry("admin.operating", "Show templates", "TEMPLATES"),
    "admin notifications template notify": Entry("admin.operating", "Send a notification", "NOTIFY"),
    "admin notifications trigger get": Entry("admin.operating", "Show triggers", "TRIGGERS"),
    "admin notifications trigger run": Entry("admin.operating", "Try a trigger", "RUN_TRIGGER"),
    "admin dashboard": Entry("unavailable", "Start the web UI", "DASHBOARD"),
    "completion": Entry("session.completion", "Print a script of completion for a shell"),
    "configure": Entry("session.configure", "Keep settings of this command"),
    "app actions list": Entry("app.actions", "List what can be done to live objects", "LIST"),
    "app actions run": Entry("app.actions", "Do something to live objects", "RUN"),
    "app add-source": Entry("app.sources", "Append a source", "ADD"),
    "app remove-source": Entry("app.sources", "Take a source away", "REMOVE"),
    "app confirm-deletion": Entry("app.confirm_deletion", "Confirm that objects may be deleted"),
    "app unpin": Entry("app.rollback", "Follow what is newest again", "UNPIN"),
    "app pause": Entry("pausing", "Sync nothing by itself until a time", "PAUSE_APP"),
    "app resume": Entry("pausing", "Lift a pause before its end", "RESUME_APP"),
    "app explain": Entry("app.explain", "Say why an application is as it is"),
    "app drift": Entry("app.drift", "Show what was changed outside Git"),
    "app edit": Entry("app.edit", "Edit an application's spec"),
    "app get-resource": Entry("app.get_resource", "Show live objects"),
    "app patch-resource": Entry("app.touch_resource", "Patch live objects", "PATCH"),
    "app delete-resource": Entry("app.touch_resource", "Delete live objects", "DELETE"),
    "app logs": Entry("app.logs", "Print what pods say"),
    "account generate-token": Entry("account.tokens", "Make a token", "GENERATE"),
    "account delete-token": Entry("account.tokens", "Take a token back", "DELETE"),
    "account bcrypt": Entry("account.bcrypt", "Print the hash of a password"),
    "account session-token": Entry("account.session_token", "Print the session's token"),
    "appset list": Entry("appset.read", "List application sets", "LIST"),
    "appset get": Entry("appset.read", "Show an application set", "GET"),
    "appset generate": Entry("appset.read", "Show what an application set would make", "GENERATE"),
    "appset create": Entry("appset.write", "Create application sets", "CREATE"),
    "appset delete": Entry("appset.write", "Delete application sets", "DELETE"),
    "appset confirm-deletion": Entry("appset.confirm_deletion", "Confirm that applications may be deleted"),
    "cert list": Entry("cert.certificates", "List certificates and known hosts", "LIST"),
    "cert add-tls": Entry("cert.certificates", "Trust certificates", "ADD_TLS"),
    "cert add-ssh": Entry("cert.certificates", "Trust host keys", "ADD_SSH"),
    "cert rm": Entry("cert.certificates", "Trust them no longer", "REMOVE"),
    "cluster add": Entry("cluster.table", "Connect a cluster", "ADD"),
    "cluster list": Entry("cluster.read", "List clusters", "LIST"),
    "cluster get": Entry("cluster.read", "Show clusters", "GET"),
    "cluster set": Entry("cluster.table", "Change a cluster", "SET"),
    "cluster rotate-auth": Entry("cluster.table", "Replace a cluster's token", "ROTATE"),
    "cluster pause": Entry("pausing", "Sync nothing there by itself until a time", "PAUSE_CLUSTER"),
    "cluster resume": Entry("pausing", "Lift a pause before its end", "RESUME_CLUSTER"),
    "cluster rm": Entry("cluster.table", "Disconnect clusters", "REMOVE"),
    "gpg list": Entry("gpg.keys", "List public keys", "LIST"),
    "gpg get": Entry("gpg.keys", "Show a public key", "GET"),
    "gpg add": Entry("gpg.keys", "Keep public keys", "ADD"),
    "gpg rm": Entry("gpg.keys", "Forget a public key", "REMOVE"),
    "repo add": Entry("repo.add", "Connect a repository"),
    "repo list": Entry("repo.read", "List repositories", "LIST"),
    "repo get": Entry("repo.read", "Show a repository", "GET"),
    "repo rm": Entry("repo.rm", "Disconnect repositories"),
    "repo affected": Entry("repo.table", "Say what a change in Git would touch", "AFFECTED"),
    "repo preview": Entry("repo.table", "Show what a pull request would do", "PREVIEW"),
    "repocreds add": Entry("repocreds.credentials", "Keep credentials", "ADD"),
    "repocreds list": Entry("repocreds.credentials", "List credentials", "LIST"),
    "repocreds rm": Entry("repocreds.credentials", "Forget credentials", "REMOVE"),
    "proj create": Entry("proj.create", "Create a project"),
    "proj pause": Entry("pausing", "Sync nothing of it by itself until a time", "PAUSE_PROJECT"),
    "proj resume": Entry("pausing", "Lift a pause before its end", "RESUME_PROJECT"),
    "proj get": Entry("proj.get", "Show a project"),
    "proj list": Entry("proj.list", "List projects"),
    "proj set": Entry("proj.set", "Change a project"),
    "proj edit": Entry("proj.edit", "Edit a project's spec"),
    "proj delete": Entry("proj.delete", "Delete projects"),
    "proj add-source": Entry("proj.sources", "Permit a repository", "ADD"),
    "proj remove-source": Entry("proj.sources", "Permit a repository no longer", "REMOVE"),
    "proj add-source-namespace": Entry("proj.source_namespaces", "Permit a namespace of applications", "ADD"),
    "proj remove-source-namespace": Entry("proj.source_namespaces", "Permit it no longer", "REMOVE"),
    "proj add-destination": Entry("proj.destinations", "Permit a destination", "ADD"),
    "proj remove-destination": Entry("proj.destinations", "Permit a destination no longer", "REMOVE"),
    "proj add-destination-service-account": Entry("proj.destinations", "Say as whom to sync", "ADD_ACCOUNT"),
    "proj remove-destination-service-account": Entry(
        "proj.destinations", "Say so no longer", "REMOVE_ACCOUNT"
    ),
    "proj add-signature-key": Entry("proj.signature_keys", "Accept a key's signatures", "ADD"),
    "proj remove-signature-key": Entry("proj.signature_keys", "Accept them no longer", "REMOVE"),
    "proj add-orphaned-ignore": Entry("proj.orphaned", "Let objects belong to nobody", "ADD"),
    "proj remove-orphaned-ignore": Entry("proj.orphaned", "Tell of them again", "REMOVE"),
    "proj allow-cluster-resource": Entry(
        "proj.resources", "Allow a kind without a namespace", "ALLOW_CLUSTER"
    ),
    "proj deny-cluster-resource": Entry("proj.resources", "Deny a kind without a namespace", "DENY_CLUSTER"),
    "proj allow-namespace-resource": Entry("proj.resources", "Allow a kind", "ALLOW_NAMESPACED"),
    "proj deny-namespace-resource": Entry("proj.resources", "Deny a kind", "DENY_NAMESPACED"),
    "proj role create": Entry("proj.role.roles", "Add a role", "CREATE"),
    "proj role delete": Entry("proj.role.roles", "Take a role away", "DELETE"),
    "proj role list": Entry("proj.role.roles", "List roles", "LIST"),
    "proj role get": Entry("proj.role.roles", "Show a role", "GET"),
    "proj role add-policy": Entry("proj.role.policies", "Add a rule", "ADD"),
    "proj role remove-policy": Entry("proj.role.policies", "Take a rule away", "REMOVE"),
    "proj role add-group": Entry("proj.role.groups", "Give a group the role", "ADD"),
    "proj role remove-group": Entry("proj.role.groups", "Take the role from a group", "REMOVE"),
    "proj role create-token": Entry("proj.role.tokens", "Make a token", "CREATE"),
    "proj role delete-token": Entry("proj.role.tokens", "Take a token back", "DELETE"),
    "proj role list-tokens": Entry("proj.role.tokens", "List tokens", "LIST"),
    "proj source-integrity git policies list": Entry("proj.integrity.policies", "List policies", "LIST"),
    "proj source-integrity git policies add": Entry("proj.integrity.policies", "Add a policy", "ADD"),
    "proj source-integrity git policies update": Entry("proj.integrity.policies", "Change one", "UPDATE"),
    "proj source-integrity git policies delete": Entry("proj.integrity.policies", "Drop some", "DELETE"),
    "proj windows add": Entry("proj.windows.entries", "Add a window", "ADD"),
    "proj windows update": Entry("proj.windows.entries", "Change a window", "UPDATE"),
    "proj windows delete": Entry("proj.windows.entries", "Take a window away", "DELETE"),
    "proj windows list": Entry("proj.windows.entries", "List windows", "LIST"),
    "proj windows enable-manual-sync": Entry("proj.windows.entries", "Let people sync", "ENABLE_MANUAL"),
    "proj windows disable-manual-sync": Entry("proj.windows.entries", "Let nobody sync", "DISABLE_MANUAL"),
    "proj windows enable-sync-overrun": Entry("proj.windows.entries", "Let syncs go on", "ENABLE_OVERRUN"),
    "proj windows disable-sync-overrun": Entry("proj.windows.entries", "End syncs", "DISABLE_OVERRUN"),
}


ALIASES = {
    "admin settings resource-overrides action": "admin settings resource-overrides run-action",
    "ctx": "context",
    "account whoami": "account get-user-info",
    "application": "app",
    "applications": "app",
    "applicationset": "appset",
    "applicationsets": "appset",
    "appsets": "appset",
    "project": "proj",
    "repository": "repo",
}
"""Other names, as the original has them."""


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


def below(path: str) -> dict[str, str]:
    """Names and summaries of what lies in a command that is a group as well; nothing for any other."""
    return children(path) if path in GROUPS else {}
