"""The app-controller: makes clusters match what Git says, and keeps them so.

One application is worked on by one worker at a time (`queue`), always from what is true now (`reconcile`):
validate → want → compare → health → automated → operate → status. Everything else only says *which*
application to look at. Invariant: doubt never deletes.
"""
