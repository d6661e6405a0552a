"""Which addresses repositories are fetched from."""

import pytest

from fairlead.git import UrlRefusedError
from fairlead.git.urls import parse
from fairlead.matching.networks import Networks, parse_networks


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",  # noqa: S104
        "169.254.169.254",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "fd20:ce::254",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::a9fe:a9fe",
        "::ffff:0:7f00:1",
        "2002:7f00:1::",
        "::7f00:1",
    ],
)
def test_this_machine_its_link_and_metadata_are_closed(address: str) -> None:
    assert not Networks().allow(address)


@pytest.mark.parametrize(
    "address",
    ["10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "140.82.112.3", "fd12::1", "2606:50c0::1"],
)
def test_private_and_public_networks_are_open(address: str) -> None:
    assert Networks().allow(address)


def test_an_operator_opens_and_closes_and_the_smallest_network_decides() -> None:
    only = Networks(
        opened=parse_networks("10.1.0.0/16, 127.0.0.0/8"), closed=parse_networks("0.0.0.0/0,::/0")
    )
    assert only.allow("10.1.2.3")
    assert only.allow("127.0.0.1")
    assert not only.allow("10.2.0.1")
    assert not only.allow("169.254.169.254")
    assert not only.allow("2606:50c0::1")
    assert not Networks(opened=parse_networks("0.0.0.0/0")).allow("127.0.0.1")
    both = parse_networks("10.0.0.0/8")
    assert not Networks(opened=both, closed=both).allow("10.0.0.1")


def test_what_is_no_network_is_named() -> None:
    with pytest.raises(ValueError, match=r"10\.0\.0\.1/8"):
        parse_networks("10.0.0.1/8")


@pytest.mark.parametrize(
    "url",
    [
        "https://g\u0131t.example.com/x",
        "https://git.example.com./x",
        "https://%6c%6fcalhost/x",
        "https://[fe80::1%25eth0]/x",
        "https://[::1/x",
        "https:///x",
        "https://" + "a" * 3000,
    ],
)
def test_a_host_that_could_be_looked_up_otherwise_than_it_was_checked_is_refused(url: str) -> None:
    with pytest.raises(UrlRefusedError):
        parse(url)


@pytest.mark.parametrize(
    "url", ["https://[2606:50c0::1]:8443/x", "http://git_server:3000/x", "https://GIT.example.com/x"]
)
def test_usual_hosts_are_taken(url: str) -> None:
    assert parse(url).url == url
