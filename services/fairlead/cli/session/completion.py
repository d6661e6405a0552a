"""`completion`: a script that lets a shell complete commands and flags.

The scripts ask this command itself, by `__complete WORDS...`, so that they are never out of date.
"""

from fairlead.cli.command import Command, Invocation
from fairlead.cli.errors import UsageError

_BASH = """\
_{name}_complete() {{
    local IFS=$'\\n'
    COMPREPLY=($(compgen -W "$({program} __complete "${{COMP_WORDS[@]:1:COMP_CWORD}}" 2>/dev/null)" -- \
"${{COMP_WORDS[COMP_CWORD]}}"))
}}
complete -o default -F _{name}_complete {program}
"""
_ZSH = """\
#compdef {program}
_{name}_complete() {{
    local -a found
    found=("${{(@f)$({program} __complete "${{(@)words[2,CURRENT]}}" 2>/dev/null)}}")
    compadd -a found
}}
compdef _{name}_complete {program}
"""
_FISH = """\
function __{name}_complete
    set -l words (commandline -opc) (commandline -ct)
    {program} __complete $words[2..-1] 2>/dev/null
end
complete -c {program} -f -a '(__{name}_complete)'
"""
_SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


def run(call: Invocation) -> None:
    """Print the script of a shell."""
    shell = call.one("shell: bash, zsh or fish")
    if shell not in _SCRIPTS:
        raise UsageError(f"Invalid shell '{shell}'. The supported shells are bash, zsh and fish.")
    print(_SCRIPTS[shell].format(program=call.program, name=call.program.replace("-", "_")), end="")


COMMAND = Command(
    usage="bash|zsh|fish",
    about="Print a script that lets a shell complete commands and flags.",
    run=run,
    is_local=True,
    examples=("completion bash > ~/.local/share/bash-completion/completions/argocd",),
)
