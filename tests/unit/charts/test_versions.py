"""Which of the versions offered is the one wanted."""

import pytest

from fairlead.charts import ChartVersionError, choose, is_exact

OFFERED = ("1.0.0", "1.2.0", "1.2.3", "1.2.10", "v2.0.0", "2.1.0-rc.1", "3.0.0+build.5", "latest")


@pytest.mark.parametrize(
    ("wanted", "meant"),
    [
        ("1.2.0", "1.2.0"),
        ("latest", "latest"),
        ("2.0.0", "v2.0.0"),
        ("v1.2.3", "1.2.3"),
        ("3.0.0", "3.0.0+build.5"),
        ("", "3.0.0+build.5"),
        ("*", "3.0.0+build.5"),
        ("1.2.*", "1.2.10"),
        ("1.2", "1.2.10"),
        ("1", "1.2.10"),
        ("~1.2.1", "1.2.10"),
        ("^1", "1.2.10"),
        (">=1.0.0 <1.2.3", "1.2.0"),
        (">=2.0.0, <2.1.0", "v2.0.0"),
        (">=2.1.0-0 <2.2.0", "2.1.0-rc.1"),
        ("<1.1.0 || >5", "1.0.0"),
    ],
)
def test_a_version_or_a_range_means_the_highest_that_fits(wanted: str, meant: str) -> None:
    assert choose(OFFERED, wanted) == meant


@pytest.mark.parametrize("wanted", ["9.9.9", "9.*", "nonsense", ">", "1.2.3-rc.1"])
def test_what_nothing_fits_is_refused_and_told_what_there_is(wanted: str) -> None:
    with pytest.raises(
        ChartVersionError, match=r"the highest are 3\.0\.0\+build\.5, 2\.1\.0-rc\.1, v2\.0\.0"
    ):
        choose(OFFERED, wanted)
    with pytest.raises(ChartVersionError):
        choose((), wanted)


def test_only_a_whole_version_is_exact() -> None:
    assert all(map(is_exact, ("1.2.3", "v1.2.3", "1.2.3-rc.1", "1.2.3+a.b")))
    assert not any(map(is_exact, ("1.2", "1", "*", "", "~1.2.3", "1.2.x", "latest", ">=1.2.3")))
