"""Asking the hosts of source code: one door for every provider.

The invariant: a listing is whole or it is an error, and a token goes to the host it was declared for alone.
"""
