"""`python -m fairlead.local build [NAME …]`: build what `make setup` wants ready before anything starts.

Why: the first `fairlead up` shouldn't hide four minutes of compiling. Invariant: starts nothing.
"""

import argparse
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from fairlead.local.builds import MODULES, POLL_SECONDS, binary, report_to_stderr
from fairlead.local.errors import LocalError


def main(arguments: list[str] | None = None) -> int:
    """Build the named modules, or all of them; 1 when one could not be built."""
    parser = argparse.ArgumentParser(
        prog="python -m fairlead.local", description="Prepare the local cluster."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("build", help="build the Go programs into the cache")
    build.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(MODULES)}; all when none is given"
    )
    names = parser.parse_args(arguments).names or list(MODULES)
    unknown = sorted(set(names) - set(MODULES))
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(MODULES)}")
    return _build(names)


def _build(names: list[str]) -> int:
    """One after the other, since they share packages; the next begins while one is linked, on one core."""
    ended = threading.Event()
    with ThreadPoolExecutor(len(names)) as pool:
        builds: dict[str, Future[Path]] = {}
        try:
            for name in names:
                linking = threading.Event()
                builds[name] = pool.submit(binary, MODULES[name], ended=ended, linking=linking)
                while not (linking.wait(POLL_SECONDS) or builds[name].done()):
                    pass
            for name, build in builds.items():
                report_to_stderr(f"{name}: {build.result()}")
        except LocalError as error:
            ended.set()
            report_to_stderr(str(error))
            return 1
        except BaseException:
            ended.set()
            raise
    return 0


if __name__ == "__main__":
    sys.exit(main())
