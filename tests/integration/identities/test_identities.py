"""Keys and roles are exchanged for tokens at endpoints that check them as the clouds do."""

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from fairlead.git import (
    AuthenticationError,
    Credential,
    GitError,
    GitProgram,
    GitTransientError,
    UrlRefusedError,
)
from fairlead.git.credentials import AzurePrincipal, GithubApp
from fairlead.git.errors import GitInvalidError
from fairlead.git.ls_refs import LsRefs
from fairlead.git.remote import Remote
from fairlead.identities import Identities
from fairlead.identities.aws import Role
from fairlead.identities.azure import WorkloadIdentity
from fairlead.identities.identities import Ambient
from fairlead.identities.tokens import Tokens
from fairlead.local.git_server import GitServer
from fairlead.local.work_repo import WorkRepo
from fairlead.matching.networks import Networks, parse_networks
from fairlead.outbound import Outbound
from fairlead.outbound.trust import Trust
from tests.fakes.token_endpoints import ACCOUNT, APP, POD_TOKEN, ROLE, TokenEndpoints, private_key

LOOPBACK = Networks(opened=parse_networks("127.0.0.1/32"))
REPO = "https://git.example/team/web.git"
CODECOMMIT = "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/web"


class Desk(msgspec.Struct):
    """The endpoints, and who asks them."""

    ends: TokenEndpoints
    outbound: Outbound
    identities: Identities

    def app(self, installation: int = 0, **more: object) -> Credential:
        made = GithubApp(
            app_id=APP,
            private_key=self.ends.key,
            installation_id=installation,
            base_url=f"{self.ends.url}/api/v3/",
        )
        return Credential(github_app=msgspec.structs.replace(made, **more))

    async def shown(self, credential: Credential, url: str = REPO) -> tuple[str, str]:
        opened = await self.identities.opened(url, credential)
        assert not opened.is_exchanged
        kind, _, value = opened.header().partition(" ")
        if kind == "Bearer":
            return kind, value
        user, _, password = base64.b64decode(value).decode().partition(":")
        return user, password


@pytest_asyncio.fixture(loop_scope="session")
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with TokenEndpoints(tmp_path / "pki").running() as ends:
        trust = Trust(tmp_path / "trust")
        trust.put({"127.0.0.1": ends.authority})
        outbound = Outbound(LOOPBACK, trust=trust)
        token = tmp_path / "token"
        token.write_text(f"{POD_TOKEN}\n")
        pod = WorkloadIdentity(
            client_id="pod",
            tenant_id="t",
            token_file=str(token),
            authority=ends.url,
            hosts=("127.0.0.1", "git.example"),
        )
        role = Role(arn=ROLE, token_file=str(token), endpoint=f"{ends.url}/sts/")
        yield Desk(ends, outbound, Identities(outbound, Ambient(azure=pod, aws=role)))
        await outbound.close()


async def test_a_github_apps_installation_is_found_by_the_owner_and_its_token_used_again(desk: Desk) -> None:
    assert await desk.shown(desk.app()) == ("x-access-token", "ghs-11-0")
    assert await desk.shown(desk.app(), "https://git.example/Team/other.git") == (
        "x-access-token",
        "ghs-11-0",
    )
    assert await desk.shown(desk.app(), "https://git.example/ada/x") == ("x-access-token", "ghs-12-1")
    assert await desk.shown(desk.app(12), "https://git.example/elsewhere/x") == ("x-access-token", "ghs-12-1")
    assert [line for line in desk.ends.asked if "access_tokens" in line] == [
        "POST /api/v3/app/installations/11/access_tokens",
        "POST /api/v3/app/installations/12/access_tokens",
    ]
    with pytest.raises(AuthenticationError, match=r"GitHub App 1234 is not installed for nobody"):
        await desk.shown(desk.app(), "https://git.example/nobody/x")
    with pytest.raises(AuthenticationError, match="gives no token: status 404"):
        await desk.shown(desk.app(99))


async def test_all_who_need_a_token_at_once_share_one_exchange(desk: Desk) -> None:
    shown = await asyncio.gather(*(desk.shown(desk.app()) for _ in range(50)))
    assert set(shown) == {("x-access-token", "ghs-11-0")}
    assert len(desk.ends.asked) == 2


async def test_a_key_that_is_none_or_another_is_said_without_showing_it(desk: Desk) -> None:
    with pytest.raises(
        AuthenticationError, match=r"GitHub App 1234 at 127\.0\.0\.1 gives no token: status 401"
    ):
        await desk.shown(desk.app(private_key=private_key()))
    for wrong in ("canary", "-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----"):
        with pytest.raises(GitInvalidError, match="githubAppPrivateKey is no private key") as failure:
            await desk.shown(desk.app(private_key=wrong))
        assert "canary" not in str(failure.value)
    for wrong in ("{", '{"type": "authorized_user", "client_secret": "canary"}', '["canary"]'):
        with pytest.raises(GitInvalidError, match="gcpServiceAccountKey is not") as failure:
            await desk.shown(Credential(google_key=wrong))
        assert "canary" not in str(failure.value)


async def test_a_google_service_account_gives_its_own_name_to_git_and_another_to_registries(
    desk: Desk,
) -> None:
    credential = Credential(google_key=desk.ends.google_key())
    assert await desk.shown(credential) == (ACCOUNT, "ya29-0")
    assert await desk.shown(credential, "oci://registry.example/x") == ("oauth2accesstoken", "ya29-0")
    assert len(desk.ends.asked) == 1


async def test_azure_takes_a_principals_secret_or_the_pods_token(desk: Desk) -> None:
    principal = AzurePrincipal(
        client_id="c", client_secret="the-secret", tenant_id="t1", endpoint=desk.ends.url
    )
    assert await desk.shown(Credential(azure_principal=principal)) == ("Bearer", "aad-t1-c-499b84ac-0")
    pod = Credential(azure_workload_identity=True)
    assert await desk.shown(pod) == ("Bearer", "aad-t-pod-499b84ac-1")
    registry = f"127.0.0.1:{desk.ends.port}"
    nobody = "00000000-0000-0000-0000-000000000000"
    assert await desk.shown(pod, f"oci://{registry}/charts") == (nobody, "acr-3")
    assert await desk.shown(pod, f"{registry}/other") == (nobody, "acr-3")
    wrong = msgspec.structs.replace(principal, client_secret="canary")
    with pytest.raises(AuthenticationError, match="status 401, invalid_client, AADSTS7000215") as failure:
        await desk.shown(Credential(azure_principal=wrong))
    assert "canary" not in str(failure.value)
    plain = msgspec.structs.replace(principal, endpoint=desk.ends.url.replace("https", "http"))
    with pytest.raises(GitInvalidError, match="no https address"):
        await desk.shown(Credential(azure_principal=plain))
    with pytest.raises(GitInvalidError, match="AZURE_CLIENT_ID"):
        await Identities(desk.outbound).opened(REPO, pod)


async def test_the_pods_identity_is_shown_to_no_host_but_azures(desk: Desk) -> None:
    pod = Credential(azure_workload_identity=True)
    for url in ("https://evil.net/x.git", "oci://evil.net/x", "evil.net/x", "https://git.example.evil.net/x"):
        with pytest.raises(GitInvalidError, match="is no host of Azure"):
            await desk.shown(pod, url)
    assert desk.ends.asked == []
    real = WorkloadIdentity(client_id="c", tenant_id="t", token_file="f")
    for host in ("dev.azure.com", "org.visualstudio.com", "team.azurecr.io"):
        real.check(host)
    for host in ("azurecr.io.evil.net", "evilazurecr.io", "dev.azure.com.evil.net", ""):
        with pytest.raises(GitInvalidError):
            real.check(host)


async def test_an_endpoint_proves_who_it_is_though_any_certificate_is_taken_for_the_repository(
    desk: Desk,
) -> None:
    outbound = Outbound(LOOPBACK)
    strangers = Identities(outbound)
    for credential in (
        Credential(google_key=desk.ends.google_key(), insecure=True),
        Credential(
            azure_principal=AzurePrincipal(
                client_id="c", client_secret="canary", tenant_id="t", endpoint=desk.ends.url
            ),
            insecure=True,
        ),
    ):
        with pytest.raises(GitTransientError, match="certificate is not accepted"):
            await strangers.opened(REPO, credential)
    enterprise = msgspec.structs.replace(desk.app(11), insecure=True)
    assert (await strangers.opened(REPO, enterprise)).password == "ghs-11-0"
    assert desk.ends.asked == ["POST /api/v3/app/installations/11/access_tokens"]
    await outbound.close()


async def test_codecommit_is_shown_a_signature_by_a_key_or_by_the_pods_role(desk: Desk) -> None:
    key = Credential(username="AKIAEXAMPLEEXAMPLE12", password="canary-key")
    user, password = await desk.shown(key, CODECOMMIT)
    assert user == "AKIAEXAMPLEEXAMPLE12"
    assert len(password) == 16 + 64 and password[15] == "Z" and "canary" not in password
    assert await desk.shown(key) == ("AKIAEXAMPLEEXAMPLE12", "canary-key"), "elsewhere it is a password"
    named = Credential(username="alice-at-123456789012", password="p")
    assert await desk.shown(named, CODECOMMIT) == ("alice-at-123456789012", "p")
    user, password = await desk.shown(Credential(aws_role=True), CODECOMMIT)
    assert user == "ASIAEXAMPLEEXAMPLE12%session"
    with pytest.raises(GitInvalidError, match="AWS_ROLE_ARN"):
        await Identities(desk.outbound).opened(CODECOMMIT, Credential(aws_role=True))


async def test_an_endpoint_that_sends_back_what_it_was_sent_gets_nothing_into_an_error(desk: Desk) -> None:
    desk.ends.echo = True
    principal = AzurePrincipal(client_id="c", client_secret="canary", tenant_id="t", endpoint=desk.ends.url)
    for credential in (
        desk.app(11),
        Credential(google_key=desk.ends.google_key()),
        Credential(azure_principal=principal),
        Credential(azure_workload_identity=True),
    ):
        with pytest.raises(AuthenticationError) as failure:
            await desk.shown(credential)
        text = str(failure.value)
        assert "canary" not in text and "eyJ" not in text and POD_TOKEN not in text
        assert len(text) < 200


async def test_an_endpoint_that_fails_is_tried_again_and_a_closed_one_never(desk: Desk) -> None:
    desk.ends.status = 503
    with pytest.raises(GitTransientError, match="status 503"):
        await desk.shown(desk.app(11))
    desk.ends.status = 0
    assert await desk.shown(desk.app(11)) == ("x-access-token", "ghs-11-0")
    closed = desk.ends.google_key(token_uri="http://169.254.169.254/token")
    with pytest.raises(UrlRefusedError, match="from where nothing is fetched"):
        await desk.shown(Credential(google_key=closed))


async def test_a_token_is_asked_for_anew_when_it_ends_or_is_refused_but_not_at_once(desk: Desk) -> None:
    now = 1000.0
    desk.identities._tokens = Tokens(lambda: now)
    credential = desk.app(11)
    assert await desk.shown(credential) == ("x-access-token", "ghs-11-0")
    desk.identities.refused(REPO, credential)
    assert await desk.shown(credential) == ("x-access-token", "ghs-11-0")
    now += 100
    desk.identities.refused(REPO, credential)
    assert await desk.shown(credential) == ("x-access-token", "ghs-11-1")
    now += 3200
    assert await desk.shown(credential) == ("x-access-token", "ghs-11-1")
    now += 200
    assert await desk.shown(credential) == ("x-access-token", "ghs-11-2")


@pytest.mark.parametrize("by", ["git", "our own connection"])
async def test_git_reads_a_repository_with_an_apps_token(desk: Desk, tmp_path: Path, by: str) -> None:
    async with GitServer(tmp_path / "git") as git:
        await git.create("team/web")
        work = await WorkRepo.clone(git.repo_url("team/web"), tmp_path / "work")
        await work.publish({"a.txt": "1"}, "first")
        git.protect("team", username="x-access-token", password="ghs-11-0")
        home = tmp_path / "home"
        home.mkdir()
        ls_refs = LsRefs(desk.outbound) if by != "git" else None
        program = GitProgram(home=home, networks=LOOPBACK, ls_refs=ls_refs, identities=desk.identities)
        remote = Remote(program=program, url=git.repo_url("team/web"), credential=desk.app())
        assert (await remote.list_refs()).refs
        git.protect("team", username="x-access-token", password="revoked")
        with pytest.raises(GitError) as failure:
            await remote.list_refs()
        assert "ghs-11-0" not in str(failure.value)
