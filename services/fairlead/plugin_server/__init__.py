"""Runs a config management plugin beside a repo-server: a drop-in for `argocd-cmp-server`.

    plugin_file.py  what `plugin.yaml` says
    receive.py      the files of a repository, as they arrive
    commands.py     a command of the plugin within its bounds
    discover.py     whether the plugin renders a source
    announce.py     the parameters it knows
    service.py      the answers
    wiring.py       the socket

Invariant: of a question nothing is left when it is answered: no file, no process. A command sees the
variables of the question and those that an operator passes on, and nothing else of this process.
"""
