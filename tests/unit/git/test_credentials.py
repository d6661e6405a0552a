"""The right credentials for an address, and never those of another project."""

from pathlib import Path

import pytest

from fairlead.git.credentials import (
    SSH_KEY,
    UNSUPPORTED,
    Credential,
    CredentialBook,
    entry_of,
    unheeded,
)
from fairlead.git.errors import UnsupportedCredentialError, UrlRefusedError
from fairlead.git.program import GitProgram
from fairlead.git.remote import Remote
from fairlead.git.urls import mirror_name, normalise, parse

URL = "https://host/team/web.git"


def book(**secrets: dict[str, str]) -> CredentialBook:
    made = CredentialBook()
    for name, data in secrets.items():
        kind = "repo-creds" if name.startswith("template") else "repository"
        made.put(name, entry_of(kind, data))
    return made


def test_a_repository_is_found_however_its_address_is_written() -> None:
    known = book(one={"url": " HTTPS://Host/team/web ", "password": "p"})
    assert known.find(URL, "any").credential.password == "p"
    assert known.find("http://host/team/web", "any").credential.is_empty


def test_the_projects_own_entry_goes_before_the_shared_one() -> None:
    known = book(
        shared={"url": URL, "password": "shared"}, own={"url": URL, "project": "a", "password": "own"}
    )
    assert known.find(URL, "a").credential.password == "own"
    assert known.find(URL, "a").scope == "a"
    assert known.find(URL, "b").credential.password == "shared"
    assert known.find(URL, "b").scope == ""


def test_another_projects_entry_is_never_used() -> None:
    known = book(own={"url": URL, "project": "a", "password": "own"})
    assert known.find(URL, "b").credential.is_empty
    assert known.find(URL, "").credential.is_empty


def test_the_longest_template_completes_an_entry_without_credentials() -> None:
    known = book(
        template1={"url": "https://host", "password": "short"},
        template2={"url": "https://host/team", "password": "long"},
        entry={"url": URL, "insecure": "true"},
    )
    found = known.find(URL, "any").credential
    assert (found.password, found.insecure) == ("long", True)
    assert known.find("https://host/other.git", "any").credential.password == "short"
    assert known.find("https://elsewhere/x", "any").credential.is_empty


@pytest.mark.parametrize(
    "url",
    [
        "https://git.example.com.evil.net/x",
        "https://git.example.community/x",
        "https://git.example.com-evil.net",
    ],
)
def test_a_template_for_a_host_is_shown_to_no_host_whose_name_begins_alike(url: str) -> None:
    known = book(template={"url": "https://git.example.com", "password": "p"})
    assert known.find(url, "any").credential.is_empty
    assert known.find("https://git.example.com:8443/team/x.git", "any").credential.password == "p"


def test_a_secret_without_url_is_no_entry_and_a_dropped_one_is_forgotten() -> None:
    known = book(one={"url": URL, "password": "p"})
    assert entry_of("repository", {"password": "p"}) is None
    assert known.put("one", None)
    assert not known.put("one", None)
    assert known.find(URL, "").credential.is_empty


def test_credentials_do_not_show_themselves() -> None:
    credential = Credential(username="u", password="canary")
    assert "canary" not in repr(credential)
    assert "canary" not in repr(parse("https://u:canary@host/x"))
    assert all(secret not in credential.configuration(URL)[0][0] for secret in credential.secrets() if secret)


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("https://Host/X.git", "https://host/x"),
        ("git@Host:team/X.git", "ssh://git@host/team/x"),
        (" https://host/x ", "https://host/x"),
    ],
)
def test_addresses_are_compared_in_one_form(url: str, same: str) -> None:
    assert normalise(url) == same
    assert mirror_name(url, "") == mirror_name(same, "")
    assert mirror_name(url, "") != mirror_name(url, "project")


def test_user_information_leaves_the_address() -> None:
    address = parse("https://us%40er:p%3Ass@host:8443/x.git#frag")
    assert (address.url, address.username, address.password) == (
        "https://host:8443/x.git",
        "us@er",
        "p:ss",
    )


@pytest.mark.parametrize("mark", ["/", "?", "#", "\\", "[", ":"])
def test_a_password_that_breaks_its_address_is_not_told(mark: str) -> None:
    with pytest.raises(UrlRefusedError) as refusal:
        parse(f"https://me:c4n{mark}4ry@host:x/team")
    assert "c4n" not in str(refusal.value)
    assert "4ry" not in str(refusal.value)


@pytest.mark.parametrize("field", [field for field in UNSUPPORTED if field != SSH_KEY])
@pytest.mark.parametrize("name", ["entry", "template"])
async def test_a_repository_that_needs_what_git_is_not_told_of_is_not_read_without_it(
    field: str, name: str, tmp_path: Path
) -> None:
    known = book(**{name: {"url": URL, field: "true"}})
    credential = known.find(URL, "any").credential
    program = GitProgram(home=tmp_path, binary="/nonexistent")
    remote = Remote(program=program, url=URL, credential=credential)
    for asking in (remote.list_refs(), remote.fetch(tmp_path)):
        with pytest.raises(UnsupportedCredentialError, match=f"{UNSUPPORTED[field]} are not supported yet"):
            await asking


def test_a_template_does_not_make_good_for_what_an_entry_needs() -> None:
    known = book(template={"url": "https://host", "password": "p"}, entry={"url": URL, "proxy": "http://p"})
    assert known.find(URL, "any").credential.unsupported == "proxies"


def test_what_is_switched_off_is_not_needed() -> None:
    known = book(entry={"url": URL, "useAzureWorkloadIdentity": "False", "proxy": "", "noProxy": "x"})
    known.find(URL, "any").credential.check()


def test_fields_that_change_nothing_are_named() -> None:
    assert unheeded({"enableLfs": "true", "depth": "1", "password": "p"}) == ("enableLfs", "depth")
    assert unheeded({"enableLfs": "false", "depth": "0"}) == ()


def test_a_key_for_ssh_keeps_nobody_from_reading_over_https() -> None:
    over_http = entry_of("repository", {"url": "https://git.example/a.git", "sshPrivateKey": "k"})
    over_ssh = entry_of("repository", {"url": "git@git.example:a.git", "sshPrivateKey": "k"})
    assert over_http is not None and over_http.credential.unsupported == ""
    assert over_ssh is not None and over_ssh.credential.unsupported == "SSH keys"
