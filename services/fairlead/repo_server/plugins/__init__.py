"""Sources that a sidecar renders: config management plugins (contract 7.5).

    sockets.py      which sidecars are there
    discover.py     which of them renders a source that names none
    environment.py  the variables that a plugin's commands see
    paths.py        what a plugin reads, where somebody declared it
    parcel.py       a commit's files as an archive, made once for all who ask
    sidecar.py      the questions to one sidecar
    plugins.py      all of it, as the renderer asks

Invariant: what a sidecar does not answer is never guessed, and one that hangs is waited for by those
alone who need it.
"""
