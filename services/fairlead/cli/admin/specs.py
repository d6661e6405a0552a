"""`admin app|proj|cluster|repo generate-spec` as data: the flags are those of the commands that create."""

from fairlead.cli.app import create as app_create
from fairlead.cli.cluster import table as cluster_table
from fairlead.cli.command import Command, Flag, later, output, switch, text
from fairlead.cli.proj import create as proj_create
from fairlead.cli.repo import add as repo_add

_FORM = output("yaml", "json", default="yaml")
_OWN = ("upsert",)
_INLINE = switch("inline", "Write the file of --file in place of printing.", short="i")


def _without(flags: tuple[Flag, ...]) -> tuple[Flag, ...]:
    return tuple(flag for flag in flags if flag.name not in (*_OWN, "output"))


APPLICATION = Command(
    usage="APPNAME",
    about="Print the Application that `app create` would make.",
    run=later("admin.generate_spec", "application"),
    is_local=True,
    flags=(*_without(app_create.COMMAND.flags), _INLINE, _FORM),
)
PROJECT = Command(
    usage="PROJECT",
    about="Print the AppProject that `proj create` would make.",
    run=later("admin.generate_spec", "project"),
    is_local=True,
    flags=(*_without(proj_create.COMMAND.flags), _INLINE, _FORM),
)
CLUSTER = Command(
    usage="CONTEXT",
    about="Print the Secret that `cluster add` would make; no account is made on the cluster.",
    run=later("admin.generate_spec", "cluster"),
    is_local=True,
    flags=(
        *_without(cluster_table.ADD.flags),
        text("bearer-token", "Token to reach the cluster with."),
        switch("generate-bearer-token", "Take the token of the account of --service-account."),
        _FORM,
    ),
)
REPOSITORY = Command(
    usage="REPOURL",
    about="Print the Secret that `repo add` would make.",
    run=later("admin.generate_spec", "repository"),
    is_local=True,
    flags=(*_without(repo_add.COMMAND.flags), _FORM),
)
