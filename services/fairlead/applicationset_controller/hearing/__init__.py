"""Webhooks: a door of this process' own, beside that of the API.

The invariant: what comes in can only make a set look anew.
"""
