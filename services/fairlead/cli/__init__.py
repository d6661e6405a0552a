"""The command: the verbs of `argocd`, and `fairlead up` for a whole suite on one machine.

The invariant: what a person can do here, the API can do; nothing is decided in the command.
"""
