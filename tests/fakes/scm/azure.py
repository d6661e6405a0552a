"""Azure DevOps, below /azure; the team project is called `project`."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from tests.fakes.scm.host import Host
from tests.fakes.scm.world import Pull, Repo

PROJECT = "project"
API = "/azure/{organization}/{project}/_apis/git"


class _RefusedError(Exception):
    def __init__(self, key: str) -> None:
        self.key = key


def _answering(handler: Any) -> Any:
    async def answered(request: web.Request) -> web.Response:
        try:
            found: web.Response = await handler(request)
        except _RefusedError as error:
            return web.json_response({"message": "TF: not found", "typeKey": error.key}, status=404)
        return found

    return answered


def routes(host: Host) -> list[web.RouteDef]:
    def repo(request: web.Request) -> Repo:
        name = request.match_info["repo"].removeprefix("id-")
        found = host.world.of(name)
        _require(request)
        if found is None:
            raise _RefusedError("GitRepositoryNotFoundException")
        return found

    def _require(request: web.Request) -> None:
        place = (request.match_info["organization"], request.match_info["project"])
        if place != (host.world.organization, PROJECT):
            raise _RefusedError("ProjectDoesNotExistWithNameException")

    async def repos(request: web.Request) -> web.Response:
        _require(request)
        return web.json_response({"value": [_repo(host, each) for each in host.world.repos]})

    async def refs(request: web.Request) -> web.Response:
        found, start = repo(request), request.query["filter"].removeprefix("heads/")
        items = [
            {"name": f"refs/heads/{name}", "objectId": found.sha(name)}
            for name in found.branches
            if name.startswith(start)
        ]
        return _continued(request, items)

    def _continued(request: web.Request, items: list[Any]) -> web.Response:
        at = int(request.query.get("continuationToken", "0"))
        following = at + host.most
        headers = {"x-ms-continuationtoken": str(following)} if following < len(items) else {}
        return web.json_response({"value": items[at:following]}, headers=headers)

    async def items(request: web.Request) -> web.Response:
        if not repo(request).has(request.query["path"].strip("/")):
            raise _RefusedError("GitItemNotFoundException")
        return web.json_response({"path": request.query["path"]})

    async def pulls(request: web.Request) -> web.Response:
        found = repo(request)
        all_of = [
            _pull(each)
            for each in host.world.pulls
            if found.name == host.world.pulls_of and each.state == "opened"
        ]
        at = int(request.query.get("$skip", "0"))
        return web.json_response({"value": all_of[at : at + host.most]})

    place = f"{API}/repositories/{{repo}}"
    return [
        web.get(f"{API}/repositories", _answering(repos)),
        web.get(f"{place}/refs", _answering(refs)),
        web.get(f"{place}/items", _answering(items)),
        web.get(f"{place}/pullrequests", _answering(pulls)),
    ]


def _repo(host: Host, repo: Repo) -> Any:
    name = f"{host.world.organization}/{repo.name}"
    return {
        "id": f"id-{repo.id}",
        "name": repo.name,
        "remoteUrl": f"https://git.example/{name}.git",
        "sshUrl": f"git@git.example:{name}.git",
        **({"defaultBranch": f"refs/heads/{repo.default}"} if repo.default else {}),
    }


def _pull(pull: Pull) -> Any:
    return {
        "pullRequestId": pull.number,
        "title": pull.title,
        "sourceRefName": f"refs/heads/{pull.branch}",
        "targetRefName": f"refs/heads/{pull.target}",
        "lastMergeSourceCommit": {"commitId": pull.sha},
        "createdBy": {"uniqueName": f"{pull.author}@team.example"},
        "labels": [{"name": name, "active": True} for name in pull.labels],
    }
