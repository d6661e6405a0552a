"""The guide's lab as a program: every milestone on a real cluster, with a check that it truly happened.

The invariant: what is shown is the output of real commands, and the first check that fails ends the demo
with a non-zero code and the reason.
"""

from fairlead.local.demo.run import DemoOptions, run_demo

__all__ = ["DemoOptions", "run_demo"]
