"""What registries ask for, in the words of several."""

import pytest

from fairlead.oci import OciAccessError
from fairlead.oci.challenge import Challenge, parse

REGISTRY = "https://registry.example.com/v2/a/b"


def test_a_token_is_asked_for_where_and_as_the_registry_says() -> None:
    header = (
        'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",'
        'scope="repository:a/b:pull",error="invalid_token"'
    )
    challenge = parse([header])
    assert challenge == Challenge(
        scheme="bearer",
        realm="https://auth.docker.io/token",
        service="registry.docker.io",
        scope="repository:a/b:pull",
    )
    assert challenge.address(REGISTRY, "a/b") == (
        "https://auth.docker.io/token?service=registry.docker.io&scope=repository%3Aa%2Fb%3Apull"
    )


def test_a_scope_that_is_not_told_is_that_of_reading_the_repository() -> None:
    challenge = parse(["bearer realm=https://ghcr.io/token?x=1"])
    assert challenge is not None
    assert challenge.address(REGISTRY, "a/b") == "https://ghcr.io/token?x=1&scope=repository%3Aa%2Fb%3Apull"


def test_of_several_challenges_a_token_is_preferred() -> None:
    both = 'Basic realm="registry", Bearer realm="https://a.example/t",service="one, Basic service"'
    for headers in (
        [both],
        ['Basic realm="x"', 'Bearer realm="https://a.example/t",service="one, Basic service"'],
    ):
        challenge = parse(headers)
        assert challenge is not None
        assert (challenge.scheme, challenge.service) == ("bearer", "one, Basic service")
    assert parse(['Basic realm="x"']) == Challenge(scheme="basic", realm="x")
    assert parse(["Negotiate", ""]) is None
    assert parse([]) is None


@pytest.mark.parametrize(
    "realm", ["http://evil.example/t", "", "file:///etc/passwd", "https://u:p@a.example/t", "/t"]
)
def test_a_password_is_not_sent_where_others_can_read_it(realm: str) -> None:
    with pytest.raises(OciAccessError):
        Challenge(scheme="bearer", realm=realm).address(REGISTRY, "a/b")


def test_a_registry_without_encryption_gives_its_own_tokens_so() -> None:
    own = Challenge(scheme="bearer", realm="http://127.0.0.1:9/t")
    assert own.address("http://127.0.0.1:5000/v2/a", "a").startswith("http://127.0.0.1:9/t?")
    with pytest.raises(OciAccessError):
        own.address("http://registry.example.com/v2/a", "a")
