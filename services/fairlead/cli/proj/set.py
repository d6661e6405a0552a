"""`proj set`: change what the flags name, nothing else."""

from fairlead.cli.client import Document
from fairlead.cli.command import Command, Invocation
from fairlead.cli.errors import UsageError
from fairlead.cli.proj.change import change
from fairlead.cli.proj.spec_flags import SPEC_FLAGS, SPEC_NAMES, apply_spec


def run(call: Invocation) -> None:
    """Read the project, change it, write it back."""
    (name,) = call.exactly("PROJECT")
    if not call.values.any_given(SPEC_NAMES):
        raise UsageError("Please set at least one option to update")

    def edit(spec: Document) -> bool:
        apply_spec(spec, call.values)
        return True

    change(call, name, edit)


COMMAND = Command(
    usage="PROJECT",
    about="Change a project. Lists that flags give replace the lists that were there.",
    run=run,
    flags=SPEC_FLAGS,
    examples=("proj set shop --description 'The shop' --orphaned-resources",),
)
