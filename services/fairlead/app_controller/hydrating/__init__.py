"""Renders dry sources into the branches that applications are deployed from (the source hydrator).

The story of one branch: gather who is hydrated into it (`branches`, `refuse`), find the newest dry commit
(`dry`), decide whether anything is to be done (`decide`), render all together (`rendered`), have it committed
and pushed (`commit`), and write what came of it (`outcome`, `write`). `hydrate` tells it in this order, and
`hydrator` says when.

Order: the head of the branch is read first, the dry revision looked at after that, and a push is refused
where the branch has another head by then. So of two that hydrate one branch, the one that looked later wins.

Invariant: nothing is hydrated of an application whose project does not permit both its repositories, and no
path by two; every failure is words on the applications it concerns.
"""
