"""The keys that the suite's own processes know each other by: passwords, sealing keys, certificates.

The invariant: what is there is kept, what is missing is added, so that running this again, or for a release
with more services, breaks nobody who runs.
"""
