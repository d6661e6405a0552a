"""Bitbucket Cloud, below /bitbucket/2.0, and Bitbucket Server, below /stash/rest/api/1.0."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from tests.fakes.scm.host import Host, missing
from tests.fakes.scm.world import Pull, Repo

CLOUD = "/bitbucket/2.0"
SERVER = "/stash/rest/api/1.0"


def routes(host: Host) -> list[web.RouteDef]:
    return [*_cloud(host), *_server(host)]


def _cloud(host: Host) -> list[web.RouteDef]:
    def repo(request: web.Request) -> Repo:
        found = host.world.of(request.match_info["repo"])
        if request.match_info["owner"] != host.world.organization or found is None:
            raise missing("Repository not found")
        return found

    def pages(request: web.Request, items: list[Any]) -> web.Response:
        number, width = int(request.query.get("page", "1")), host.most
        page: dict[str, Any] = {"values": items[(number - 1) * width : number * width], "size": len(items)}
        if number * width < len(items):
            page["next"] = str(request.url.update_query({"page": str(number + 1)}))
        return web.json_response(page)

    async def repos(request: web.Request) -> web.Response:
        if request.match_info["owner"] != host.world.organization:
            raise missing("No workspace")
        return pages(request, [_cloud_repo(host, each) for each in host.world.repos])

    async def one(request: web.Request) -> web.Response:
        return web.json_response(_cloud_repo(host, repo(request)))

    async def branches(request: web.Request) -> web.Response:
        found = repo(request)
        return pages(request, [_cloud_branch(found, name) for name in found.branches])

    async def branch(request: web.Request) -> web.Response:
        found, name = repo(request), request.match_info["branch"]
        if name not in found.branches:
            raise missing()
        return web.json_response(_cloud_branch(found, name))

    async def source(request: web.Request) -> web.Response:
        if not repo(request).has(request.match_info["path"]):
            raise missing()
        return web.json_response({"path": request.match_info["path"]})

    async def pulls(request: web.Request) -> web.Response:
        found = repo(request)
        items = [
            _cloud_pull(each)
            for each in host.world.pulls
            if found.name == host.world.pulls_of and each.state == "opened"
        ]
        return pages(request, items)

    place = f"{CLOUD}/repositories/{{owner}}/{{repo}}"
    return [
        web.get(f"{CLOUD}/repositories/{{owner}}", repos),
        web.get(place, one),
        web.get(f"{place}/refs/branches", branches),
        web.get(f"{place}/refs/branches/{{branch:.+}}", branch),
        web.get(f"{place}/src/{{sha}}/{{path:.+}}", source),
        web.get(f"{place}/pullrequests", pulls),
    ]


def _cloud_repo(host: Host, repo: Repo) -> Any:
    name = f"{host.world.organization}/{repo.name}"
    return {
        "uuid": f"{{{repo.id}}}",
        "slug": repo.name,
        "links": {
            "clone": [
                {"name": "https", "href": f"https://git.example/{name}.git"},
                {"name": "ssh", "href": f"git@git.example:{name}.git"},
            ]
        },
        "mainbranch": {"name": repo.default} if repo.default else None,
    }


def _cloud_branch(repo: Repo, name: str) -> Any:
    return {"name": name, "target": {"hash": repo.sha(name)}}


def _cloud_pull(pull: Pull) -> Any:
    return {
        "id": pull.number,
        "title": pull.title,
        "source": {"branch": {"name": pull.branch}, "commit": {"hash": pull.sha[:12]}},
        "destination": {"branch": {"name": pull.target}, "commit": {"hash": "0" * 12}},
        "author": {"nickname": pull.author, "display_name": pull.author.title()},
    }


def _no(kind: str) -> web.HTTPNotFound:
    return missing(f"com.atlassian.bitbucket.{kind}Exception")


def _server(host: Host) -> list[web.RouteDef]:
    def repo(request: web.Request) -> Repo:
        found = host.world.of(request.match_info["repo"])
        if request.match_info["project"] != host.world.organization or found is None:
            raise _no("repository.NoSuchRepository")
        return found

    def pages(request: web.Request, items: list[Any]) -> web.Response:
        start, width = int(request.query.get("start", "0")), host.most
        is_last = start + width >= len(items)
        page = {"values": items[start : start + width], "isLastPage": is_last, "start": start}
        return web.json_response({**page, "nextPageStart": None if is_last else start + width})

    async def repos(request: web.Request) -> web.Response:
        if request.match_info["project"] != host.world.organization:
            raise _no("project.NoSuchProject")
        return pages(request, [_server_repo(host, each) for each in host.world.repos])

    async def branches(request: web.Request) -> web.Response:
        found = repo(request)
        return pages(request, [_server_branch(found, name) for name in found.branches])

    async def default(request: web.Request) -> web.Response:
        found = repo(request)
        if found.default is None:
            raise _no("repository.NoDefaultBranch")
        return web.json_response(_server_branch(found, found.default))

    async def browse(request: web.Request) -> web.Response:
        if not repo(request).has(request.match_info["path"]):
            raise _no("content.NoSuchPath")
        return web.json_response({"type": "FILE"})

    async def pulls(request: web.Request) -> web.Response:
        found = repo(request)
        items = [
            _server_pull(each)
            for each in host.world.pulls
            if found.name == host.world.pulls_of and each.state == "opened"
        ]
        return pages(request, items)

    place = f"{SERVER}/projects/{{project}}/repos/{{repo}}"
    return [
        web.get(f"{SERVER}/projects/{{project}}/repos", repos),
        web.get(f"{place}/branches", branches),
        web.get(f"{place}/branches/default", default),
        web.get(f"{place}/browse/{{path:.+}}", browse),
        web.get(f"{place}/pull-requests", pulls),
    ]


def _server_repo(host: Host, repo: Repo) -> Any:
    name = f"{host.world.organization}/{repo.name}"
    return {
        "id": repo.id,
        "slug": repo.name,
        "project": {"key": host.world.organization},
        "links": {
            "clone": [
                {"name": "http", "href": f"https://git.example/{name}.git"},
                {"name": "ssh", "href": f"git@git.example:{name}.git"},
            ]
        },
    }


def _server_branch(repo: Repo, name: str) -> Any:
    return {"id": f"refs/heads/{name}", "displayId": name, "latestCommit": repo.sha(name)}


def _server_pull(pull: Pull) -> Any:
    return {
        "id": pull.number,
        "title": pull.title,
        "fromRef": {"displayId": pull.branch, "latestCommit": pull.sha},
        "toRef": {"displayId": pull.target, "latestCommit": "0" * 40},
        "author": {"user": {"name": pull.author}},
    }
