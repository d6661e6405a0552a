"""How applications are shown: the text forms that users of `argocd` and their scripts know.

The invariant: what is printed here is printed the same, byte for byte, as the recordings of that command.
"""
