"""Whether a live object is what Git asks for, found out as cheaply as the evidence allows.

Invariant: "in sync" is only ever said with proof; where the evidence ends, the API server is asked.
"""
