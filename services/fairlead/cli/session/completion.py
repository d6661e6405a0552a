"""`completion`: a script that lets a shell complete commands, flags, their values and names.

The scripts ask this command itself, by `__complete WORDS...`, so that they are never out of date. The
invariant: a shell takes what it is answered as text: none of it is expanded, since names come from a server.
"""

from fairlead.cli.command import Command, Invocation
from fairlead.cli.errors import UsageError

_BASH = """\
_{name}_complete() {{
    local line cur cword
    local -a words
    if declare -F _get_comp_words_by_ref >/dev/null; then
        _get_comp_words_by_ref -n "=:" cur words cword
    else
        cur=${{COMP_WORDS[COMP_CWORD]}} cword=$COMP_CWORD words=("${{COMP_WORDS[@]}}")
    fi
    COMPREPLY=()
    while IFS= read -r line; do
        COMPREPLY+=("$(printf '%q' "$line")")
    done < <({program} __complete "${{words[@]:1:cword}}" 2>/dev/null)
    if declare -F __ltrim_colon_completions >/dev/null; then __ltrim_colon_completions "$cur"; fi
}}
complete -o default -F _{name}_complete {program}
"""
_ZSH = """\
#compdef {program}
_{name}() {{
    local -a found
    found=("${{(@f)$({program} __complete "${{(@Q)words[2,CURRENT]}}" 2>/dev/null)}}")
    compadd -a found
}}
if [ "$funcstack[1]" = "_{name}" ]; then _{name}; fi
compdef _{name} {program}
"""
_FISH = """\
function __{name}_complete
    set -l words (commandline -opc) (commandline -ct)
    {program} __complete $words[2..-1] 2>/dev/null
end
complete -c {program} -f -a '(__{name}_complete)'
"""
_POWERSHELL = """\
Register-ArgumentCompleter -Native -CommandName '{program}' -ScriptBlock {{
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object {{ $_.ToString() }})
    if ($wordToComplete -eq '') {{ $words += '""' }}
    & '{program}' __complete @words 2>$null | ForEach-Object {{
        [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
    }}
}}
"""
_SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH, "powershell": _POWERSHELL}


def run(call: Invocation) -> None:
    """Print the script of a shell."""
    shell = call.one("shell: bash, zsh, fish or powershell")
    if shell not in _SCRIPTS:
        raise UsageError(f"Invalid shell '{shell}'. The supported shells are bash, zsh, fish and powershell.")
    print(_SCRIPTS[shell].format(program=call.program, name=call.program.replace("-", "_")), end="")


COMMAND = Command(
    usage="bash|zsh|fish|powershell",
    about="Print a script that lets a shell complete commands and flags.",
    run=run,
    is_local=True,
    examples=("completion bash > ~/.local/share/bash-completion/completions/argocd",),
)
