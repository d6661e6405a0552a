"""The generator `scmProvider`, at hosts that speak the real protocols and fail in the real ways."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web

from fairlead.applicationset_controller.generating.errors import GeneratorError
from fairlead.applicationset_controller.generating.hosts import door, silence
from fairlead.applicationset_controller.generating.hosts.rules import HostRules
from fairlead.local.pki import ensure_pki
from tests.fakes.scm.host import Fault, Host, serving
from tests.fakes.scm.world import Repo, sha
from tests.integration.applicationset_controller.scm_stage import Opens, World, found, scm_blocks, world

PROVIDERS = ("github", "gitlab", "gitea", "bitbucket", "bitbucketServer", "azureDevOps", "awsCodeCommit")
ASKED_IN_JSON = tuple(name for name in PROVIDERS if name != "awsCodeCommit")
LISTED_IN_PAGES = tuple(name for name in ASKED_IN_JSON if name != "azureDevOps")
LISTING = {
    "github": "/orgs/team/repos",
    "gitlab": "/groups/team/projects",
    "gitea": "/orgs/team/repos",
    "bitbucket": "/repositories/team?",
    "bitbucketServer": "/projects/team/repos?",
    "azureDevOps": "/_apis/git/repositories?",
}
ALL = [
    ("shop", "main"),
    ("shop-api", "main"),
    ("billing", "main"),
    ("old", "main"),
    ("docs", "trunk"),
    ("web", "main"),
]


@pytest_asyncio.fixture(scope="module")
async def server() -> AsyncIterator[Host]:
    async with serving() as host:
        yield host


@pytest.fixture
def host(server: Host) -> Host:
    server.reset()
    return server


@pytest_asyncio.fixture
async def opens() -> AsyncIterator[Opens]:
    """Processes that end with the test."""
    opened: list[World] = []

    def made(host: Host, **more: HostRules) -> World:
        opened.append(world(host, **more))
        return opened[-1]

    yield made
    for each in opened:
        await each.hosts.close()


@pytest.fixture
def sources(host: Host, opens: Opens) -> World:
    return opens(host)


def places(params: list[dict[str, object]]) -> list[tuple[object, object]]:
    return [(each["repository"], each["branch"]) for each in params]


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_every_repository_of_every_page_is_found_and_an_empty_one_is_none(
    host: Host, sources: World, provider: str
) -> None:
    params = await found(sources, provider, scm_blocks(host)[provider])
    assert places(params) == ALL
    shop = params[0]
    assert shop["organization"] == "team"
    assert shop["sha"] == sha("shop", "main")
    assert (shop["short_sha"], shop["short_sha_7"]) == (sha("shop", "main")[:8], sha("shop", "main")[:7])
    assert shop["url"] in ("git@git.example:team/shop.git", "https://git.example/team/shop.git")
    assert (shop["url"].startswith("https")) is (provider == "azureDevOps")
    assert shop["repository_id"] in (1, "{1}", "id-1", "uuid-1")
    assert shop["labels"] == ("deploy,go" if provider in ("github", "gitlab", "gitea") else "")
    if provider != "awsCodeCommit":
        assert all(each.token for each in host.asked)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_all_branches_and_the_address_that_is_wanted(host: Host, sources: World, provider: str) -> None:
    block = {**scm_blocks(host)[provider], "allBranches": True}
    params = await found(sources, provider, block, cloneProtocol="https")
    assert ("shop-api", "feature/x") in places(params)
    assert len(params) == len(ALL) + 2
    assert all(str(each["url"]).startswith("https://") for each in params)
    release = next(each for each in params if each["branch"] == "release/1.0")
    assert (release["branchNormalized"], release["sha"]) == ("release-1.0", sha("shop-api", "release/1.0"))
    with pytest.raises(GeneratorError, match="unknown clone protocol"):
        await found(sources, provider, block, cloneProtocol="gopher")


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_filters_hold_together_in_an_entry_and_one_entry_is_enough(
    host: Host, sources: World, provider: str
) -> None:
    block = {**scm_blocks(host)[provider], "allBranches": True}
    filters = [
        {"repositoryMatch": "^shop", "pathsExist": ["deploy"], "pathsDoNotExist": ["deploy/app.yaml"]},
        {"branchMatch": "^tr"},
        {"repositoryMatch": "billing", "pathsExist": ["no/such"]},
        {"repositoryMatch": "web", "pathsExist": ["deploy/web.yaml"]},
    ]
    params = await found(sources, provider, block, filters=filters)
    assert set(places(params)) == {
        ("shop-api", "main"),
        ("shop-api", "release/1.0"),
        ("shop-api", "feature/x"),
        ("docs", "trunk"),
        ("web", "main"),
    }


@pytest.mark.parametrize("provider", ASKED_IN_JSON)
async def test_what_no_filter_can_take_is_not_asked_about(host: Host, sources: World, provider: str) -> None:
    filters = [{"repositoryMatch": "^web$", "branchMatch": "^none$", "pathsExist": ["deploy/web.yaml"]}]
    assert await found(sources, provider, scm_blocks(host)[provider], filters=filters) == []
    about = [each.address for each in host.asked if LISTING[provider].rstrip("?") not in each.address]
    about = [address for address in about if not address.endswith("/labels?limit=50")]
    repository = [address for address in host.counted() if "deploy" in address]
    assert repository == []
    assert len([address for address in about if "web" in address or "/7/" in address]) <= 1


@pytest.mark.parametrize("provider", ("github", "gitlab", "gitea"))
async def test_labels_are_filtered_and_archived_repositories_left_out(
    host: Host, sources: World, provider: str
) -> None:
    block = dict(scm_blocks(host)[provider])
    if provider == "gitlab":
        block["includeArchivedRepos"] = False
    else:
        block["excludeArchivedRepos"] = True
    assert ("old", "main") not in places(await found(sources, provider, block))
    filters = [{"labelMatch": "^deploy$"}]
    assert [each["repository"] for each in await found(sources, provider, block, filters=filters)] == [
        "shop",
        "web",
    ]
    if provider == "gitlab":
        topic = {**block, "topic": "internal"}
        assert [each["repository"] for each in await found(sources, provider, topic)] == ["billing"]


async def test_tags_of_codecommit_are_asked_for_where_they_are_known(host: Host, sources: World) -> None:
    tags = {"tagFilters": [{"key": "topic", "value": "deploy"}, {"key": "topic", "value": "internal"}]}
    params = await found(sources, "awsCodeCommit", tags, cloneProtocol="https-fips")
    assert [each["repository"] for each in params] == ["shop", "billing", "web"]


async def test_a_role_is_taken_and_a_region_has_to_be_one(host: Host, sources: World) -> None:
    role = "arn:aws:iam::111111111111:role/reader"
    assert places(await found(sources, "awsCodeCommit", {"role": role, "region": "eu-central-1"})) == ALL
    assert {each.headers.get("x-amz-security-token") for each in host.asked if "/aws/" in each.address} == {
        role
    }
    assert all("/eu-central-1/codecommit/" in each.token for each in host.asked if "/aws/" in each.address)
    for region in ("eu-west-1.evil.example/", "nowhere"):
        with pytest.raises(GeneratorError, match="no region of AWS"):
            await found(sources, "awsCodeCommit", {"region": region})


async def test_a_page_of_codecommit_that_fails_leaves_no_repository_out(host: Host, sources: World) -> None:
    throttled = b'{"__type": "ThrottlingException", "message": "Rate exceeded"}'
    for fault in (
        Fault("/aws/", status=400, body=throttled),
        Fault("/aws/", status=500),
        Fault("/aws/", cut=True),
        Fault("/aws/", status=200, body=b"{}"),
        Fault("/aws/", status=200, body=b"<html>"),
    ):
        for after in (0, 1, 6, 8):
            host.faults[:] = [Fault(**(vars(fault) | {"after": after}))]
            with pytest.raises(GeneratorError):
                await found(sources, "awsCodeCommit", {})


FAULTS = {
    "it fails": Fault("", status=500),
    "it is being mended": Fault("", status=503, headers={"Retry-After": "120"}),
    "it breaks off": Fault("", cut=True),
    "it is no JSON": Fault("", status=200, body=b"<html>maintenance</html>"),
    "it is another answer": Fault("", status=200, body=b'{"unexpected": 1}'),
    "it refuses the token": Fault("", status=401),
    "it wants a login": Fault("", status=203, body=b"<html>sign in</html>"),
    "it is not there": Fault("", status=404),
    "it was asked too often": Fault("", status=429, headers={"Retry-After": "30"}),
}


@pytest.mark.parametrize("provider", ASKED_IN_JSON)
async def test_a_listing_that_is_not_whole_is_an_error_whatever_fails(
    host: Host, provider: str, opens: Opens
) -> None:
    for name, fault in FAULTS.items():
        for after in (0, 1) if provider in LISTED_IN_PAGES else (0,):
            sources = opens(host)
            host.reset()
            told = vars(fault) | {"at": LISTING[provider], "after": after}
            host.faults.append(Fault(**told))
            with pytest.raises(GeneratorError) as error:
                await found(sources, provider, scm_blocks(host)[provider])
            assert "t0ken" not in str(error.value), name
            assert len(str(error.value)) > 20, name


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_an_organisation_that_is_gone_is_an_error_and_no_empty_list(
    host: Host, sources: World, provider: str
) -> None:
    if provider == "awsCodeCommit":
        host.faults.append(Fault("/aws/", status=400, body=b'{"__type": "AccessDeniedException"}'))
    host.world.organization = "renamed"
    with pytest.raises(GeneratorError):
        await found(sources, provider, scm_blocks(host)[provider])


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_repository_that_vanishes_while_they_are_listed_is_an_error(
    host: Host, sources: World, provider: str
) -> None:
    host.world.repos[2].gone = True
    with pytest.raises(GeneratorError):
        await found(sources, provider, scm_blocks(host)[provider])


@pytest.mark.parametrize("provider", ASKED_IN_JSON)
async def test_a_path_that_cannot_be_looked_up_is_no_missing_path(
    host: Host, sources: World, provider: str
) -> None:
    host.faults.append(Fault("deploy", status=502))
    for condition in ("pathsExist", "pathsDoNotExist"):
        with pytest.raises(GeneratorError):
            await found(sources, provider, scm_blocks(host)[provider], filters=[{condition: ["deploy"]}])


@pytest.mark.parametrize("provider", LISTED_IN_PAGES)
async def test_a_deletion_between_two_pages_costs_no_other_repository(
    host: Host, sources: World, provider: str
) -> None:
    """The first walk lacks what moved up onto a page that was read: a second one finds it."""
    removed = False

    def remove(request: web.Request) -> None:
        nonlocal removed
        is_second = any(key in request.query_string for key in ("page=2", "start=3"))
        if not removed and is_second and "per_page=1&" not in request.query_string:
            removed = True
            del host.world.repos[0]

    host.before = remove
    assert places(await found(sources, provider, scm_blocks(host)[provider])) == ALL[1:]
    assert removed


async def test_a_listing_that_never_settles_says_so(host: Host, sources: World) -> None:
    def add(request: web.Request) -> None:
        if "/orgs/" in request.path:
            number = 100 + len(host.world.repos)
            host.world.repos.append(Repo(f"new-{number}", number))

    host.before = add
    with pytest.raises(GeneratorError, match="changed during each of 4 walks"):
        await found(sources, "github", scm_blocks(host)["github"])


async def test_an_unchanged_organisation_costs_github_nothing(host: Host, sources: World) -> None:
    host.left = 100
    block = {**scm_blocks(host)["github"], "allBranches": True}
    filters = [{"pathsExist": ["deploy"]}]
    first = await found(sources, "github", block, filters=filters)
    spent, host.left = 100 - host.left, 0
    assert spent > 10
    assert await found(sources, "github", block, filters=filters) != []
    host.left = 100
    host.world.repos[0].branches.append("new")
    more = await found(sources, "github", block, filters=filters)
    assert len(more) == len(first) + 1
    assert 100 - host.left < 6


async def test_who_is_asked_too_often_is_left_alone_for_that_token_only(host: Host, sources: World) -> None:
    sources.secrets["argocd", "other"] = {"token": "another"}
    block = scm_blocks(host)["github"]
    host.left = 4
    with pytest.raises(GeneratorError, match=r"asked too often .* asked again in \d+ s"):
        await found(sources, "github", block)
    asked = len(host.asked)
    with pytest.raises(GeneratorError, match="left alone"):
        await found(sources, "github", block)
    assert len(host.asked) == asked
    host.left = None
    other = {**block, "tokenRef": {"secretName": "other", "key": "token"}}
    assert places(await found(sources, "github", other)) == ALL


async def test_a_host_that_does_not_answer_is_waited_for_by_one_set_at_a_time(
    host: Host, sources: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "DEADLINE", 0.3)
    monkeypatch.setattr(silence, "SLOW", 0.2)
    block = scm_blocks(host)["gitlab"]
    host.faults.append(Fault("/groups/", hangs=True))
    with pytest.raises(GeneratorError, match=r"no end after 0\.3 s"):
        await found(sources, "gitlab", block)
    asked = len(host.asked)
    with pytest.raises(GeneratorError, match=r"did not answer; it is asked again in \d+ s"):
        await found(sources, "gitlab", block)
    assert len(host.asked) == asked
    host.faults.clear()
    sources.hosts.shared.silences.ended("127.0.0.1", 0.0, is_answered=True)
    assert places(await found(sources, "gitlab", block)) == ALL


async def test_a_second_limit_without_an_end_is_heeded_for_a_minute(host: Host, sources: World) -> None:
    said = b'{"message": "You have exceeded a secondary rate limit"}'
    host.faults.append(Fault("/branches/", status=403, body=said))
    with pytest.raises(GeneratorError, match="asked again in 60 s"):
        await found(sources, "github", scm_blocks(host)["github"])


@pytest.mark.parametrize("provider", ASKED_IN_JSON)
async def test_a_token_does_not_follow_to_another_host(host: Host, sources: World, provider: str) -> None:
    async with serving() as elsewhere:
        target = elsewhere.url.replace("127.0.0.1", "127.0.0.2") + "/stolen"
        host.faults.append(Fault(LISTING[provider], status=302, headers={"Location": target}))
        with pytest.raises(GeneratorError):
            await found(sources, provider, scm_blocks(host)[provider])
        assert all(not each.token for each in elsewhere.asked)


async def test_a_next_page_at_another_host_is_asked_for_at_this_one(host: Host, sources: World) -> None:
    link = '<https://evil.example/github/api/v3/orgs/team/repos?page=2>; rel="next"'
    host.faults.append(Fault("/orgs/team/repos?per", status=200, headers={"Link": link}, body=b"[]"))
    with pytest.raises(GeneratorError):
        host.faults.append(Fault("page=2", status=500))
        await found(sources, "github", scm_blocks(host)["github"])
    assert any("page=2" in each.address for each in host.asked)


async def test_what_the_operator_does_not_allow_is_refused_before_a_secret_is_read(
    host: Host, opens: Opens
) -> None:
    block = scm_blocks(host)["github"]
    api = block["api"]
    disabled = opens(host, rules=HostRules(is_enabled=False))
    with pytest.raises(GeneratorError, match="scm providers are disabled"):
        await found(disabled, "github", block)
    other = opens(host, rules=HostRules(allowed=("https://git.example", "https://other.example")))
    words = f'scm provider "{api}" not allowed, must use one of the following: https://git.example, '
    with pytest.raises(GeneratorError, match=words):
        await found(other, "github", block)
    listed = opens(host, rules=HostRules(allowed=(f"{api}/",), is_strict=True))
    assert places(await found(listed, "github", block)) == ALL
    assert listed.strict == [True]
    assert disabled.strict == other.strict == []


async def test_sets_of_other_namespaces_may_name_no_address_that_is_not_listed(
    host: Host, sources: World
) -> None:
    with pytest.raises(GeneratorError, match="sets outside of argocd"):
        await found(sources, "github", scm_blocks(host)["github"], namespace="tenant")
    assert sources.strict == []
    assert host.asked == []


async def test_no_secret_of_another_namespace_names_an_address_and_no_set_of_one_asks_as_the_control_plane(
    host: Host, sources: World
) -> None:
    api = scm_blocks(host)["github"]["api"]
    app = {"githubAppID": "1", "githubAppPrivateKey": "key", "githubAppEnterpriseBaseUrl": api}
    sources.secrets["tenant", "app"] = app
    block = {"organization": "team", "appSecretName": "app"}
    with pytest.raises(GeneratorError, match="sets outside of argocd may name an address"):
        await found(sources, "github", block, namespace="tenant")
    with pytest.raises(GeneratorError, match="in the control plane's own name"):
        await found(sources, "awsCodeCommit", {}, namespace="tenant")
    assert host.asked == []


async def test_what_the_control_plane_signs_with_is_no_token(host: Host, sources: World) -> None:
    sources.secrets["argocd", "argocd-secret"] = {"server.secretkey": "s", "webhook.github.secret": "w"}
    for key in sources.secrets["argocd", "argocd-secret"]:
        block = {**scm_blocks(host)["github"], "tokenRef": {"secretName": "argocd-secret", "key": key}}
        with pytest.raises(GeneratorError, match="the control plane's own"):
            await found(sources, "github", block)
    assert host.asked == []


async def test_names_and_paths_that_lead_elsewhere_are_refused(host: Host, sources: World) -> None:
    block = scm_blocks(host)["github"]
    for organization in ("..", "", "a\nb"):
        with pytest.raises(GeneratorError, match="organization"):
            await found(sources, "github", {**block, "organization": organization})
    with pytest.raises(GeneratorError, match="no path within a repository"):
        await found(sources, "github", block, filters=[{"pathsExist": ["../../../user"]}])
    with pytest.raises(GeneratorError, match="RepositoryMatch"):
        await found(sources, "github", block, filters=[{"repositoryMatch": "("}])
    for api in ("ftp://x", "https://user:pw@git.example", "nonsense"):
        with pytest.raises(GeneratorError, match="api"):
            await found(sources, "github", {**block, "api": api})
    assert host.asked == []


async def test_a_github_app_is_exchanged_for_the_token_of_its_installation(
    host: Host, sources: World, tmp_path: Path
) -> None:
    from tests.fakes.token_endpoints import private_key

    del tmp_path
    app = {"githubAppID": "12", "githubAppPrivateKey": private_key()}
    sources.secrets["argocd", "app"] = app
    block = {"organization": "team", "api": f"{host.url}/github", "appSecretName": "app"}
    assert places(await found(sources, "github", block)) == ALL
    assert {each.token for each in host.asked if "/repos" in each.address} == {"Bearer ghs_77"}
    sources.secrets["argocd", "app"] = {**app, "githubAppInstallationID": "99"}
    assert places(await found(sources, "github", block)) == ALL
    assert host.asked[-1].token == "Bearer ghs_99"
    sources.secrets["argocd", "app"] = {"githubAppID": "12"}
    with pytest.raises(GeneratorError, match="has no githubAppPrivateKey"):
        await found(sources, "github", block)


async def test_certificates_are_those_of_the_system_of_the_operator_and_of_the_set(
    tmp_path: Path, opens: Opens
) -> None:
    pki = ensure_pki(tmp_path)
    authority = pki.ca.certificate
    import ssl

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pki.server.certificate, pki.server.key)
    async with serving(context) as host:
        block = scm_blocks(host)["gitlab"]
        strict = opens(host)
        with pytest.raises(GeneratorError, match="certificate"):
            await found(strict, "gitlab", block)
        assert places(await found(strict, "gitlab", {**block, "insecure": True})) == ALL
        strict.config_maps["argocd", "ca"] = {"pem": authority.read_text(), "bad": "no certificate"}
        of_set = {**block, "caRef": {"configMapName": "ca", "key": "pem"}}
        assert places(await found(strict, "gitlab", of_set)) == ALL
        with pytest.raises(GeneratorError, match="no certificates in PEM"):
            await found(strict, "gitlab", {**block, "caRef": {"configMapName": "ca", "key": "bad"}})
        with pytest.raises(GeneratorError, match="has no key"):
            await found(strict, "gitlab", {**block, "caRef": {"configMapName": "ca", "key": "none"}})
        operator = opens(host, rules=HostRules(root_ca=str(authority)))
        assert places(await found(operator, "gitlab", block)) == ALL


async def test_requests_to_github_are_counted_by_set_where_that_is_switched_on(
    host: Host, opens: Opens
) -> None:
    sources = opens(host, rules=HostRules(counts_github=True))
    host.left = 1000
    await found(sources, "github", scm_blocks(host)["github"])
    text = b"".join(sources.hosts.written()).decode()
    where = 'appset_namespace="argocd",appset_name="previews"'
    listing = f'method="GET",endpoint="/orgs/{{org}}/repos",status="200",{where}'
    assert f"argocd_github_api_requests_total{{{listing}}} 3" in text
    assert "/repos/{owner}/{repo}/branches/{branch}" in text
    for name in ("remaining", "limit", "reset_seconds", "used"):
        assert (f"argocd_github_api_rate_limit_{name}{{" in text) is (name != "used")
    sources.hosts.forget("argocd", "previews")
    assert "previews" not in b"".join(sources.hosts.written()).decode()
