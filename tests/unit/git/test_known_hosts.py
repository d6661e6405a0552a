"""Which SSH servers are known, and by which keys."""

import base64
import hmac

import pytest

from fairlead.git.ssh.known_hosts import HostKey, KnownHosts


def key(mark: str, kind: str = "ssh-ed25519") -> HostKey:
    return HostKey(kind, len(kind).to_bytes(4, "big") + kind.encode() + mark.encode())


ONE, TWO = key("one"), key("two")


def hashed(name: str) -> str:
    salt = b"some salt"
    digest = hmac.new(salt, name.encode(), "sha1").digest()
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"


@pytest.mark.parametrize(
    "hosts",
    [
        "git.example.com",
        "GIT.Example.Com",
        "other.example.com,git.example.com",
        "*.example.com",
        "g?t.example.com",
        "*,!other.example.com",
        hashed("git.example.com"),
    ],
)
def test_a_host_is_known_by_every_form_of_its_name(hosts: str) -> None:
    known = KnownHosts(f"# a comment\n\n{hosts} {ONE.line} of somebody\n")
    assert known.of("git.example.com", 22).accepts(ONE)
    assert known.of("Git.example.com", 22).keys == (ONE,)
    assert not known.of("git.example.com", 22).accepts(TWO)


@pytest.mark.parametrize(
    "hosts",
    [
        "example.com",
        "git.example.com.evil.net",
        "*,!git.example.com",
        "*.example.org",
        hashed("example.com"),
        "[",
    ],
)
def test_a_host_is_not_known_by_another_name(hosts: str) -> None:
    assert KnownHosts(f"{hosts} {ONE.line}\n").of("git.example.com", 22).keys == ()


def test_a_port_has_keys_of_its_own_and_else_those_of_the_name() -> None:
    known = KnownHosts(f"[git.example.com]:7999 {ONE.line}\ngit.example.com {TWO.line}\n")
    assert known.of("git.example.com", 7999).keys == (ONE,)
    assert known.of("git.example.com", 22).keys == (TWO,)
    assert known.of("git.example.com", 2222).keys == (TWO,)
    assert KnownHosts(f"[*.example.com]:7999 {ONE.line}").of("git.example.com", 7999).accepts(ONE)
    assert (
        KnownHosts(f"{hashed('[git.example.com]:7999')} {ONE.line}").of("git.example.com", 7999).accepts(ONE)
    )


def test_a_revoked_key_is_refused_whoever_vouches_for_it() -> None:
    known = KnownHosts(
        f"git.example.com {ONE.line}\n@revoked * {ONE.line}\n@revoked git.example.com {TWO.line}\n"
    )
    assert not known.of("git.example.com", 22).accepts(ONE)
    assert set(known.of("git.example.com", 7999).revoked) == {ONE, TWO}


def test_who_may_sign_for_hosts_is_no_hosts_own_key() -> None:
    known = KnownHosts(f"@cert-authority *.example.com {ONE.line}\n").of("git.example.com", 22)
    assert known.authorities == (ONE,)
    assert not known.accepts(ONE)


@pytest.mark.parametrize(
    "line",
    [
        "git.example.com",
        "git.example.com ssh-ed25519",
        "git.example.com ssh-ed25519 not*base64",
        f"git.example.com ssh-rsa {ONE.line.split()[1]}",
        f"|1|salt {ONE.line}",
        f"|2|c2FsdA==|c2FsdA== {ONE.line}",
        f"@whatever git.example.com {ONE.line}",
        "@revoked",
    ],
)
def test_a_line_that_means_nothing_spoils_no_other(line: str) -> None:
    known = KnownHosts(f"{line}\ngit.example.com {TWO.line}\n")
    assert known.of("git.example.com", 22).keys == (TWO,)
    assert known.unread == 1


def test_a_pattern_of_many_stars_is_quick() -> None:
    known = KnownHosts(f"{'*' * 500}a{'*' * 500}b {ONE.line}\n")
    assert known.of("a" * 250, 22).keys == ()


def test_it_is_told_whether_something_is_known_otherwise() -> None:
    known = KnownHosts()
    assert known.put(f"a {ONE.line}\n")
    assert not known.put(f"a {ONE.line}\n")
    assert known.put("")
    assert known.of("a", 22).keys == ()


def test_what_is_shipped_is_read_whole() -> None:
    from pathlib import Path

    import yaml

    file = Path(__file__).parents[3] / "deploy/manifests/config/argocd-ssh-known-hosts-cm.yaml"
    text = yaml.safe_load(file.read_text())["data"]["ssh_known_hosts"]
    known = KnownHosts(text)
    assert known.unread == 0
    for host in ("github.com", "gitlab.com", "bitbucket.org", "ssh.dev.azure.com", "vs-ssh.visualstudio.com"):
        assert known.of(host, 22).keys, host
    assert len(known.of("ssh.github.com", 443).keys) == 3
