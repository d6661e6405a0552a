"""What a command is, and reading its flags as users of `argocd` write them.

The invariant: flags follow the conventions of that command (`--exit-code=false`, `-ojson`, flags
anywhere), so a script written for it parses the same here.
"""

from fairlead.cli.command.command import Command, Invocation, later
from fairlead.cli.command.flags import Flag, duration, many, number, output, switch, text
from fairlead.cli.command.values import Values

__all__ = [
    "Command",
    "Flag",
    "Invocation",
    "Values",
    "duration",
    "later",
    "many",
    "number",
    "output",
    "switch",
    "text",
]
