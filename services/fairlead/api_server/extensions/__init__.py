"""What operators add to the suite: scripts of the web UI, and services that are reached through the API.

The invariant: nothing is here that an operator did not put here; without it nothing is asked for.
"""
