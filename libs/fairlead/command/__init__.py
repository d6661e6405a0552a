"""Runs programs of others within bounds.

    run.py     starts one and reads what it prints
    keeper.py  the process between us and it, which sees all that it starts

Invariant: when a run is over, by itself, by a bound or because its caller went away, nothing that the program
started runs any more.
"""

from fairlead.command.run import Limits, Ran, StartError, run

__all__ = ["Limits", "Ran", "StartError", "run"]
