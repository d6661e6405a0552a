"""The app-controller: makes clusters match what Git says, and keeps them so.

One application is worked on by one worker at a time (`queue`), always from what is true now. A folder a
stage: `following` (what is declared) → `rendering` (what is wanted and was answered) → `destination` (the
clusters) → `comparing` → `syncing` → `reporting`; `deleting` is their end, and `looking` goes through all of
it. `answering` and `measuring` serve who asks. All else only says *which* application to look at.
Invariant: doubt never deletes.
"""
