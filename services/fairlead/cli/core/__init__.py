"""Working on applications and projects with a kubeconfig and no server: `--core`.

The invariant: what is read and written are the custom resources themselves; what only a server can tell (live
objects, manifests, logs, repositories) is refused with words, never made up.
"""
