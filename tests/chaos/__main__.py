"""`python -m tests.chaos --seed 7 --minutes 60`: one run, its verdict; exit code 1 for a broken invariant."""

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
from pathlib import Path

import msgspec
import structlog

from tests.chaos.faults import WEIGHTS
from tests.chaos.run import Options, Run, Verdict


def main() -> int:
    """Run as told on the command line."""
    arguments = _parser().parse_args()
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(file=sys.stderr))
    seed = arguments.seed or random.SystemRandom().randrange(1, 1 << 30)
    options = Options(
        seed=seed,
        seconds=arguments.minutes * 60,
        replicas=arguments.replicas,
        pause=arguments.pause,
        fault_pause=arguments.fault_pause,
        weights={name: WEIGHTS[name] for name in arguments.faults or WEIGHTS},
    )
    folder = Path(tempfile.mkdtemp(prefix="fairlead-chaos-"))
    sys.stdout.write(f"seed {seed}, {arguments.minutes:g} minutes, data in {folder}\n")
    sys.stdout.flush()
    verdict = asyncio.run(Run(options, folder).judged())
    sys.stdout.write(told(verdict))
    if arguments.json:
        Path(arguments.json).write_bytes(msgspec.json.format(msgspec.json.encode(verdict)))
    if not verdict.violations and not arguments.keep:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if verdict.violations else 0


def told(verdict: Verdict) -> str:
    """The verdict in words."""
    lines = [
        f"{verdict.commits} commits, {sum(verdict.faults.values())} faults, {verdict.writes} writes",
        f"deeds   {verdict.deeds}",
        f"of sets {verdict.set_deeds}",
        f"told    {verdict.told} messages",
        f"faults  {verdict.faults}",
        f"messages  {verdict.messages}",
        f"commit → live  p50 {verdict.live_p50} s, p99 {verdict.live_p99} s, longest {verdict.live_max} s",
        f"at rest {verdict.rest_seconds} s after the last fault",
        f"memory  {verdict.memory_mib} MiB",
        *(f"slow    {slow}" for slow in verdict.slowest),
        f"most    {verdict.most}",
        *(f"BROKEN  {violation}" for violation in verdict.violations),
        f"{len(verdict.violations)} violations; FAIRLEAD_SEED={verdict.seed} repeats the choices",
    ]
    return "\n".join(lines) + "\n"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="of every choice; random unless given")
    parser.add_argument("--minutes", type=float, default=5.0, help="for which things fail")
    parser.add_argument("--replicas", type=int, default=2, help="processes of each service")
    parser.add_argument("--pause", type=float, default=1.0, help="mean seconds between people's deeds")
    parser.add_argument("--fault-pause", type=float, default=5.0, help="mean seconds between faults")
    parser.add_argument("--faults", nargs="+", choices=tuple(WEIGHTS), help="only these; all unless given")
    parser.add_argument("--json", default="", help="file for the verdict")
    parser.add_argument("--keep", action="store_true", help="keep the data and logs of a clean run")
    return parser


if __name__ == "__main__":
    sys.exit(main())
