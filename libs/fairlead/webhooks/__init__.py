"""Webhooks of providers: recognised, verified and read, for whoever opens a door to them.

The invariant: the provider's secret is verified over the raw bytes before anything of them is read; and a
payload can only name a repository to look at, never what is in it.
"""
