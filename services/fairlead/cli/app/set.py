"""`app set`: change what the flags name, nothing else."""

from fairlead.cli.app.flags import NAMESPACE, one_app
from fairlead.cli.app.which_source import SOURCE_CHOICE, chosen_source, tool_of
from fairlead.cli.command import Command, Invocation, switch, text
from fairlead.cli.connection import connect
from fairlead.cli.errors import UsageError
from fairlead.cli.spec.policy import POLICY_FLAGS, POLICY_NAMES, apply_policy
from fairlead.cli.spec.source import apply_hydrator, apply_source
from fairlead.cli.spec.source_flags import HYDRATOR, HYDRATOR_FLAGS, SOURCE_FLAGS, SOURCE_NAMES


def run(call: Invocation) -> None:
    """Read the spec, change it, write it back."""
    values, app = call.values, one_app(call)
    if not values.any_given((*SOURCE_NAMES, *POLICY_NAMES, *HYDRATOR, "project")):
        raise UsageError("nothing to change: give at least one flag")
    with connect(values) as client:
        found = client.applications.get(app)
        spec = found["spec"]
        if values.any_given(SOURCE_NAMES):
            source, position = chosen_source(spec, values)
            apply_source(source, values, tool=tool_of(found, position))
        apply_hydrator(spec, values)
        apply_policy(spec, values)
        if values.is_given("project"):
            spec["project"] = values.text("project")
        client.applications.update_spec(app, spec, validate=values.switch("validate"))


COMMAND = Command(
    usage="APPNAME",
    about="Change an application. Lists that flags give replace the lists that were there; parameters, "
    "images, replicas and options with a name replace those of the same name.",
    run=run,
    flags=(
        NAMESPACE,
        *(flag for flag in SOURCE_FLAGS if flag.name != "source-name"),
        *HYDRATOR_FLAGS,
        *POLICY_FLAGS,
        *SOURCE_CHOICE,
        text("project", "Project the application belongs to."),
        switch("validate", "Check the repository and the manifests first.", default=True),
    ),
    examples=(
        "app set web --revision v1.2.0",
        "app set web --sync-policy automated --auto-prune --self-heal",
        "app set web --kustomize-image nginx=nginx:1.26",
        "app set web -p replicas=3",
    ),
)
