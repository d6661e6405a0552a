"""Addresses over SSH, read as git reads them."""

import pytest

from fairlead.git.credential_book import CredentialBook
from fairlead.git.entries import entry_of
from fairlead.git.errors import UrlRefusedError
from fairlead.git.reach import host_of
from fairlead.git.ssh.carrier import _quoted
from fairlead.git.urls import SshTarget, is_ssh, parse, ssh_target
from fairlead.matching.repository import identity


@pytest.mark.parametrize(
    ("url", "user", "host", "port", "path"),
    [
        ("git@github.com:team/web.git", "git", "github.com", 22, "team/web.git"),
        ("git@host:/srv/web.git", "git", "host", 22, "/srv/web.git"),
        ("git@[::1]:web", "git", "::1", 22, "web"),
        ("ssh://git@github.com/team/web.git", "git", "github.com", 22, "/team/web.git"),
        ("SSH://john.doe@Git.Example.com:7999/team/web", "john.doe", "git.example.com", 7999, "/team/web"),
        ("ssh://git@ssh.github.com:443/team/web.git", "git", "ssh.github.com", 443, "/team/web.git"),
        ("ssh://git@host:/web", "git", "host", 22, "/web"),
        ("ssh://git@[fd12::7]:2222/web", "git", "fd12::7", 2222, "/web"),
        ("ssh://git@host/~team/web", "git", "host", 22, "~team/web"),
        ("ssh://git@host/with%20space", "git", "host", 22, "/with space"),
        ("org@vs-ssh.visualstudio.com:v3/org/p/r", "org", "vs-ssh.visualstudio.com", 22, "v3/org/p/r"),
    ],
)
def test_an_address_leads_where_git_would_go(url: str, user: str, host: str, port: int, path: str) -> None:
    address = parse(url)
    assert (address.url, address.username, address.password) == (url, "", "")
    assert ssh_target(address.url) == SshTarget(user=user, host=host, port=port, path=path)
    assert host_of(url) == host
    assert is_ssh(url)


@pytest.mark.parametrize(
    "url",
    [
        "ssh://-oProxyCommand=x/y",
        "ssh://git@-oProxyCommand=x/y",
        "-oProxyCommand=x@host:y",
        "git@-oProxyCommand:y",
        "git@host:-upload",
        "ssh://git@host:0/x",
        "ssh://git@host:99999/x",
        "ssh://git@host",
        "ssh://git@host/",
        "ssh://git@/x",
        "ssh://host/x",
        "ssh://git:canary@host/x",
        "ssh://git@ho%73t/x",
        "ssh://git@host;touch/x",
        "ssh://git@host/%1b[31m",
        "ssh://git@host/a%0ab",
        "git@host:a\nb",
        "ssh://git@host/x y",
        "git@host:",
        "ssh+git://git@host/x",
        "git://host/x",
        "ext::sh -c true",
        "fd::3",
    ],
)
def test_an_address_that_is_none_is_refused_before_anybody_is_asked(url: str) -> None:
    with pytest.raises(UrlRefusedError) as refused:
        parse(url)
    assert "canary" not in str(refused.value)


def test_the_forms_of_one_repository_have_one_identity() -> None:
    forms = (
        "git@github.com:Team/Web.git",
        "ssh://git@github.com/team/web",
        "ssh://git@ssh.github.com:443/team/web",
    )
    assert {identity(form) for form in forms} == {"github.com/team/web"}


@pytest.mark.parametrize(
    ("path", "quoted"),
    [
        ("/team/web.git", "'/team/web.git'"),
        ("it's", "'it'\\''s'"),
        ("a!b", "'a'\\!'b'"),
        ("$(touch x)`y`;z", "'$(touch x)`y`;z'"),
    ],
)
def test_a_path_is_one_word_for_the_shell_of_a_server(path: str, quoted: str) -> None:
    assert _quoted(path) == quoted


def test_a_template_over_ssh_is_for_both_forms_of_an_address_and_for_no_other_host_or_user() -> None:
    book = CredentialBook()
    book.put("team", entry_of("repo-creds", {"url": "git@host.example:team", "sshPrivateKey": "k"}))
    for url in (
        "git@host.example:team/web.git",
        "ssh://git@host.example/team/web",
        "GIT@Host.example:team/x",
    ):
        assert book.find(url, "any").credential.ssh_private_key == "k", url
    for url in (
        "git@host.example.evil.net:team/web",
        "other@host.example:team/web",
        "https://host.example/team/web",
    ):
        assert book.find(url, "any").credential.is_empty, url
    assert book.ssh_keys() == {"k"}
