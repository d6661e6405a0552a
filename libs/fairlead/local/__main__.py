"""`python -m fairlead.local build [NAME …]`: build what `make setup` wants ready before anything starts;
`python -m fairlead.local tool NAME …`: run a program of the web UI's packages, such as its type checker.

Why: the first `fairlead up` shouldn't hide four minutes of compiling. Invariant: starts nothing that stays.
"""

import argparse
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from fairlead.local.builds import MODULES, binary, report_to_stderr
from fairlead.local.errors import LocalError
from fairlead.local.kept import POLL_SECONDS
from fairlead.local.ui import NAME as UI
from fairlead.local.ui import run_tool, ui_folder

NAMES = (*MODULES, UI)


def main(arguments: list[str] | None = None) -> int:
    """Build the named modules, or all of them; 1 when one could not be built."""
    parser = argparse.ArgumentParser(
        prog="python -m fairlead.local", description="Prepare the local cluster."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("build", help="build the Go programs and the web UI into the cache")
    build.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; all when none is given"
    )
    tool = commands.add_parser("tool", help="run a program of the web UI's packages in services/ui")
    tool.add_argument("argv", nargs=argparse.REMAINDER, metavar="NAME ARGUMENT …")
    given = parser.parse_args(arguments)
    if given.command == "tool":
        return _tool(given.argv)
    names = given.names or list(NAMES)
    unknown = sorted(set(names) - set(NAMES))
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(NAMES)}")
    return _build(names)


def _build(names: list[str]) -> int:
    """The UI beside the programs, and these one after the other, since they share packages; the next begins
    while one is linked, on one core."""
    ended = threading.Event()
    with ThreadPoolExecutor(len(names)) as pool:
        builds: dict[str, Future[Path]] = {}
        try:
            if UI in names:
                builds[UI] = pool.submit(ui_folder, ended=ended)
            for name in (name for name in names if name != UI):
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


def _tool(argv: list[str]) -> int:
    try:
        return run_tool(*argv)
    except LocalError as error:
        report_to_stderr(str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main())
