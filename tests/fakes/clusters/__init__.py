"""An API server in small that plays many Kubernetes clusters in one process.

Why: five hundred clusters with a million objects cannot be had on one machine, and what a controller costs
with them is worth knowing. An object is made when it is asked for, from its cluster's, kind's and own number;
kept are only those that somebody wrote. Invariant: whatever `tests/integration/clusters` asks of it and of a
real API server has the same answer.
"""
