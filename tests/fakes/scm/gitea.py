"""Gitea, below /gitea/api/v1."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from tests.fakes.scm.host import Host, missing, paged
from tests.fakes.scm.world import Pull, Repo

API = "/gitea/api/v1"


def routes(host: Host) -> list[web.RouteDef]:
    def repo(request: web.Request) -> Repo:
        found = host.world.of(request.match_info["repo"])
        if request.match_info["owner"] != host.world.organization or found is None:
            raise missing("The target couldn't be found.")
        return found

    def pages(request: web.Request, items: list[Any]) -> web.Response:
        return paged(request, items, host.most, size="limit")

    async def repos(request: web.Request) -> web.Response:
        if request.match_info["org"] != host.world.organization:
            raise missing("The target couldn't be found.")
        return pages(request, [_repo(host, each) for each in host.world.repos])

    async def one(request: web.Request) -> web.Response:
        return web.json_response(_repo(host, repo(request)))

    async def labels(request: web.Request) -> web.Response:
        names = repo(request).topics
        return pages(request, [{"id": at, "name": name} for at, name in enumerate(names)])

    async def branches(request: web.Request) -> web.Response:
        found = repo(request)
        return pages(request, [_branch(found, name) for name in found.branches])

    async def branch(request: web.Request) -> web.Response:
        found, name = repo(request), request.match_info["branch"]
        if name not in found.branches:
            raise missing()
        return web.json_response(_branch(found, name))

    async def contents(request: web.Request) -> web.Response:
        found, path = repo(request), request.match_info["path"]
        if not found.has(path):
            raise missing()
        return web.json_response({"path": path})

    async def pulls(request: web.Request) -> web.Response:
        if repo(request).name != host.world.pulls_of:
            return web.json_response([])
        return pages(request, [_pull(each) for each in host.world.pulls if each.state == "opened"])

    place = f"{API}/repos/{{owner}}/{{repo}}"
    return [
        web.get(f"{API}/orgs/{{org}}/repos", repos),
        web.get(place, one),
        web.get(f"{place}/labels", labels),
        web.get(f"{place}/branches", branches),
        web.get(f"{place}/branches/{{branch:.+}}", branch),
        web.get(f"{place}/contents/{{path:.+}}", contents),
        web.get(f"{place}/pulls", pulls),
    ]


def _repo(host: Host, repo: Repo) -> Any:
    name = f"{host.world.organization}/{repo.name}"
    return {
        "id": repo.id,
        "name": repo.name,
        "owner": {"login": host.world.organization},
        "ssh_url": f"git@git.example:{name}.git",
        "clone_url": f"https://git.example/{name}.git",
        "default_branch": repo.default or "main",
        "archived": repo.archived,
        "empty": not repo.branches,
    }


def _branch(repo: Repo, name: str) -> Any:
    return {"name": name, "commit": {"id": repo.sha(name)}}


def _pull(pull: Pull) -> Any:
    return {
        "number": pull.number,
        "title": pull.title,
        "head": {"ref": pull.branch, "sha": pull.sha},
        "base": {"ref": pull.target, "sha": "0" * 40},
        "user": {"login": pull.author},
        "labels": [{"name": name} for name in pull.labels],
    }
