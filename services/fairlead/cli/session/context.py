"""`context`: which servers are remembered, and which one is current."""

from fairlead.cli.command import Command, Invocation, switch
from fairlead.cli.config_file import ConfigFile
from fairlead.cli.connection import config_of
from fairlead.cli.errors import SettingsError, UsageError
from fairlead.cli.view.columns import columns


def run(call: Invocation) -> None:
    """List contexts, choose one or forget one."""
    config = config_of(call.values)
    name = call.at_most_one("context")
    if call.values.switch("delete"):
        if not name:
            raise UsageError("name the context to forget")
        config.forget_context(name)
        config.save()
        print(f"Context '{name}' deleted")
    elif name:
        _choose(config, name)
    else:
        print(_table(config), end="")


def _choose(config: ConfigFile, name: str) -> None:
    if config.current == name:
        print(f"Already at context '{name}'")
        return
    if config.context(name) is None:
        raise SettingsError(f"Context '{name}' undefined")
    config.current = name
    config.save()
    print(f"Switched to context '{name}'")


def _table(config: ConfigFile) -> str:
    rows = [("CURRENT", "NAME", "SERVER")]
    for context in config.contexts:
        name = str(context.get("name", ""))
        rows.append(("*" if name == config.current else "", name, str(context.get("server", ""))))
    return columns(rows)


COMMAND = Command(
    usage="[CONTEXT]",
    about="List the remembered servers, switch to one, or forget one.",
    run=run,
    flags=(switch("delete", "Forget the context."),),
    examples=("context", "context cd.example.com", "context cd.example.com --delete"),
)
