"""What a sync does, in which order, and when it is done: planned here, carried out by the controller.

``build_plan`` makes tasks of desired and live state, ``begin`` says what happens once before anything is
applied, ``advance`` what to do next, ``settle`` what came of it. All state between two calls is in
``status.operationState.syncResult.resources`` and in the cluster, so a restart goes on where it was.

Invariant: nothing here talks to anybody; the same arguments give the same answer.
"""
