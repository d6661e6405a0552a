"""The commit server: writes hydrated manifests to Git.

Why a process of its own: it alone has credentials with which anything can be written. Invariant: a branch is
moved from where it was read to a commit upon that, or not at all.
"""
