"""Which command the words of a command line name."""

from fairlead.cli import commands
from fairlead.cli.command.flags import FlagKind
from fairlead.cli.general_flags import GENERAL

_SHORT_VALUED = frozenset(f"-{flag.short}" for flag in GENERAL if flag.short)


def split(words: list[str]) -> tuple[str, list[str]]:
    """The longest path of commands among the words, and the other words in order."""
    path, rest, index = "", [], 0
    valued = {flag.name for flag in GENERAL if flag.kind is not FlagKind.SWITCH}
    while index < len(words):
        word = words[index]
        longer = commands.ALIASES.get(f"{path} {word}".strip(), f"{path} {word}".strip())
        if word.startswith("-"):
            takes_next = (word.startswith("--") and word[2:] in valued) or word in _SHORT_VALUED
            rest += words[index : index + 2] if takes_next else [word]
            index += 2 if takes_next else 1
        elif longer in commands.COMMANDS or longer in commands.GROUPS:
            path, index = longer, index + 1
        else:
            break
        if path in commands.COMMANDS and path not in commands.GROUPS:
            break
    return path, rest + words[index:]
