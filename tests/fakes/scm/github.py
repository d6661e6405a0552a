"""GitHub, below /github/api/v3."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from tests.fakes.scm.host import Host, missing, paged
from tests.fakes.scm.world import Pull, Repo

API = "/github/api/v3"
INSTALLATION = 77


def routes(host: Host) -> list[web.RouteDef]:
    def repo(request: web.Request) -> Repo:
        found = host.world.of(request.match_info["repo"])
        if request.match_info["owner"] != host.world.organization or found is None:
            raise missing()
        return found

    async def repos(request: web.Request) -> web.Response:
        if request.match_info["org"] != host.world.organization:
            raise missing()
        return paged(request, [_repo(host, each) for each in host.world.repos], host.most)

    async def branches(request: web.Request) -> web.Response:
        found = repo(request)
        return paged(request, [_branch(found, name) for name in found.branches], host.most)

    async def branch(request: web.Request) -> web.Response:
        found, name = repo(request), request.match_info["branch"]
        if name not in found.branches:
            raise missing("Branch not found")
        return web.json_response(_branch(found, name))

    async def contents(request: web.Request) -> web.Response:
        found, path = repo(request), request.match_info["path"]
        known = {found.sha(name) for name in found.branches}
        if request.query["ref"] not in known or not found.has(path):
            raise missing()
        return web.json_response({"path": path, "type": "file"})

    async def pulls(request: web.Request) -> web.Response:
        if repo(request).name != host.world.pulls_of:
            return web.json_response([])
        items = [_pull(each) for each in host.world.pulls if each.state == "opened"]
        return paged(request, items, host.most)

    async def installation(request: web.Request) -> web.Response:
        if request.match_info["org"] != host.world.organization:
            raise missing()
        return web.json_response({"id": INSTALLATION})

    async def token(request: web.Request) -> web.Response:
        number = request.match_info["number"]
        return web.json_response({"token": f"ghs_{number}", "expires_at": "2099-01-01T00:00:00Z"}, status=201)

    one = f"{API}/repos/{{owner}}/{{repo}}"
    return [
        web.get(f"{API}/orgs/{{org}}/repos", repos),
        web.get(f"{API}/orgs/{{org}}/installation", installation),
        web.post(f"{API}/app/installations/{{number}}/access_tokens", token),
        web.get(f"{one}/branches", branches),
        web.get(f"{one}/branches/{{branch:.+}}", branch),
        web.get(f"{one}/contents/{{path:.+}}", contents),
        web.get(f"{one}/pulls", pulls),
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
        "topics": repo.topics,
    }


def _branch(repo: Repo, name: str) -> Any:
    return {"name": name, "commit": {"sha": repo.sha(name)}}


def _pull(pull: Pull) -> Any:
    return {
        "number": pull.number,
        "title": pull.title,
        "head": {"ref": pull.branch, "sha": pull.sha},
        "base": {"ref": pull.target, "sha": "0" * 40},
        "user": {"login": pull.author},
        "labels": [{"name": name} for name in pull.labels],
    }
