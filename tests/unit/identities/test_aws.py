"""The signature that CodeCommit takes for a password."""

from datetime import UTC, datetime

from fairlead.git.codecommit import region_of
from fairlead.identities.aws import Keys, signature


def test_the_signature_is_over_the_address_the_time_and_the_region() -> None:
    """Made once with the algorithm of `git-remote-codecommit`, by hand."""
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    url = "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/web"
    keys = Keys(access="AKIAEXAMPLE", secret="secret")
    made = signature(url, keys, now)
    assert made.username == "AKIAEXAMPLE"
    assert made.value.startswith("20260102T030405Z")
    others = {
        signature(url + "2", keys, now).value,
        signature(url.replace("west", "east"), keys, now).value,
        signature(url, Keys(access="AKIAEXAMPLE", secret="other"), now).value,
    }
    assert made.value not in others and len(others) == 3
    assert signature(url, Keys(access="A", secret="s", session="t"), now).username == "A%t"


def test_only_codecommit_is_shown_signatures() -> None:
    assert region_of("https://git-codecommit.us-east-1.amazonaws.com/v1/repos/x") == "us-east-1"
    assert region_of("https://git-codecommit-fips.us-east-1.amazonaws.com/x") == "us-east-1"
    assert region_of("https://git-codecommit.us-east-1.amazonaws.com.evil.net/x") == ""
    assert region_of("https://evil.net/git-codecommit.us-east-1.amazonaws.com/x") == ""
