"""RollingSync: the Applications of a set are synced step by step, and deleted in the reverse order.

`steps` says who belongs where, `facts` how one Application is, `states` how it moves on, `advance` which may
begin now, `deletion` which goes next; `progressive` joins them for a set. Invariant: all but `measuring` is
pure: the same set, Applications and moment give the same answer, so that a restart, or an event that was
lost, changes nothing.
"""
