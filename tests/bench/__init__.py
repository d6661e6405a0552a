"""How fast and how frugal Fairlead is, on the real suite, beside a raw reference in the same run.

The invariant: a figure is what an observer outside Fairlead saw; a slow run is a result, never a failure.
"""
