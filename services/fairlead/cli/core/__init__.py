"""Working on applications and projects with a kubeconfig and no server: `--core`.

The invariant: what is read and written are the objects themselves, in the control plane's namespace and on
the clusters that applications go to; what only a server can tell (manifests, differences, actions, tokens) is
refused with words, never made up.
"""
