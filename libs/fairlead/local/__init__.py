"""The cluster and the servers of one machine: what `fairlead up`, the demo and the tests stand on.

Why: a real control plane, broker, cache and Git server must be had anywhere that Python and Git are, with no
containers. Invariant: everything listens on loopback, lives under one folder, and dies with its parent.
"""
