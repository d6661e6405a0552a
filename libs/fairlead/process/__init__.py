"""What every service process shares: start, logs, probes, metrics, an orderly end.

The invariant: a process either runs all of its parts or none. A part that may fail by itself is begun again
(`supervise`); one that is not ends the process with a non-zero code, and whoever keeps that running starts it
again.
"""

from fairlead.process import bare as bare

from fairlead.process import lean as lean  # isort: skip - before others import aiohttp
from fairlead.process.flags import Environment, flag_parser
from fairlead.process.logging import configure_logging
from fairlead.process.probes import Probes, serve_probes
from fairlead.process.run import Stop, run
from fairlead.process.several import run_several

__all__ = [
    "Environment",
    "Probes",
    "Stop",
    "configure_logging",
    "flag_parser",
    "run",
    "run_several",
    "serve_probes",
]
