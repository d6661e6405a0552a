"""The `admin` commands of those who operate a control plane, as data; the rest is read when one is called."""

import msgspec

from fairlead.cli.admin.flags import PLACE
from fairlead.cli.command import Command, Flag, later, many, number, output, switch, text

_SHARD = number("shard", "Only clusters of this replica; -1 is all.", default=-1)


def _ignored(name: str, *, default: str = "") -> Flag:
    return Flag(name=name, help="Accepted and without effect.", default=default, hidden=True)


_OF_REDIS = (
    _ignored("sharding-method"),
    msgspec.structs.replace(number("replicas", "Accepted and without effect."), hidden=True),
    _ignored("app-state-cache-expiration"),
    _ignored("default-cache-expiration"),
    switch("port-forward-redis", "Accepted and without effect.", default=True, hidden=True),
    _ignored("redis"),
    _ignored("redisdb"),
    _ignored("sentinel"),
    _ignored("sentinelmaster"),
)
"""How the original finds what it reads here from the Leases of the replicas and from applications."""

SHARDS = Command(
    usage="",
    about="Say how many managed objects each replica of the controller has.",
    run=later("admin.clusters.stats", "shards"),
    is_local=True,
    flags=(_SHARD, *_OF_REDIS, *PLACE),
)
STATS = Command(
    usage="[SERVER|NAME]",
    about="Say of each cluster which replica has it, whether it answers from here, and how many namespaces, "
    "applications and managed objects there are.",
    run=later("admin.clusters.stats", "stats"),
    is_local=True,
    flags=(_SHARD, *_OF_REDIS, *PLACE),
    examples=("admin cluster stats", "admin cluster stats --shard 1"),
)
KUBECONFIG = Command(
    usage="SERVER|NAME FILE",
    about="Write a kubeconfig with which a cluster is reached as Fairlead reaches it; - is the output.",
    run=later("admin.clusters.kubeconfig"),
    is_local=True,
    flags=PLACE,
    examples=("admin cluster kubeconfig https://eu.example.com:6443 eu.kubeconfig",),
)
NAMESPACES = Command(
    usage="",
    about="List the namespaces that applications deploy to, by cluster.",
    run=later("admin.clusters.namespaces", "show"),
    is_local=True,
    flags=PLACE,
)
_DRY = switch("dry-run", "Only say what would happen.", default=True)
ENABLE_NAMESPACED = Command(
    usage="PATTERN",
    about="Manage only the namespaces deployed to, on the clusters whose address matches.",
    run=later("admin.clusters.namespaces", "enable"),
    is_local=True,
    flags=(
        _DRY,
        switch("cluster-resources", "Manage objects without a namespace as well."),
        number("max-namespace-count", "Only clusters with at most so many namespaces."),
        *PLACE,
    ),
    examples=("admin cluster namespaces enable-namespaced-mode '*' --max-namespace-count 5 --dry-run=false",),
)
DISABLE_NAMESPACED = Command(
    usage="PATTERN",
    about="Manage all namespaces again, on the clusters whose address matches.",
    run=later("admin.clusters.namespaces", "disable"),
    is_local=True,
    flags=(_DRY, *PLACE),
)

GET_RESULTS = Command(
    usage="FILE",
    about="Write how all applications stand: health, sync and conditions.",
    run=later("admin.reconcile_results", "get"),
    is_local=True,
    flags=(
        text("l", "Labels of the applications meant.", short="l"),
        text("o", "Form of the file.", short="o", default="yaml", choices=("yaml", "json")),
        switch("refresh", "Have the controllers compare all of them anew first."),
        _ignored("repo-server"),
        switch("server-side-diff", "Accepted; the controllers compare as they always do.", hidden=True),
        _ignored("ignore-normalizer-jq-execution-timeout"),
        *PLACE,
    ),
    examples=("admin app get-reconcile-results before.yaml --refresh",),
)
DIFF_RESULTS = Command(
    usage="FILE FILE",
    about="Print what two files of `admin app get-reconcile-results` say differently.",
    run=later("admin.reconcile_results", "diff"),
    is_local=True,
    examples=("admin app diff-reconcile-results before.yaml after.yaml",),
)
ALLOW_LIST = Command(
    usage="CLUSTERROLE_FILE PROJECT",
    about="Print a project that permits the kinds which a ClusterRole may create.",
    run=later("admin.allow_list"),
    is_local=True,
    flags=(text("out", "File to write; - is the output.", short="o", default="-"), *PLACE),
    examples=("admin proj generate-allow-list clusterrole.yaml shop",),
)

_CONFIG_MAP = text("config-map", "File with the ConfigMap argocd-notifications-cm.")
_NOTIFICATIONS = (
    output("wide", "name", "json", "yaml"),
    _CONFIG_MAP,
    _ignored("secret"),
    *PLACE,
)
TEMPLATES = Command(
    usage="[NAME]",
    about="Show the templates of notifications, or one of them.",
    run=later("admin.notifications", "templates"),
    is_local=True,
    flags=_NOTIFICATIONS,
    examples=("admin notifications template get", "admin notifications template get app-sync-failed -o yaml"),
)
TRIGGERS = Command(
    usage="[NAME]",
    about="Show the triggers of notifications, or one of them.",
    run=later("admin.notifications", "triggers"),
    is_local=True,
    flags=_NOTIFICATIONS,
    examples=("admin notifications trigger get on-sync-failed -o yaml",),
)
_TRIED = (
    _CONFIG_MAP,
    text("secret", "File with the Secret argocd-notifications-secret; :empty for none."),
    *PLACE,
)
RUN_TRIGGER = Command(
    usage="NAME APPLICATION|FILE",
    about="Say which conditions of a trigger hold for an application, or for one in a file.",
    run=later("admin.notices", "run_trigger"),
    is_local=True,
    flags=_TRIED,
    examples=(
        "admin notifications trigger run on-sync-failed shop",
        "admin notifications trigger run on-x app.yaml",
    ),
)
NOTIFY = Command(
    usage="NAME APPLICATION|FILE",
    about="Fill a template in for an application, or for one in a file, and send it.",
    run=later("admin.notices", "notify"),
    is_local=True,
    flags=(
        many("recipient", "Where to send it to, SERVICE:RECIPIENT; console:stdout prints it."),
        *_TRIED,
    ),
    examples=(
        "admin notifications template notify app-sync-failed shop",
        "admin notifications template notify app-sync-failed shop --recipient slack:team-shop",
    ),
)
