"""`account can-i`: whether something is allowed."""

from fairlead.cli.command import Command, Invocation
from fairlead.cli.connection import connect
from fairlead.cli.errors import UsageError


def run(call: Invocation) -> None:
    """Print `yes` or `no`."""
    if len(call.arguments) != 3:
        raise UsageError("give an action, a resource and an object, as in: sync applications '*/*'")
    action, resource, subresource = call.arguments
    with connect(call.values) as client:
        print(client.accounts.can_i(action, resource, subresource))


COMMAND = Command(
    usage="ACTION RESOURCE OBJECT",
    about="Say whether this session may do something.",
    run=run,
    examples=("account can-i sync applications '*/*'", "account can-i get projects default"),
)
