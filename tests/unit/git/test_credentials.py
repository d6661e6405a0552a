"""The right credentials for an address, and never those of another project."""

import base64
from pathlib import Path

import msgspec
import pytest

from fairlead.git.credential_book import CredentialBook, Found
from fairlead.git.credentials import AzurePrincipal, Credential, GithubApp
from fairlead.git.entries import entry_of, unheeded
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


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"tlsClientCertKey": "canary"}, "tlsClientCertKey without tlsClientCertData"),
        ({"tlsClientCertData": "canary"}, "tlsClientCertData without tlsClientCertKey"),
        ({"githubAppPrivateKey": "canary"}, "githubAppPrivateKey without githubAppID"),
        (
            {"azureServicePrincipalClientSecret": "canary", "azureServicePrincipalClientID": "i"},
            "azureServicePrincipalClientSecret without azureServicePrincipalTenantId",
        ),
    ],
)
@pytest.mark.parametrize("name", ["entry", "template"])
async def test_a_repository_that_is_declared_by_half_is_not_read_as_if_by_nobody(
    data: dict[str, str], why: str, name: str, tmp_path: Path
) -> None:
    credential = book(**{name: {"url": URL, **data}}).find(URL, "any").credential
    remote = Remote(program=GitProgram(home=tmp_path, binary="/nonexistent"), url=URL, credential=credential)
    for asking in (remote.list_refs(), remote.fetch(tmp_path)):
        with pytest.raises(UnsupportedCredentialError) as refusal:
            await asking
        assert str(refusal.value) == f"the repository's Secret cannot be used: {why}"
    whole = book(**{name: {"url": URL, "password": "p", **data}}).find(URL, "any").credential
    whole.check()


@pytest.mark.parametrize("way", [{"proxy": "http://mine"}, {"insecure": "true"}])
def test_a_project_cannot_have_the_shared_password_carried_by_a_way_of_its_own(way: dict[str, str]) -> None:
    shared = {"url": "https://host", "password": "shared"}
    known = book(template=shared, own={"url": URL, "project": "a", **way})
    found = known.find(URL, "a").credential
    assert (found.password, found.proxy) == ("", way.get("proxy", ""))
    with pytest.raises(UnsupportedCredentialError, match="not lent to a repository of project a"):
        found.check()
    plain = book(template=shared, own={"url": URL, "project": "a"}, shared={"url": URL, **way})
    assert plain.find(URL, "a").credential.password == "shared"
    assert plain.find(URL, "b").credential.password == "shared"
    theirs = book(template={**shared, "project": "a"}, own={"url": URL, "project": "a", **way})
    assert theirs.find(URL, "a").credential.password == "shared"


def test_what_an_entry_says_of_the_way_goes_before_its_template() -> None:
    known = book(
        template={"url": "https://host", "password": "p", "proxy": "http://theirs", "noProxy": "x"},
        entry={"url": URL, "proxy": "http://own"},
    )
    found = known.find(URL, "any").credential
    assert (found.password, found.proxy, found.no_proxy) == ("p", "http://own", "x")


def test_every_field_of_a_repository_is_read() -> None:
    read = entry_of(
        "repository",
        {
            "url": URL,
            "name": "web",
            "type": "helm",
            "project": "team",
            "username": "u",
            "password": "p",
            "bearerToken": "b",
            "sshPrivateKey": "ssh",
            "tlsClientCertData": "cert",
            "tlsClientCertKey": "key",
            "insecure": "T",
            "enableLfs": "1",
            "enableOCI": "t",
            "insecureOCIForceHttp": "true",
            "forceHttpBasicAuth": "TRUE",
            "proxy": " http://proxy:3128 ",
            "noProxy": "a,b",
            "depth": "7",
            "githubAppID": "1",
            "githubAppInstallationID": "2",
            "githubAppPrivateKey": "app",
            "githubAppEnterpriseBaseUrl": "https://ghe/api/v3",
            "gcpServiceAccountKey": "{}",
            "useAzureWorkloadIdentity": "true",
            "azureServicePrincipalClientId": "c",
            "azureServicePrincipalClientSecret": "s",
            "azureServicePrincipalTenantID": "t",
            "azureActiveDirectoryEndpoint": "https://login.example",
        },
    )
    assert read is not None
    assert (read.name, read.kind, read.project) == ("web", "helm", "team")
    assert (read.enable_lfs, read.enable_oci, read.depth) == (True, True, 7)
    assert msgspec.structs.replace(read.credential, unsupported="") == Credential(
        username="u",
        password="p",
        bearer_token="b",
        ssh_private_key="ssh",
        client_certificate="cert",
        client_key="key",
        insecure=True,
        force_basic=True,
        force_http=True,
        proxy="http://proxy:3128",
        no_proxy="a,b",
        github_app=GithubApp(app_id=1, installation_id=2, private_key="app", base_url="https://ghe/api/v3"),
        google_key="{}",
        azure_workload_identity=True,
        azure_principal=AzurePrincipal(
            client_id="c", client_secret="s", tenant_id="t", endpoint="https://login.example"
        ),
    )


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("insecure", "yes-canary", "insecure is neither true nor false"),
        ("enableLfs", "on-canary", "enableLfs is neither true nor false"),
        ("depth", "few-canary", "depth is no number"),
        ("githubAppID", "1.5-canary", "githubAppID is no number"),
        ("type", "svn-canary", "type is none of git, helm and oci"),
        ("bearerToken", "canary\r\nX-Also: canary", "bearerToken has characters that no token has"),
    ],
)
async def test_a_secret_that_cannot_be_understood_is_not_used_and_says_which_field(
    field: str, value: str, why: str, tmp_path: Path
) -> None:
    known = book(entry={"url": URL, "password": "p", field: value}, template={"url": "https://host"})
    remote = Remote(
        program=GitProgram(home=tmp_path, binary="/nonexistent"),
        url=URL,
        credential=known.find(URL, "any").credential,
    )
    with pytest.raises(UnsupportedCredentialError) as refusal:
        await remote.list_refs()
    assert str(refusal.value) == f"the repository's Secret cannot be used: {why}"


def test_the_kind_of_a_repository_is_that_of_its_entry_or_its_address() -> None:
    known = book(
        charts={"url": "https://charts.example", "type": "helm", "enableOCI": "true"},
        registry={"url": "oci://registry.example/charts"},
        template={"url": "oci://templated.example", "password": "p", "insecureOCIForceHttp": "true"},
    )
    charts = known.find("https://charts.example", "")
    assert (charts.kind, charts.enable_oci, charts.is_declared) == ("helm", True, True)
    assert known.find("oci://registry.example/charts", "").kind == "oci"
    assert known.find("oci://elsewhere/x", "") == Found(kind="oci")
    templated = known.find("oci://templated.example/x", "")
    assert (templated.kind, templated.credential.force_http, templated.is_declared) == ("oci", True, False)


def test_the_newline_of_a_file_is_no_part_of_a_token() -> None:
    read = entry_of("repository", {"url": URL, "bearerToken": "token\n"})
    assert read is not None and read.credential.header() == "Bearer token"


def test_a_password_without_a_user_is_shown_as_a_token_is() -> None:
    assert Credential(password="p").header() == f"Basic {base64.b64encode(b'x-access-token:p').decode()}"
    both = Credential(username="u", password="p", bearer_token="b")
    assert both.header() == "Bearer b"
    forced = msgspec.structs.replace(both, force_basic=True)
    assert forced.header() == f"Basic {base64.b64encode(b'u:p').decode()}"


def test_what_is_switched_off_is_not_needed() -> None:
    known = book(entry={"url": URL, "useAzureWorkloadIdentity": "False", "proxy": "", "noProxy": "x"})
    assert not known.find(URL, "any").credential.is_exchanged


def test_a_password_goes_before_what_would_be_exchanged() -> None:
    app = {"githubAppID": "1", "githubAppPrivateKey": "k"}
    assert book(entry={"url": URL, **app}).find(URL, "").credential.is_exchanged
    assert not book(entry={"url": URL, **app, "password": "p"}).find(URL, "").credential.is_exchanged


def test_a_repository_of_codecommit_without_credentials_is_read_as_the_process_role() -> None:
    url = "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/web"
    assert book(entry={"url": url}).find(url, "").credential.is_exchanged
    assert not book().find(url, "").credential.is_exchanged, "only one that was declared"
    assert (
        not book(entry={"url": url, "username": "u", "password": "p"}).find(url, "").credential.is_exchanged
    )
    templated = book(entry={"url": url}, template={"url": url[:-4], "username": "u", "password": "p"})
    assert templated.find(url, "").credential.header() == Credential(username="u", password="p").header()


def test_a_template_for_a_registry_is_shown_to_no_host_whose_name_begins_alike() -> None:
    known = book(template={"url": "registry.example", "password": "p", "type": "helm", "enableOCI": "true"})
    assert known.find("registry.example.evil.net/x", "").credential.is_empty
    found = known.find("registry.example:5000/charts", "")
    assert (found.credential.password, found.kind, found.enable_oci) == ("p", "helm", True)


def test_fields_that_change_nothing_are_named() -> None:
    field = "webhookManifestCacheWarmDisabled"
    assert unheeded({field: "true", "enableLfs": "true", "depth": "1", "password": "p"}) == (field,)
    assert unheeded({field: "false"}) == ()


def test_a_key_for_ssh_is_read_and_keeps_nobody_from_reading_over_https() -> None:
    over_http = entry_of("repository", {"url": "https://git.example/a.git", "sshPrivateKey": "k"})
    over_ssh = entry_of("repository", {"url": "git@git.example:a.git", "sshPrivateKey": "k"})
    assert over_http is not None and over_http.credential.unsupported == ""
    assert over_ssh is not None and over_ssh.credential.ssh_private_key == "k"
