"""The commands of the stock `argocd` that talk to a server, as its own help names them."""

COMMANDS = frozenset(
    {
        *(f"account {verb}" for verb in ("can-i", "delete-token", "generate-token", "get", "get-user-info")),
        *("account list", "account update-password"),
        *(
            f"app {verb}"
            for verb in ("actions list", "actions run", "add-source", "confirm-deletion", "create")
        ),
        *(f"app {verb}" for verb in ("delete", "delete-resource", "diff", "edit", "get", "get-resource")),
        *(f"app {verb}" for verb in ("history", "list", "logs", "manifests", "patch", "patch-resource")),
        *(
            f"app {verb}"
            for verb in ("remove-source", "resources", "rollback", "set", "sync", "terminate-op")
        ),
        *("app unset", "app wait"),
        *(f"appset {verb}" for verb in ("create", "delete", "generate", "get", "list")),
        *(f"cert {verb}" for verb in ("add-ssh", "add-tls", "list", "rm")),
        *(f"cluster {verb}" for verb in ("add", "get", "list", "rm", "rotate-auth", "set")),
        *(f"gpg {verb}" for verb in ("add", "get", "list", "rm")),
        *("login", "logout", "relogin", "version"),
        *(f"proj {verb}" for verb in ("create", "delete", "edit", "get", "list", "set")),
        *(
            f"proj {verb}-{what}"
            for verb in ("add", "remove")
            for what in (
                *("destination", "destination-service-account", "orphaned-ignore", "signature-key"),
                *("source", "source-namespace"),
            )
        ),
        *(f"proj {verb}-{what}-resource" for verb in ("allow", "deny") for what in ("cluster", "namespace")),
        *(f"proj role {verb}" for verb in ("add-group", "add-policy", "create", "create-token", "delete")),
        *(f"proj role {verb}" for verb in ("delete-token", "get", "list", "list-tokens", "remove-group")),
        "proj role remove-policy",
        *(
            f"proj windows {verb}"
            for verb in ("add", "delete", "disable-manual-sync", "disable-sync-overrun")
        ),
        *(f"proj windows {verb}" for verb in ("enable-manual-sync", "enable-sync-overrun", "list", "update")),
        *(f"repo {verb}" for verb in ("add", "get", "list", "rm")),
        *(f"repocreds {verb}" for verb in ("add", "list", "rm")),
    }
)
LEFT_OUT = {
    "proj source-integrity git policies": "newer than what most have; it calls what `proj set` calls",
    "completion": "prints a script; only the names of what it completes are asked for",
}
"""Commands that no walk has, and why."""
