"""REST: verbs and paths of contract 14, spelled in one table, mapped to operations.

The invariant: nothing here decides; a request is read, an operation asked, the answer written.
"""
