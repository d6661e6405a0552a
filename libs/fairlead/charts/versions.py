"""From the version that an application wants to one that is offered (contract 7.9)."""

from collections.abc import Iterable

from fairlead.charts.errors import ChartVersionError
from fairlead.git.semver import highest, parse_range, parse_version

ANY = "*"
SHOWN = 5


def is_exact(version: str) -> bool:
    """Whether it is a whole version, which means one chart for ever, and no range, as `1.2` is."""
    return parse_version(version) is not None and version.partition("+")[0].partition("-")[0].count(".") == 2


def choose(versions: Iterable[str], wanted: str) -> str:
    """The version meant by an exact one, a range, or `*` or nothing: the highest that is no pre-release.

    An exact version is also found where the two differ in a leading `v` or in build metadata; `1.2` alone is,
    as for Helm, the highest of `1.2.x` where nothing is called `1.2`.

    Raises:
        ChartVersionError: none is.
    """
    offered = list(versions)
    if wanted in offered:
        return wanted
    exact = parse_version(wanted)
    if exact is not None and (exact.pre or is_exact(wanted)):
        alike = [one for one in offered if (found := parse_version(one)) and found.order == exact.order]
        if alike:
            return min(alike, key=lambda one: (one.removeprefix("v") != wanted.removeprefix("v"), one))
        raise _nothing(offered, f"there is no version {wanted!r}")
    text = wanted.strip() or ANY
    wanted_range = parse_range(f"{text}.*" if exact is not None else text)
    if wanted_range is None:
        raise _nothing(offered, f"{wanted[:200]!r} is neither a version nor a range of them")
    chosen = highest({one: one for one in offered}, wanted_range)
    if chosen is None:
        raise _nothing(
            offered, f"version matching constraint {wanted!r} not found in {len(offered)} versions"
        )
    return chosen


def _nothing(offered: list[str], why: str) -> ChartVersionError:
    known = sorted((one for one in offered if parse_version(one)), key=_order, reverse=True)
    told = ", ".join(known[:SHOWN])
    return ChartVersionError(f"{why}; the highest are {told}" if told else why)


def _order(version: str) -> tuple[object, ...]:
    found = parse_version(version)
    return found.order if found else ()
