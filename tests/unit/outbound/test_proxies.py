"""The proxy that leads to an address, by the rules of Go's programs."""

import pytest

from fairlead.outbound.errors import AddressRefusedError
from fairlead.outbound.proxies import Proxies, Way, is_excepted, way_to

PROCESS = Proxies(
    http="plain.proxy:3128", https="http://proxy.corp:3128", no_proxy="internal.corp,10.0.0.0/8"
)


@pytest.mark.parametrize(
    ("entry", "url"),
    [
        ("example.com", "https://example.com/x"),
        ("example.com", "https://git.example.com/x"),
        (".example.com", "https://git.example.com/x"),
        ("*.example.com", "https://git.example.com/x"),
        ("EXAMPLE.com", "https://example.COM./x"),
        ("example.com:443", "https://example.com/x"),
        ("10.0.0.0/8", "https://10.1.2.3/x"),
        ("10.1.2.3", "https://10.1.2.3/x"),
        ("10.1.2.3:8443", "https://10.1.2.3:8443/x"),
        ("fd00::/8", "https://[fd00::7]/x"),
        ("[fd00::7]:443", "https://[fd00::7]/x"),
        ("a, *", "https://anything/x"),
    ],
)
def test_an_exception_is_a_host_a_domain_an_address_or_a_network(entry: str, url: str) -> None:
    assert is_excepted(url, entry)


@pytest.mark.parametrize(
    ("entry", "url"),
    [
        (".example.com", "https://example.com/x"),
        ("example.com", "https://notexample.com/x"),
        ("example.com", "https://example.com.evil.net/x"),
        ("example.com:8443", "https://example.com/x"),
        ("10.0.0.0/8", "https://11.1.2.3/x"),
        ("10.0.0.0/8", "https://ten.example/x"),
        ("nonsense/8", "https://10.0.0.1/x"),
        ("", "https://example.com/x"),
    ],
)
def test_what_only_looks_alike_is_no_exception(entry: str, url: str) -> None:
    assert not is_excepted(url, entry)


def test_a_repositorys_own_proxy_goes_before_that_of_the_process() -> None:
    assert way_to("https://git.example/x", "", "", PROCESS) == Way(
        proxy="http://proxy.corp:3128", is_ours=True
    )
    assert way_to("http://git.example/x", "", "", PROCESS) == Way(
        proxy="http://plain.proxy:3128", is_ours=True
    )
    assert way_to("https://git.internal.corp/x", "", "", PROCESS) == Way()
    assert way_to("https://localhost/x", "", "", PROCESS) == Way()
    own = way_to("https://git.internal.corp/x", "https://u:p@own.proxy", "", PROCESS)
    assert own == Way(proxy="https://u:p@own.proxy:443")
    assert way_to("https://git.internal.corp/x", "http://own.proxy", "corp", PROCESS) == Way()
    assert way_to("https://git.example/x", "", "example", PROCESS) == Way()
    assert way_to("file:///tmp/x", "", "", PROCESS) == Way()


@pytest.mark.parametrize(
    "proxy",
    ["ftp://p", "http://", "http://p:x", "http://p\r\nX: y", "socks4://p", "http://\uff11\uff12\uff17.0.0.1"],
)
def test_a_proxy_that_cannot_be_used_is_refused_without_its_password(proxy: str) -> None:
    with pytest.raises(AddressRefusedError) as refusal:
        way_to("https://git.example/x", proxy.replace("//", "//me:canary@"), "", Proxies())
    assert "canary" not in str(refusal.value)


def test_the_environment_is_read_in_either_case_and_not_shown() -> None:
    variables = {"https_proxy": "http://u:canary@p", "NO_PROXY": "a", "no_proxy": "b"}
    read = Proxies.read(lambda name: variables.get(name, ""))
    assert read == Proxies(https="http://u:canary@p", no_proxy="a")
    assert "canary" not in repr(read)
