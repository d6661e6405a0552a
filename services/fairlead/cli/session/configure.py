"""`configure`: settings of this command itself."""

from fairlead.cli.command import Command, Invocation, switch
from fairlead.cli.connection import config_of


def run(call: Invocation) -> None:
    """Say whether questions may be asked."""
    if not call.values.is_given("prompts-enabled"):
        return
    config = config_of(call.values)
    config.prompts = call.values.switch("prompts-enabled")
    config.save()
    print(f"Prompts {'enabled' if config.prompts else 'disabled'}")


COMMAND = Command(
    usage="",
    about="Keep settings of this command.",
    run=run,
    flags=(switch("prompts-enabled", "Ask before something is deleted."),),
    examples=("configure --prompts-enabled=true",),
)
