"""The applicationset-controller: makes the Applications that ApplicationSets describe.

A folder a stage: `following` (sets, their Applications, and what generators look at) → `generating` (the
parameters) and `templating` (the Applications they make) → `applying` (what is created, changed, deleted) →
`reporting` (conditions, status, Events); `rolling` orders updates and deletions, `answering` serves who asks
what a set would make. Invariant: doubt never deletes.
"""
