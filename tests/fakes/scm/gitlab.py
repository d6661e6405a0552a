"""GitLab, below /gitlab/api/v4; the group has one subgroup's project less and none shared."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from tests.fakes.scm.host import Host, missing, paged
from tests.fakes.scm.world import Pull, Repo

API = "/gitlab/api/v4"


def routes(host: Host) -> list[web.RouteDef]:
    def repo(request: web.Request) -> Repo:
        found = host.world.of(request.match_info["project"].removeprefix(f"{host.world.organization}/"))
        if found is None:
            raise missing("404 Project Not Found")
        return found

    async def projects(request: web.Request) -> web.Response:
        if request.match_info["group"] != host.world.organization:
            raise missing("404 Group Not Found")
        topic, archived = request.query.get("topic"), request.query.get("archived")
        items = [
            _project(host, each)
            for each in host.world.repos
            if (topic is None or topic in each.topics) and not (archived == "false" and each.archived)
        ]
        return paged(request, items, host.most)

    async def branches(request: web.Request) -> web.Response:
        found = repo(request)
        return paged(request, [_branch(found, name) for name in found.branches], host.most)

    async def branch(request: web.Request) -> web.Response:
        found, name = repo(request), request.match_info["branch"]
        if name not in found.branches:
            raise missing("404 Branch Not Found")
        return web.json_response(_branch(found, name))

    async def file(request: web.Request) -> web.Response:
        found = repo(request)
        known = {found.sha(name) for name in found.branches}
        if request.query["ref"] not in known or request.match_info["path"] not in found.files:
            raise missing("404 File Not Found")
        return web.json_response({"file_path": request.match_info["path"]})

    async def tree(request: web.Request) -> web.Response:
        names = repo(request).folder(request.query["path"])
        if not names:
            raise missing("404 Tree Not Found")
        return paged(request, [{"name": name} for name in names], host.most)

    async def requests(request: web.Request) -> web.Response:
        found, state = repo(request), request.query.get("state", "all")
        labels = set(filter(None, request.query.get("labels", "").split(",")))
        items = [
            _request(each)
            for each in host.world.pulls
            if found.name == host.world.pulls_of
            and state in ("all", each.state)
            and labels <= set(each.labels)
        ]
        return paged(request, items, host.most)

    one = f"{API}/projects/{{project}}"
    return [
        web.get(f"{API}/groups/{{group}}/projects", projects),
        web.get(f"{one}/repository/branches", branches),
        web.get(f"{one}/repository/branches/{{branch}}", branch),
        web.get(f"{one}/repository/files/{{path}}", file),
        web.get(f"{one}/repository/tree", tree),
        web.get(f"{one}/merge_requests", requests),
    ]


def _project(host: Host, repo: Repo) -> Any:
    name = f"{host.world.organization}/{repo.name}"
    return {
        "id": repo.id,
        "path": repo.name,
        "namespace": {"full_path": host.world.organization},
        "ssh_url_to_repo": f"git@git.example:{name}.git",
        "http_url_to_repo": f"https://git.example/{name}.git",
        "default_branch": repo.default,
        "topics": repo.topics,
    }


def _branch(repo: Repo, name: str) -> Any:
    return {"name": name, "commit": {"id": repo.sha(name)}}


def _request(pull: Pull) -> Any:
    return {
        "iid": pull.number,
        "title": pull.title,
        "source_branch": pull.branch,
        "target_branch": pull.target,
        "sha": pull.sha,
        "author": {"username": pull.author},
        "labels": pull.labels,
    }
