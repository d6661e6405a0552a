"""What must hold whatever fails: faults on every edge, kills at any moment, and a recording that is judged.

The invariant: nothing here believes Fairlead's own word. Writes are recorded between it and the API server,
what is live is seen by a watch of the harness's own, what is wanted comes from the commits that were pushed.
"""
