"""Applications whose charts take from elsewhere, rendered by a repo-server that runs."""

import pytest

from fairlead.bus import RemoteError
from fairlead.events import Cause, RenderLevel, RepositorySource
from fairlead.local.chart_server import ChartServer
from fairlead.local.packing import packed_chart
from tests.integration.repo_server.suite import Suite, config_map
from tests.integration.repo_server.test_files import packed, rendered

CHART = "apiVersion: v2\nname: shop\nversion: 0.1.0\ndependencies:\n"
SETTING = (
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cache}\n"
    "data: {version: '{{ .Chart.Version }}', size: '{{ .Values.size }}'}\n"
)


def cache(version: str) -> bytes:
    return packed_chart("cache", version, {"values.yaml": "size: small\n", "templates/c.yaml": SETTING})


async def test_a_chart_and_values_from_elsewhere_are_deployed_and_a_hard_refresh_looks_again(
    suite: Suite,
) -> None:
    async with ChartServer() as server:
        server.add(cache("1.0.0"))
        server.files["values.yaml"] = b"cache: {size: large}\n"
        needs = f"- {{name: cache, version: 1.x.x, repository: '{server.url}'}}\n"
        await suite.repository(
            "needing", {"shop/Chart.yaml": CHART + needs, "shop/templates/a.yaml": config_map("own")}
        )
        source = RepositorySource(
            repo_url=suite.git.repo_url("needing"),
            path="shop",
            options={"helm": {"valueFiles": [f"{server.url}/values.yaml"]}},
        )
        await suite.want("needing", source)
        answer = await suite.answer("needing")
        assert answer.failure is None, answer.failure
        found = {one["metadata"]["name"]: one.get("data") for one in await suite.documents(answer)}
        assert found["cache"] == {"version": "1.0.0", "size": "large"}
        assert "own" in found

        server.add(cache("1.1.0"))
        asked, heard = len(server.asked), len(suite.answers)
        await suite.ask("needing", RenderLevel.REFRESH)
        again = await suite.answer("needing", after=heard)
        assert (again.digest, len(server.asked)) == (answer.digest, asked), "a refresh asks nobody else"
        heard = len(suite.answers)
        await suite.ask("needing", RenderLevel.HARD, Cause.HARD_REFRESH)
        fresh = await suite.answer("needing", after=heard)
        found = {one["metadata"]["name"]: one.get("data") for one in await suite.documents(fresh)}
        assert found["cache"] == {"version": "1.1.0", "size": "large"}


async def test_a_dependency_that_is_not_there_fails_its_application_in_words_until_it_is(
    suite: Suite,
) -> None:
    async with ChartServer() as server:
        server.add(cache("1.0.0"))
        needs = f"- {{name: cache, version: 2.0.0, repository: '{server.url}'}}\n"
        await suite.repository("waiting", {"shop/Chart.yaml": CHART + needs})
        await suite.want("waiting", RepositorySource(repo_url=suite.git.repo_url("waiting"), path="shop"))
        answer = await suite.answer("waiting")
        assert answer.failure is not None
        text = f"shop/Chart.yaml: dependency cache 2.0.0 of {server.url}: "
        assert f": {text}there is no version '2.0.0'; the highest are 1.0.0" in answer.failure.message
        server.add(cache("2.0.0"))
        heard = len(suite.answers)
        await suite.ask("waiting", RenderLevel.REFRESH)
        cured = await suite.answer("waiting", after=heard)
        assert cured.failure is None, cured.failure
        assert [one["data"]["version"] for one in await suite.documents(cured)] == ["2.0.0"]


async def test_files_of_a_client_are_given_what_their_chart_depends_on(suite: Suite) -> None:
    async with ChartServer() as server:
        server.add(cache("1.0.0"))
        server.files["values.yaml"] = b"cache: {size: large}\n"
        needs = f"- {{name: cache, version: 1.0.0, repository: '{server.url}'}}\n"
        archive = packed({"web/Chart.yaml": (CHART + needs).encode()})
        found = await rendered(suite, archive, helm={"valueFiles": [f"{server.url}/values.yaml"]})
        assert [one["data"] for one in found] == [{"version": "1.0.0", "size": "large"}]
        missing = packed({"web/Chart.yaml": (CHART + needs.replace("1.0.0", "9.0.0")).encode()})
        with pytest.raises(RemoteError, match=r"web/Chart\.yaml: dependency cache 9\.0\.0"):
            await rendered(suite, missing)
    assert list(suite.home.rglob(".files-*")) == []
