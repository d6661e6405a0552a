"""The commands of `admin migrate` as data; what they do is read when one is called."""

from fairlead.cli.admin.flags import PLACE
from fairlead.cli.command import Command, duration, later, many, switch, text

_ELSEWHERE = "which may be a pattern; those of argocd-cmd-params-cm otherwise."
_HOMES = (
    many("application-namespaces", f"Further namespace that holds applications, {_ELSEWHERE}", commas=True),
    many("applicationset-namespaces", f"Further namespace of application sets, {_ELSEWHERE}", commas=True),
)
_FORM = text("output", "Form of the output.", short="o", default="table", choices=("table", "json"))
_DRY = switch("dry-run", "Only say what would happen.", default=True)
_TIMEOUT = duration("timeout", "How long pods of one workload may take to end, or to be ready.", default="5m")

CHECK = Command(
    usage="",
    about="Say of a running Argo CD what works under Fairlead as it is, what acts otherwise, what does not "
    "act yet and who would fight. Only reads.",
    run=later("admin.migrate.check"),
    is_local=True,
    flags=(
        _FORM,
        text(
            "fail-on",
            "End with exit code 1 from this degree on.",
            default="fights",
            choices=("differs", "missing", "fights", "blocks", "never"),
        ),
        *_HOMES,
        *PLACE,
    ),
    examples=("admin migrate check -n argocd", "admin migrate check -o json --fail-on missing"),
)
COMPARE = Command(
    usage="",
    about="Render and compare all applications as Fairlead would, on this machine, and say where the verdict "
    "differs from Argo CD's. Writes to no cluster.",
    run=later("admin.migrate.compare"),
    is_local=True,
    flags=(
        _FORM,
        text("from", "Address of the probes of a controller that observes already, instead of a run here."),
        text(
            "fail-on",
            "End with exit code 1 when a verdict differs, or also when one is unknown.",
            default="differs",
            choices=("differs", "unknown", "never"),
        ),
        switch("dry-runs", "Ask API servers by dry runs what memory cannot tell.", default=True),
        text("cluster-programs", "Programs that Secrets of clusters may have run here; * is any."),
        duration("timeout", "How long all of it may take.", default="10m"),
        *PLACE,
    ),
    examples=(
        "admin migrate compare -n argocd",
        "admin migrate compare --from http://127.0.0.1:8082 -o json",
    ),
)
START = Command(
    usage="",
    about="Put Fairlead in charge: stop Argo CD's workloads, remembering their pods, then start Fairlead's.",
    run=later("admin.migrate.moving", "begin"),
    is_local=True,
    flags=(
        _DRY,
        switch("force", "Also when somebody would start Argo CD again."),
        _TIMEOUT,
        *_HOMES,
        *PLACE,
    ),
    examples=("admin migrate start -n argocd", "admin migrate start -n argocd --dry-run=false"),
)
BACK = Command(
    usage="",
    about="Put Argo CD in charge again: stop Fairlead's workloads, then start Argo CD with the pods it had.",
    run=later("admin.migrate.moving", "back"),
    is_local=True,
    flags=(
        _DRY,
        switch("force", "Also when pins, pauses or freezes end by it."),
        switch("clean", "Also take off what only Fairlead reads: annotations, Leases, ended sessions."),
        _TIMEOUT,
        *_HOMES,
        *PLACE,
    ),
    examples=("admin migrate back -n argocd --dry-run=false", "admin migrate back --clean"),
)
