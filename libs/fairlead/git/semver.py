"""Semantic versions and ranges of them, as far as tags of repositories need.

The rules are those of the Masterminds library that users of Argo CD know: parts may be missing, `x`, `X` and
`*` are wildcards, `~` and `^` as in npm, spaces and commas mean and, `||` means or, and a pre-release is
only in a range that names one.
"""

import re
from functools import lru_cache

import msgspec

_VERSION = re.compile(r"^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$")
_PART = r"(?:\d+|[xX*])"
_TERM = re.compile(
    rf"(=|==|!=|>=|=>|<=|=<|>|<|~>|~|\^)?\s*v?({_PART}(?:\.{_PART})?(?:\.{_PART})?(?:-[0-9A-Za-z.-]+)?"
    r"(?:\+[0-9A-Za-z.-]+)?)"
)
_HYPHEN = re.compile(r"(\S+)\s+-\s+(\S+)")
MAX_RANGE = 256
"""Characters of a range."""

Numbers = tuple[int, int, int]
_Order = tuple[Numbers, int, tuple[tuple[int, int, str], ...]]


class Version(msgspec.Struct, frozen=True):
    """One version; build metadata takes no part."""

    numbers: Numbers
    pre: str = ""

    @property
    def order(self) -> _Order:
        """Sorts by precedence: a pre-release comes before its release."""
        parts = tuple(
            (0, int(part), "") if part.isdigit() else (1, 0, part) for part in self.pre.split(".") if part
        )
        return self.numbers, 0 if self.pre else 1, parts


@lru_cache(maxsize=20_000)
def parse_version(text: str) -> Version | None:
    """A version such as `1.2.3`, `v1.2` or `1.0.0-rc.1`; None when it is none."""
    match = _VERSION.match(text)
    if match is None:
        return None
    major, minor, patch, pre = match.groups()
    return Version((int(major), int(minor or 0), int(patch or 0)), pre or "")


class _Bound(msgspec.Struct, frozen=True):
    operator: str
    version: Version

    def holds(self, version: Version) -> bool:
        left, right = version.order, self.version.order
        return {
            "=": left == right,
            "!=": left != right,
            ">": left > right,
            ">=": left >= right,
            "<": left < right,
            "<=": left <= right,
        }[self.operator]


class Range(msgspec.Struct, frozen=True):
    """Alternatives, each a list of bounds that all hold."""

    alternatives: tuple[tuple[_Bound, ...], ...]
    names_pre: tuple[bool, ...]

    def holds(self, version: Version) -> bool:
        """Whether a version is in the range."""
        return any(
            (not version.pre or names_pre) and all(bound.holds(version) for bound in bounds)
            for bounds, names_pre in zip(self.alternatives, self.names_pre, strict=True)
        )


@lru_cache(maxsize=1_000)
def parse_range(text: str) -> Range | None:
    """A range such as `1.2.*`, `>=1.0 <2`, `~1.4` or `^2`; None for anything else and for exact versions."""
    if len(text) > MAX_RANGE or parse_version(text) is not None:
        return None
    alternatives, names_pre = [], []
    for alternative in text.split("||"):
        bounds = _alternative(alternative)
        if bounds is None:
            return None
        alternatives.append(bounds)
        names_pre.append(any(bound.version.pre for bound in bounds))
    return Range(tuple(alternatives), tuple(names_pre))


def highest(candidates: dict[str, str], wanted: Range) -> str | None:
    """The key whose value (a version's text) is the highest in the range; None when none is."""
    versions = {key: parse_version(text) for key, text in candidates.items()}
    fitting = {key: v for key, v in versions.items() if v is not None and wanted.holds(v)}
    return max(fitting, key=lambda key: (fitting[key].order, key)) if fitting else None


def _alternative(text: str) -> tuple[_Bound, ...] | None:
    text = _HYPHEN.sub(r">=\1 <=\2", text.strip())
    bounds: list[_Bound] = []
    position = 0
    while position < len(text):
        match = _TERM.match(text, position)
        if match is None or (match.end() < len(text) and text[match.end()] not in ", "):
            return None
        bounds += _bounds(match.group(1) or "", match.group(2))
        position = match.end() + len(re.match(r"[, ]*", text[match.end() :]).group())  # type: ignore[union-attr]
    return tuple(bounds) if bounds else None


def _bounds(operator: str, text: str) -> list[_Bound]:
    """The bounds that one term means: missing and wild parts widen it to an interval."""
    operator = {"=>": ">=", "=<": "<=", "==": "=", "~>": "~"}.get(operator, operator)
    core, _, pre = text.partition("+")[0].partition("-")
    given = []
    for part in core.split("."):
        if part in {"x", "X", "*"}:
            break
        given.append(int(part))
    low = Version(_fill(given), pre if len(given) == 3 else "")
    if operator in {"", "="} and len(given) == 3:
        return [_Bound("=", low)]
    if operator in {"", "=", "~", "^"}:
        return _interval(low, _first_outside(operator, given))
    if operator == ">" and len(given) < 3:
        return [_Bound(">=", Version(_first_outside("", given) or low.numbers))]
    if operator == "<=" and len(given) < 3:
        above = _first_outside("", given)
        return [_Bound("<", Version(above))] if above else []
    return [_Bound(operator, low)]


def _interval(low: Version, above: Numbers | None) -> list[_Bound]:
    lower = _Bound(">=", low)
    return [lower] if above is None else [lower, _Bound("<", Version(above, "0" if low.pre else ""))]


def _first_outside(operator: str, given: list[int]) -> Numbers | None:
    """The first release above what the given parts mean; None when everything is meant."""
    if not given:
        return None
    if operator == "^":
        fixed = next((i for i, part in enumerate(given) if part), len(given) - 1)
    elif operator == "~":
        fixed = min(len(given), 2) - 1
    else:
        fixed = len(given) - 1
    return _fill([*given[:fixed], given[fixed] + 1])


def _fill(parts: list[int]) -> Numbers:
    major, minor, patch = [*parts, 0, 0, 0][:3]
    return major, minor, patch
