"""What the stock command said and asked, as 148 recorded calls of it: one file each, in the order they ran.

The invariant: a file holds facts only (words of the command line, exit code, output, calls and answers as
JSON); what was asked and answered once more is left out.
"""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

FOLDER = Path(__file__).parent / "recordings"
FILES = sorted(FOLDER.glob("*.json"))
REQUESTS = Path(__file__).with_name("requests.jsonl")
"""What each recorded run asked, field by field as protobuf has it, zeros that Go writes as well."""

Document = dict[str, Any]


class Route(NamedTuple):
    """Where REST has a method: verb, path, and the field that is the body, `*` being all."""

    verb: str
    path: str
    body: str = ""


_APP = "/api/v1/applications/{name}"
_APPLICATION = "/api/v1/applications/{applicationName}"
ROUTES = {
    "account.AccountService/CanI": Route("GET", "/api/v1/account/can-i/{resource}/{action}/{subresource}"),
    "account.AccountService/CreateToken": Route("POST", "/api/v1/account/{name}/token", "*"),
    "account.AccountService/GetAccount": Route("GET", "/api/v1/account/{name}"),
    "account.AccountService/ListAccounts": Route("GET", "/api/v1/account"),
    "application.ApplicationService/Create": Route("POST", "/api/v1/applications", "application"),
    "application.ApplicationService/Delete": Route("DELETE", _APP),
    "application.ApplicationService/DeleteResource": Route("DELETE", f"{_APP}/resource"),
    "application.ApplicationService/Get": Route("GET", _APP),
    "application.ApplicationService/GetResource": Route("GET", f"{_APP}/resource"),
    "application.ApplicationService/List": Route("GET", "/api/v1/applications"),
    "application.ApplicationService/ListResourceActions": Route("GET", f"{_APP}/resource/actions"),
    "application.ApplicationService/ManagedResources": Route("GET", f"{_APPLICATION}/managed-resources"),
    "application.ApplicationService/Patch": Route("PATCH", _APP, "*"),
    "application.ApplicationService/PatchResource": Route("POST", f"{_APP}/resource", "patch"),
    "application.ApplicationService/PodLogs": Route("GET", f"{_APP}/logs"),
    "application.ApplicationService/ResourceTree": Route("GET", f"{_APPLICATION}/resource-tree"),
    "application.ApplicationService/Rollback": Route("POST", f"{_APP}/rollback", "*"),
    "application.ApplicationService/RunResourceActionV2": Route("POST", f"{_APP}/resource/actions/v2", "*"),
    "application.ApplicationService/Sync": Route("POST", f"{_APP}/sync", "*"),
    "application.ApplicationService/TerminateOperation": Route("DELETE", f"{_APP}/operation"),
    "application.ApplicationService/UpdateSpec": Route("PUT", f"{_APP}/spec", "spec"),
    "application.ApplicationService/Watch": Route("GET", "/api/v1/stream/applications"),
    "applicationset.ApplicationSetService/Create": Route("POST", "/api/v1/applicationsets", "applicationset"),
    "applicationset.ApplicationSetService/Delete": Route("DELETE", "/api/v1/applicationsets/{name}"),
    "applicationset.ApplicationSetService/Generate": Route("POST", "/api/v1/applicationsets/generate", "*"),
    "applicationset.ApplicationSetService/Get": Route("GET", "/api/v1/applicationsets/{name}"),
    "applicationset.ApplicationSetService/List": Route("GET", "/api/v1/applicationsets"),
    "certificate.CertificateService/CreateCertificate": Route("POST", "/api/v1/certificates", "certificates"),
    "certificate.CertificateService/ListCertificates": Route("GET", "/api/v1/certificates"),
    "cluster.ClusterService/Get": Route("GET", "/api/v1/clusters/{id}"),
    "cluster.ClusterService/List": Route("GET", "/api/v1/clusters"),
    "cluster.SettingsService/Get": Route("GET", "/api/v1/settings"),
    "gpgkey.GPGKeyService/List": Route("GET", "/api/v1/gpgkeys"),
    "project.ProjectService/Create": Route("POST", "/api/v1/projects", "*"),
    "project.ProjectService/CreateToken": Route("POST", "/api/v1/projects/{project}/roles/{role}/token", "*"),
    "project.ProjectService/Delete": Route("DELETE", "/api/v1/projects/{name}"),
    "project.ProjectService/Get": Route("GET", "/api/v1/projects/{name}"),
    "project.ProjectService/GetDetailedProject": Route("GET", "/api/v1/projects/{name}/detailed"),
    "project.ProjectService/List": Route("GET", "/api/v1/projects"),
    "project.ProjectService/Update": Route("PUT", "/api/v1/projects/{project.metadata.name}", "*"),
    "repocreds.RepoCredsService/CreateRepositoryCredentials": Route("POST", "/api/v1/repocreds", "creds"),
    "repocreds.RepoCredsService/DeleteRepositoryCredentials": Route("DELETE", "/api/v1/repocreds/{url}"),
    "repocreds.RepoCredsService/ListRepositoryCredentials": Route("GET", "/api/v1/repocreds"),
    "repository.RepositoryService/CreateRepository": Route("POST", "/api/v1/repositories", "repo"),
    "repository.RepositoryService/Get": Route("GET", "/api/v1/repositories/{repo}"),
    "repository.RepositoryService/ListRepositories": Route("GET", "/api/v1/repositories"),
    "repository.RepositoryService/ValidateAccess": Route(
        "POST", "/api/v1/repositories/{repo}/validate", "repo"
    ),
    "session.SessionService/Create": Route("POST", "/api/v1/session", "*"),
    "session.SessionService/GetUserInfo": Route("GET", "/api/v1/session/userinfo"),
    "version.VersionService/Version": Route("GET", "/api/version"),
}
"""The methods that the recordings call, and where REST has them (contract 14)."""

STREAMS = frozenset({"application.ApplicationService/Watch", "application.ApplicationService/PodLogs"})
HTTP_STATUS = {3: 400, 5: 404, 6: 409, 7: 403, 9: 400, 12: 501, 14: 503, 16: 401}
"""The status that REST gives each code of gRPC; others are 500."""


class Call(NamedTuple):
    """One call as REST has it: the request as a message, and what was answered."""

    rpc: str
    request: Document
    answer: Document


class Recording(NamedTuple):
    """One run of the stock command."""

    number: int
    argv: list[str]
    exit_code: int
    stdout: str
    stderr: str
    calls: list[Call]


def read(file: Path) -> Recording:
    """One recording, its calls as REST."""
    told: Document = json.loads(file.read_text(encoding="utf-8"))
    calls = [_call(call) for call in told["calls"]]
    return Recording(int(file.stem[:3]), told["argv"], told["exit"], told["stdout"], told["stderr"], calls)


def requests() -> dict[int, list[tuple[str, Document]]]:
    """The path and the request of each call over gRPC, by the recording's number."""
    rows = map(json.loads, REQUESTS.read_text(encoding="utf-8").splitlines())
    return {number: [(rpc, request) for rpc, request in calls] for number, calls in rows}


def answers(file: Path) -> list[Document]:
    """What each call over gRPC was answered: `answers`, or `code` and `message`."""
    told: Document = json.loads(file.read_text(encoding="utf-8"))
    return [call for call in told["calls"] if "rpc" in call]


def method_of(verb: str, path: str) -> str:
    """The method that a verb and a path mean. Raises LookupError."""
    for rpc, route in ROUTES.items():
        if route.verb == verb and re.fullmatch(re.sub(r"{[^}]+}", "[^/]+", route.path), path):
            return rpc
    raise LookupError(f"{verb} {path}")


def message_of(rpc: str, path: str, query: Document, body: Any) -> Document:
    """The request that a verb, path, query and body of REST make; path and query as they were sent."""
    route = ROUTES[rpc]
    names = re.findall(r"{([^}]+)}", route.path)
    found = re.fullmatch(re.sub(r"{[^}]+}", "([^/]+)", route.path), path)
    parts = map(unquote, found.groups() if found else ())
    message: Document = {**query, **dict(zip(names, parts, strict=True))}
    if route.body == "*":
        message |= body or {}
    elif route.body:
        message[route.body] = body
    message.pop("project.metadata.name", None)
    return said(message)


def said(value: Any) -> Any:
    """What a message says: defaults may be written or left out, and so may what servers keep of writers."""
    if isinstance(value, dict):
        kept = {key: said(inner) for key, inner in value.items() if key != "managedFields"}
        return {
            key: inner
            for key, inner in kept.items()
            if inner not in ("", 0, False, None, [], {}, "false", "0")
        }
    if isinstance(value, list):
        return [said(inner) for inner in value]
    return str(value).lower() if isinstance(value, int) else value


def _call(call: Document) -> Call:
    if "http" in call:
        verb, path = call["http"].split()
        return Call("", {}, {"verb": verb, "path": path, "status": 200, "body": {}})
    rpc, request = call["rpc"], call.get("request", {})
    route = ROUTES[rpc]
    answer: Document = {"verb": route.verb, "path": _path(call)}
    answers = call.get("answers", [])
    if "code" in call:
        answer |= {
            "status": HTTP_STATUS.get(call["code"], 500),
            "body": {"code": call["code"], "message": call["message"], "error": call["message"]},
        }
    elif rpc in STREAMS:
        answer["lines"] = answers
    else:
        answer["body"] = answers[0] if answers else {}
    return Call(rpc, request, answer)


def _path(call: Document) -> str:
    flat = dict(call.get("request", {}))
    project = flat.get("project")
    if isinstance(project, dict):
        flat["project.metadata.name"] = project["metadata"]["name"]
    if call["rpc"] == "cluster.ClusterService/Get":
        flat["id"] = flat.get("server") or flat.get("name")

    def filled(found: re.Match[str]) -> str:
        return quote(str(flat[found[1]]), safe="")

    return re.sub(r"{([^}]+)}", filled, ROUTES[call["rpc"]].path)
