"""Hosts as whoever reviews sees them: open requests, comments and statuses, behind six APIs.

Each host is below a path of its own; all have one repository, and comments keep their authors.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.scm.host import paged

ME, OTHER = 7, 8
TOKEN = "t0ken"
"""The token of `ME`."""
Handler = Callable[[web.Request], Any]


@dataclass
class Request:
    number: int
    sha: str
    branch: str = "feature"
    target: str = "main"
    is_fork: bool = False
    is_open: bool = True


@dataclass
class Remark:
    id: int
    number: int
    body: str
    author: int = ME
    version: int = 0


@dataclass
class Reviewed:
    """What a host has. `before` is called with the method and path of each request, and may raise."""

    url: str = ""
    requests: dict[int, Request] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    statuses: list[tuple[str, str, str]] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    before: Callable[[str, str], None] | None = None
    tells_who: bool = True
    _ids: Any = field(default_factory=lambda: itertools.count(100))

    def put(self, number: int, sha: str, **more: Any) -> Request:
        self.requests[number] = Request(number, sha, **more)
        return self.requests[number]

    def say(self, number: int, body: str, author: int = ME) -> Remark:
        remark = Remark(next(self._ids), number, body, author)
        self.remarks.append(remark)
        return remark

    def of(self, number: int) -> list[Remark]:
        return [each for each in self.remarks if each.number == number]

    def states(self, sha: str) -> list[str]:
        return [state for at, state, _ in self.statuses if at == sha]

    def remark(self, name: str) -> Remark:
        found = next((each for each in self.remarks if str(each.id) == name), None)
        if found is None:
            raise web.HTTPNotFound(text="no such comment")
        if found.author != ME:
            raise web.HTTPForbidden(text="somebody else's")
        return found

    def request(self, number: str) -> Request:
        found = self.requests.get(int(number))
        if found is None:
            raise web.HTTPNotFound(text="no such request")
        return found

    @property
    def open(self) -> list[Request]:
        return [each for each in self.requests.values() if each.is_open]


@contextlib.asynccontextmanager
async def serving() -> AsyncIterator[Reviewed]:
    """The hosts on a port of this machine."""
    host = Reviewed()

    @web.middleware
    async def watched(request: web.Request, handler: Handler) -> web.StreamResponse:
        host.asked.append((request.method, request.path))
        if host.before is not None:
            host.before(request.method, request.path)
        shown = request.headers.get("Authorization", "") + request.headers.get("PRIVATE-TOKEN", "")
        if TOKEN not in shown and "Basic" not in shown:
            return web.json_response({"message": "Bad credentials"}, status=401)
        try:
            return await handler(request)
        except web.HTTPException as error:
            return web.json_response({"message": error.text}, status=error.status)

    app = web.Application(middlewares=[watched], client_max_size=4 << 20)
    for routes in (_github, _gitlab, _gitea, _cloud, _server, _azure):
        app.add_routes(routes(host))
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield host
    finally:
        await runner.cleanup()


def _who(host: Reviewed, told: dict[str, Any]) -> Handler:
    async def who(_: web.Request) -> web.Response:
        if not host.tells_who:
            raise web.HTTPForbidden(text="no user")
        return web.json_response(told)

    return who


def _of_issues(
    host: Reviewed, api: str, pull: Callable[[Request], Any], user: Callable[[int], Any], size: str
) -> Any:
    """GitHub, and Gitea which is like it."""
    repo = f"{api}/repos/team/config"

    async def pulls(request: web.Request) -> web.Response:
        return paged(request, [pull(each) for each in host.open], 3, size=size)

    async def one(request: web.Request) -> web.Response:
        return web.json_response(pull(host.request(request.match_info["number"])))

    def remark(each: Remark) -> Any:
        return {"id": each.id, "body": each.body, "user": user(each.author)}

    async def comments(request: web.Request) -> web.Response:
        found = [remark(each) for each in host.of(int(request.match_info["number"]))]
        return web.json_response(found) if size == "limit" else paged(request, found, 3)

    async def comment(request: web.Request) -> web.Response:
        body = (await request.json())["body"]
        return web.json_response(remark(host.say(int(request.match_info["number"]), body)), status=201)

    async def rewrite(request: web.Request) -> web.Response:
        found = host.remark(request.match_info["id"])
        found.body = (await request.json())["body"]
        return web.json_response(remark(found))

    async def status(request: web.Request) -> web.Response:
        value = await request.json()
        assert value["context"] == "fairlead/preview"
        host.statuses.append((request.match_info["sha"], value["state"], value["description"]))
        return web.json_response(value, status=201)

    return [
        web.get(f"{api}/user", _who(host, user(ME))),
        web.get(f"{repo}/pulls", pulls),
        web.get(f"{repo}/pulls/{{number}}", one),
        web.get(f"{repo}/issues/{{number}}/comments", comments),
        web.post(f"{repo}/issues/{{number}}/comments", comment),
        web.patch(f"{repo}/issues/comments/{{id}}", rewrite),
        web.post(f"{repo}/statuses/{{sha}}", status),
    ]


def _github(host: Reviewed) -> Any:
    def pull(each: Request) -> Any:
        fork = "stranger/config" if each.is_fork else "team/config"
        return {
            "number": each.number,
            "state": "open" if each.is_open else "closed",
            "head": {"ref": each.branch, "sha": each.sha, "repo": {"full_name": fork}},
            "base": {"ref": each.target, "sha": "0" * 40, "repo": {"full_name": "team/config"}},
        }

    return _of_issues(host, "/github/api/v3", pull, lambda who: {"login": f"user-{who}"}, "per_page")


def _gitea(host: Reviewed) -> Any:
    def pull(each: Request) -> Any:
        return {
            "number": each.number,
            "state": "open" if each.is_open else "closed",
            "head": {"ref": each.branch, "sha": each.sha, "repo_id": 2 if each.is_fork else 1},
            "base": {"ref": each.target, "sha": "0" * 40, "repo_id": 1},
        }

    return _of_issues(host, "/gitea/api/v1", pull, lambda who: {"id": who, "login": f"user-{who}"}, "limit")


def _gitlab(host: Reviewed) -> Any:
    api = "/gitlab/api/v4"
    project = f"{api}/projects/team%2Fconfig"

    def read(each: Request) -> Any:
        return {
            "iid": each.number,
            "state": "opened" if each.is_open else "closed",
            "sha": each.sha,
            "source_branch": each.branch,
            "target_branch": each.target,
            "source_project_id": 2 if each.is_fork else 1,
            "target_project_id": 1,
        }

    def note(each: Remark) -> Any:
        return {"id": each.id, "body": each.body, "author": {"id": each.author}, "system": False}

    async def requests(request: web.Request) -> web.Response:
        return paged(request, [read(each) for each in host.open], 3)

    async def one(request: web.Request) -> web.Response:
        return web.json_response(read(host.request(request.match_info["number"])))

    async def notes(request: web.Request) -> web.Response:
        assert request.query["sort"] == "asc"
        return paged(request, [note(each) for each in host.of(int(request.match_info["number"]))], 3)

    async def comment(request: web.Request) -> web.Response:
        body = (await request.json())["body"]
        return web.json_response(note(host.say(int(request.match_info["number"]), body)), status=201)

    async def rewrite(request: web.Request) -> web.Response:
        found = host.remark(request.match_info["id"])
        found.body = (await request.json())["body"]
        return web.json_response(note(found))

    async def status(request: web.Request) -> web.Response:
        value, sha = await request.json(), request.match_info["sha"]
        before = [state for at, state, _ in host.statuses if at == sha]
        if before and before[-1] == value["state"]:
            raise web.HTTPBadRequest(text="Cannot transition status via :enqueue from :pending")
        host.statuses.append((sha, value["state"], value["description"]))
        return web.json_response(value, status=201)

    one_request = f"{project}/merge_requests/{{number}}"
    return [
        web.get(f"{api}/user", _who(host, {"id": ME})),
        web.get(f"{project}/merge_requests", requests),
        web.get(one_request, one),
        web.get(f"{one_request}/notes", notes),
        web.post(f"{one_request}/notes", comment),
        web.put(f"{one_request}/notes/{{id}}", rewrite),
        web.post(f"{project}/statuses/{{sha}}", status),
    ]


def _cloud(host: Reviewed) -> Any:
    api = "/bitbucket/2.0"
    repo = f"{api}/repositories/team/config"

    def page(request: web.Request, items: list[Any]) -> web.Response:
        number = int(request.query.get("page", "1"))
        value: dict[str, Any] = {"values": items[(number - 1) * 3 : number * 3]}
        if number * 3 < len(items):
            value["next"] = str(request.url.update_query({"page": str(number + 1)}))
        return web.json_response(value)

    def read(each: Request) -> Any:
        def side(branch: str, sha: str, name: str) -> Any:
            return {
                "branch": {"name": branch},
                "commit": {"hash": sha[:12]},
                "repository": {"full_name": name},
            }

        fork = "stranger/config" if each.is_fork else "team/config"
        return {
            "id": each.number,
            "state": "OPEN" if each.is_open else "MERGED",
            "source": side(each.branch, each.sha, fork),
            "destination": side(each.target, "0" * 40, "team/config"),
        }

    def told(each: Remark) -> Any:
        return {"id": each.id, "content": {"raw": each.body}, "user": {"uuid": f"{{{each.author}}}"}}

    async def requests(request: web.Request) -> web.Response:
        return page(request, [read(each) for each in host.open])

    async def one(request: web.Request) -> web.Response:
        return web.json_response(read(host.request(request.match_info["number"])))

    async def comments(request: web.Request) -> web.Response:
        return page(request, [told(each) for each in host.of(int(request.match_info["number"]))])

    async def comment(request: web.Request) -> web.Response:
        body = (await request.json())["content"]["raw"]
        return web.json_response(told(host.say(int(request.match_info["number"]), body)), status=201)

    async def rewrite(request: web.Request) -> web.Response:
        found = host.remark(request.match_info["id"])
        found.body = (await request.json())["content"]["raw"]
        return web.json_response(told(found))

    async def status(request: web.Request) -> web.Response:
        value = await request.json()
        assert value["url"].startswith("http")
        host.statuses.append((request.match_info["sha"], value["state"], value["description"]))
        return web.json_response(value, status=201)

    one_request = f"{repo}/pullrequests/{{number}}"
    return [
        web.get(f"{api}/user", _who(host, {"uuid": f"{{{ME}}}"})),
        web.get(f"{repo}/pullrequests", requests),
        web.get(one_request, one),
        web.get(f"{one_request}/comments", comments),
        web.post(f"{one_request}/comments", comment),
        web.put(f"{one_request}/comments/{{id}}", rewrite),
        web.post(f"{repo}/commit/{{sha}}/statuses/build", status),
    ]


def _server(host: Reviewed) -> Any:
    repo = "/stash/rest/api/1.0/projects/team/repos/config"

    def page(request: web.Request, items: list[Any]) -> web.Response:
        start = int(request.query.get("start", "0"))
        is_last = start + 3 >= len(items)
        value = {"values": items[start : start + 3], "isLastPage": is_last}
        return web.json_response({**value, "nextPageStart": None if is_last else start + 3})

    def read(each: Request) -> Any:
        source = {"id": 2 if each.is_fork else 1}
        return {
            "id": each.number,
            "state": "OPEN" if each.is_open else "MERGED",
            "fromRef": {"displayId": each.branch, "latestCommit": each.sha, "repository": source},
            "toRef": {"displayId": each.target, "latestCommit": "0" * 40, "repository": {"id": 1}},
        }

    def told(each: Remark) -> Any:
        author = {"name": f"user-{each.author}"}
        return {"id": each.id, "version": each.version, "text": each.body, "author": author}

    async def requests(request: web.Request) -> web.Response:
        return page(request, [read(each) for each in host.open])

    async def one(request: web.Request) -> web.Response:
        headers = {"X-AUSERNAME": f"user-{ME}"} if host.tells_who else {}
        return web.json_response(read(host.request(request.match_info["number"])), headers=headers)

    async def activities(request: web.Request) -> web.Response:
        found = [
            {"action": "COMMENTED", "comment": told(each)}
            for each in reversed(host.of(int(request.match_info["number"])))
        ]
        return page(request, [*found, {"action": "OPENED"}])

    async def comment(request: web.Request) -> web.Response:
        body = (await request.json())["text"]
        return web.json_response(told(host.say(int(request.match_info["number"]), body)), status=201)

    async def rewrite(request: web.Request) -> web.Response:
        found, value = host.remark(request.match_info["id"]), await request.json()
        if value["version"] != found.version:
            raise web.HTTPConflict(text="another version")
        found.body, found.version = value["text"], found.version + 1
        return web.json_response(told(found))

    async def status(request: web.Request) -> web.Response:
        value = await request.json()
        host.statuses.append((request.match_info["sha"], value["state"], value["description"]))
        return web.Response(status=204)

    one_request = f"{repo}/pull-requests/{{number}}"
    return [
        web.get(f"{repo}/pull-requests", requests),
        web.get(one_request, one),
        web.get(f"{one_request}/activities", activities),
        web.post(f"{one_request}/comments", comment),
        web.put(f"{one_request}/comments/{{id}}", rewrite),
        web.post("/stash/rest/build-status/1.0/commits/{sha}", status),
    ]


def _azure(host: Reviewed) -> Any:
    repo = "/azure/team/project/_apis/git/repositories/config"

    def read(each: Request) -> Any:
        fork = {"forkSource": {"name": "refs/heads/x"}} if each.is_fork else {}
        return {
            "pullRequestId": each.number,
            "status": "active" if each.is_open else "completed",
            "sourceRefName": f"refs/heads/{each.branch}",
            "targetRefName": f"refs/heads/{each.target}",
            "lastMergeSourceCommit": {"commitId": each.sha},
            **fork,
        }

    def thread(each: Remark) -> Any:
        comment = {"id": 1, "content": each.body, "author": {"id": f"user-{each.author}"}}
        return {"id": each.id, "comments": [comment]}

    async def requests(request: web.Request) -> web.Response:
        at, most = int(request.query["$skip"]), int(request.query["$top"])
        return web.json_response({"value": [read(each) for each in host.open][at : at + most]})

    async def one(request: web.Request) -> web.Response:
        return web.json_response(read(host.request(request.match_info["number"])))

    async def threads(request: web.Request) -> web.Response:
        found = [thread(each) for each in host.of(int(request.match_info["number"]))]
        return web.json_response({"value": found})

    async def comment(request: web.Request) -> web.Response:
        body = (await request.json())["comments"][0]["content"]
        return web.json_response(thread(host.say(int(request.match_info["number"]), body)))

    async def rewrite(request: web.Request) -> web.Response:
        found = host.remark(request.match_info["id"])
        found.body = (await request.json())["content"]
        return web.json_response(thread(found))

    async def status(request: web.Request) -> web.Response:
        value = await request.json()
        host.statuses.append((request.match_info["sha"], value["state"], value["description"]))
        return web.json_response(value, status=201)

    who = {"authenticatedUser": {"id": f"user-{ME}"}}
    return [
        web.get("/azure/team/_apis/connectionData", _who(host, who)),
        web.get(f"{repo}/pullrequests", requests),
        web.get(f"{repo}/pullrequests/{{number}}", one),
        web.get(f"{repo}/pullRequests/{{number}}/threads", threads),
        web.post(f"{repo}/pullRequests/{{number}}/threads", comment),
        web.patch(f"{repo}/pullRequests/{{number}}/threads/{{id}}/comments/1", rewrite),
        web.post(f"{repo}/commits/{{sha}}/statuses", status),
    ]


ENTRIES: dict[str, dict[str, object]] = {
    "github": {"provider": "github", "api": "/github"},
    "gitlab": {"provider": "gitlab", "api": "/gitlab"},
    "gitea": {"provider": "gitea", "api": "/gitea"},
    "bitbucket": {"provider": "bitbucket", "api": "/bitbucket"},
    "bitbucket-server": {"provider": "bitbucket-server", "api": "/stash"},
    "azure-devops": {"provider": "azure-devops", "api": "/azure"},
}
"""How argocd-cm says each, less the address of the server before `api`."""
