"""AWS CodeCommit and the tagging service, below /aws; what is asked has to be signed with the one key."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import parse_qs

from aiohttp import web

from tests.fakes.scm.host import Host
from tests.fakes.scm.world import Repo

ACCESS, SECRET = "AKIAEXAMPLEEXAMPLE", "the-secret-key"
ACCOUNT = "111111111111"


class RefusedError(Exception):
    """What the service says no with."""

    def __init__(self, code: str) -> None:
        self.code = code


def routes(host: Host) -> list[web.RouteDef]:
    async def answered(request: web.Request) -> web.Response:
        body = await request.read()
        if not is_signed(request, body):
            return web.json_response({"__type": "InvalidSignatureException"}, status=403)
        action = request.headers["X-Amz-Target"].rpartition(".")[2]
        try:
            return web.json_response(ACTIONS[action](host, json.loads(body)))
        except RefusedError as error:
            name = f"com.amazonaws.codecommit#{error.code}"
            return web.json_response({"__type": name, "message": "no"}, status=400)

    async def assumed(request: web.Request) -> web.Response:
        body = await request.read()
        form = parse_qs(body.decode())
        if not is_signed(request, body) or form["Action"] != ["AssumeRole"]:
            return web.Response(status=403)
        fields = {"AccessKeyId": ACCESS, "SecretAccessKey": SECRET, "SessionToken": form["RoleArn"][0]}
        inner = "".join(f"<{name}>{text}</{name}>" for name, text in fields.items())
        return web.Response(
            text=f"<AssumeRoleResponse><Credentials>{inner}</Credentials></AssumeRoleResponse>"
        )

    return [web.post("/aws/", answered), web.post("/sts/", assumed)]


def is_signed(request: web.Request, body: bytes) -> bool:
    """Whether the signature is that of the key, over what was sent."""
    scheme, _, rest = request.headers["Authorization"].partition(" ")
    told = dict(part.strip().split("=", 1) for part in rest.split(","))
    access, day, region, service, end = told["Credential"].split("/")
    names = told["SignedHeaders"].split(";")
    lines = "".join(f"{name}:{request.headers[name].strip()}\n" for name in names)
    digest = hashlib.sha256(body).hexdigest()
    canonical = "\n".join(("POST", request.path, "", lines, ";".join(names), digest))
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    scope = f"{day}/{region}/{service}/{end}"
    text = f"AWS4-HMAC-SHA256\n{request.headers['X-Amz-Date']}\n{scope}\n{hashed}"
    key = f"AWS4{SECRET}".encode()
    for part in (day, region, service, end):
        key = hmac.digest(key, part.encode(), "sha256")
    wanted = hmac.digest(key, text.encode(), "sha256").hex()
    signed = {name.lower() for name in request.headers if name.lower().startswith("x-amz-")}
    is_whole = signed | {"host"} <= set(names)
    return scheme == "AWS4-HMAC-SHA256" and access == ACCESS and is_whole and told["Signature"] == wanted


def _repo(host: Host, asked: Any) -> Repo:
    found = host.world.of(asked["repositoryName"])
    if found is None:
        raise RefusedError("RepositoryDoesNotExistException")
    return found


def _part(host: Host, items: list[Any], token: str | None) -> tuple[list[Any], str | None]:
    at = int(token or 0)
    following = at + host.most
    return items[at:following], str(following) if following < len(items) else None


def _list(host: Host, asked: Any) -> Any:
    names = [{"repositoryName": repo.name} for repo in host.world.repos]
    items, token = _part(host, names, asked.get("nextToken"))
    return {"repositories": items, "nextToken": token}


def _tagged(host: Host, asked: Any) -> Any:
    wanted = asked["TagFilters"]
    items = [
        {"ResourceARN": f"arn:aws:codecommit:eu-west-1:{ACCOUNT}:{repo.name}"}
        for repo in host.world.repos
        if all(_has_tag(repo, each) for each in wanted)
    ]
    some, token = _part(host, items, asked.get("PaginationToken"))
    return {"ResourceTagMappingList": some, "PaginationToken": token or ""}


def _has_tag(repo: Repo, wanted: Any) -> bool:
    """Topics stand for the values of the tag `topic`."""
    values = wanted.get("Values", [])
    return wanted["Key"] == "topic" and bool(set(repo.topics) & set(values) if values else repo.topics)


def _batch(host: Host, asked: Any) -> Any:
    found = [repo for name in asked["repositoryNames"] if (repo := host.world.of(name))]
    known = {repo.name for repo in found}
    return {
        "repositories": [_metadata(host, repo) for repo in found],
        "repositoriesNotFound": [name for name in asked["repositoryNames"] if name not in known],
    }


def _metadata(host: Host, repo: Repo) -> Any:
    name = f"{host.world.organization}/{repo.name}"
    return {
        "accountId": host.world.organization,
        "repositoryId": f"uuid-{repo.id}",
        "repositoryName": repo.name,
        "cloneUrlHttp": f"https://git.example/{name}.git",
        "cloneUrlSsh": f"git@git.example:{name}.git",
        "defaultBranch": repo.default,
    }


def _branches(host: Host, asked: Any) -> Any:
    items, token = _part(host, _repo(host, asked).branches, asked.get("nextToken"))
    return {"branches": items, "nextToken": token}


def _branch(host: Host, asked: Any) -> Any:
    repo, name = _repo(host, asked), asked["branchName"]
    if name not in repo.branches:
        raise RefusedError("BranchDoesNotExistException")
    return {"branch": {"branchName": name, "commitId": repo.sha(name)}}


def _folder(host: Host, asked: Any) -> Any:
    repo, path = _repo(host, asked), asked["folderPath"].strip("/")
    names = repo.folder(path)
    if not names:
        raise RefusedError("FolderDoesNotExistException")
    paths = [f"{path}/{name}".strip("/") for name in names]
    return {
        "commitId": asked["commitSpecifier"],
        "folderPath": path,
        "files": [{"absolutePath": each} for each in paths if each in repo.files],
        "subFolders": [{"absolutePath": each} for each in paths if each not in repo.files],
    }


ACTIONS = {
    "ListRepositories": _list,
    "GetResources": _tagged,
    "BatchGetRepositories": _batch,
    "ListBranches": _branches,
    "GetBranch": _branch,
    "GetFolder": _folder,
}
