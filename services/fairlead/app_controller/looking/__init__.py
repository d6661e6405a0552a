"""One look at one application, from the facts to what is written back.

`facts` (what is the case) → `verdict` (how it compares) → `decide` (what should happen) → an operation, or
nothing → `write_back`. What is written, and when, in this order:

- while facts are gathered: what is wanted of the repo-servers, and questions to them (`rendering.wants`);
- once there is a verdict: finalizers of the hooks that run at a deletion (`write_back.finalizers`);
- with the decision: what somebody changed by hand, to the drift journal and as an event (`drifting`);
- as an operation begins: `operation` and `operationState`, of a plain sync only where it takes longer; before
  each step: the results so far (`syncing.progress`);
- by each step: objects, through the gate of the application's project (`syncing.carry`);
- as the look ends: one patch of all that differs, with an operation's end also its history; then the refresh
  that it answers is taken off (`write_back`), and what changed is told (`reporting.tell`).

A look without facts writes what stands in the way, or what is waited for, by `write_back` alone. One at an
application that is being deleted is `deleting.delete`'s.
"""
