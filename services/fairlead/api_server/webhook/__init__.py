"""`POST /api/webhook`: a push becomes an event and is answered in milliseconds (contract 15).

The invariant: the provider's secret is verified over the raw bytes before anything of them is read; a body is
never held beyond its limit; and a payload can only name a repository to look at, never what is in it.
"""
