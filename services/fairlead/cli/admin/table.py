"""The `admin` commands as data; what they do is read when one is called."""

from fairlead.cli.admin.flags import CLUSTER, PLACE, SOURCE_FLAGS
from fairlead.cli.command import Command, later, many, switch, text

_ELSEWHERE = "which may be a pattern; those of argocd-cmd-params-cm otherwise."
_HOMES = (
    many("application-namespaces", f"Further namespace that holds applications, {_ELSEWHERE}", commas=True),
    many("applicationset-namespaces", f"Further namespace of application sets, {_ELSEWHERE}", commas=True),
)
EXPORT = Command(
    usage="",
    about="Print settings, secrets, projects, applications and application sets as YAML documents. They hold "
    "credentials: keep them as such.",
    run=later("admin.export"),
    is_local=True,
    flags=(
        text("out", "File to write; - is the output.", short="o", default="-"),
        *_HOMES,
        *PLACE,
    ),
    examples=("admin export > backup.yaml", "admin export -n argocd -o backup.yaml"),
)

IMPORT = Command(
    usage="FILE",
    about="Bring what `admin export` wrote into a cluster.",
    run=later("admin.restore"),
    is_local=True,
    flags=(
        switch("dry-run", "Only say what would happen."),
        switch("prune", "Delete secrets, projects, applications and sets that the file lacks."),
        switch("stop-operation", "Start no operation that was asked for when the export was made."),
        switch("verbose", "Name also what stays as it is."),
        switch("ignore-tracking", "Leave objects to the applications that manage them now."),
        *_HOMES,
        *PLACE,
    ),
    examples=("admin import backup.yaml --dry-run", "admin import - < backup.yaml"),
)

INITIAL_PASSWORD = Command(
    usage="",
    about="Print the password of admin that was made at installation: from the cluster of --kubeconfig or "
    "KUBECONFIG, else from the suite that runs on this machine.",
    run=later("admin.initial_password"),
    is_local=True,
    flags=PLACE,
    examples=("admin initial-password", "admin initial-password -n argocd --kubeconfig ~/.kube/config"),
)

REDIS_PASSWORD = Command(
    usage="",
    about="Print the password of Redis that was made at installation.",
    run=later("admin.redis_password"),
    is_local=True,
    flags=PLACE,
)

UPDATE_POLICY = Command(
    usage="PROJECT-GLOB set|remove ACTION",
    about="Set or remove a rule in the roles of projects.",
    run=later("admin.project_policies", "update"),
    is_local=True,
    flags=(
        text("resource", "Kind of object.", default="applications"),
        text("scope", "Objects of the rule; all of the project otherwise."),
        text("role", "Roles meant, which may be a pattern.", default="*"),
        text("permission", "Allow or deny.", default="allow", choices=("allow", "deny")),
        switch("dry-run", "Only say what would happen.", default=True),
        *PLACE,
    ),
    examples=("admin proj update-role-policy '*' set get --resource applications --dry-run=false",),
)

_FROM = (
    text("policy-file", "File with the policy: lines, or a ConfigMap like argocd-rbac-cm."),
    text("namespace", "Namespace whose argocd-rbac-cm is tried.", short="n"),
    *CLUSTER,
)

CAN = Command(
    usage="ROLE/SUBJECT ACTION RESOURCE [SUB-RESOURCE]",
    about="Check whether a role or subject may do something, by a policy in a file or a cluster.",
    run=later("admin.rbac", "can"),
    is_local=True,
    flags=(
        *_FROM,
        text("default-role", "Role that everybody has; the policy's own unless given."),
        switch("use-builtin-policy", "Count the built-in roles too.", default=True),
        switch("strict", "Refuse words that no right is about.", default=True),
        switch("quiet", "Print nothing; the exit code says it.", short="q"),
    ),
    examples=(
        "admin settings rbac can some:role create application default/app --policy-file policy.csv",
        "admin settings rbac can role:readonly get app 'default/*' --namespace argocd",
    ),
)

VALIDATE_POLICY = Command(
    usage="",
    about="Say whether a policy can be read; one with a line that cannot closes every door.",
    run=later("admin.rbac", "validate"),
    is_local=True,
    flags=_FROM,
    examples=("admin settings rbac validate --policy-file policy.csv",),
)

VALIDATE = Command(
    usage="",
    about="Say what is wrong with the settings of argocd-cm, from a file or from the cluster.",
    run=later("admin.settings.validate"),
    is_local=True,
    flags=(
        many("group", "Only this group: general, resource-overrides, clients.", commas=True),
        *SOURCE_FLAGS,
    ),
    examples=("admin settings validate --argocd-cm-path argocd-cm.yaml",),
)

_USAGE = "FILE"
_JQ = text(
    "ignore-normalizer-jq-execution-timeout", "Accepted; expressions of jq are only named.", default="1s"
)
HEALTH = Command(
    usage=_USAGE,
    about="Assess the health of the object of a file.",
    run=later("admin.settings.overrides", "health"),
    is_local=True,
    flags=SOURCE_FLAGS,
)
DIFFERENCES = Command(
    usage=_USAGE,
    about="Show which fields of the object of a file comparing leaves out.",
    run=later("admin.settings.overrides", "ignore_differences"),
    is_local=True,
    flags=SOURCE_FLAGS,
)
UPDATES = Command(
    usage=_USAGE,
    about="Show which fields of the object of a file may change without a comparison.",
    run=later("admin.settings.overrides", "ignore_updates"),
    is_local=True,
    flags=(_JQ, *SOURCE_FLAGS),
)
ACTIONS = Command(
    usage=_USAGE,
    about="List the actions that settings add for the object of a file.",
    run=later("admin.settings.overrides", "list_actions"),
    is_local=True,
    flags=SOURCE_FLAGS,
)
RUN_ACTION = Command(
    usage="FILE ACTION",
    about="Show what an action that settings add would change of the object of a file, and make beside it.",
    run=later("admin.settings.overrides", "run_action"),
    is_local=True,
    flags=(many("param", "Parameter of the action, NAME=VALUE."), *SOURCE_FLAGS),
    examples=(
        "admin settings resource-overrides run-action deploy.yaml restart --argocd-cm-path argocd-cm.yaml",
    ),
)
