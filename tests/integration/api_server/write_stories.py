"""What is written in turn to the things that the API keeps: JSON of messages, with `%` for a mark."""

import base64
from typing import Any, NamedTuple

from tests.integration.api_server.test_trust import ANN, KEY, TWO_KEYS

Document = dict[str, Any]
PASSWORD = "a long enough password"


class Step(NamedTuple):
    """One thing that is asked, with `%` for the mark; a message's JSON."""

    rpc: str
    fields: Document


def app_step(rpc: str, /, **fields: Any) -> Step:
    """A step of the service of applications."""
    return Step(f"/application.ApplicationService/{rpc}", fields)


def spec(**more: Any) -> Document:
    """What the application of a story is."""
    return {
        "project": "default",
        "source": {"repoURL": "https://git.example/a.git", "path": "apps/%", "targetRevision": "main"},
        "destination": {"server": "https://kubernetes.default.svc", "namespace": "%"},
        **more,
    }


WEB = {"namespace": "x", "resourceName": "%", "version": "v1", "group": "apps", "kind": "Deployment"}
HISTORY = {"id": 7, "revision": "0" * 40, "deployedAt": "2026-01-01T00:00:00Z", "source": spec()["source"]}
RUNNING = {"phase": "Running", "operation": {"sync": {}}, "startedAt": "2026-01-01T00:00:00Z"}
"""An operation that somebody else carries out."""

REPOSITORY = "/repository.RepositoryService"
TEMPLATES = "/repocreds.RepoCredsService"
CLUSTERS = "/cluster.ClusterService"
ACCOUNTS = "/account.AccountService"
PROJECTS_OF = "/project.ProjectService"
SETS = "/applicationset.ApplicationSetService"
KEYS = "/gpgkey.GPGKeyService"
TRUST = "/certificate.CertificateService"
SESSIONS = "/session.SessionService"

ROLE = {"name": "ci", "policies": ["p, proj:%:ci, applications, get, %/*, allow"]}
PROJECT = {
    "metadata": {"name": "%", "labels": {"a": "b"}},
    "spec": {
        "description": "one",
        "sourceRepos": ["*"],
        "destinations": [{"server": "*", "namespace": "%"}],
        "roles": [ROLE],
        "syncWindows": [{"kind": "deny", "schedule": "0 0 1 1 *", "duration": "1h", "applications": ["*"]}],
    },
}
SET = {
    "metadata": {"name": "%"},
    "spec": {
        "goTemplate": True,
        "generators": [{"list": {"elements": [{"name": "one"}]}}],
        "template": {"metadata": {"name": "%-{{.name}}"}, "spec": spec()},
    },
}
CREDS = {"url": "https://git.example/%", "username": "u", "password": "p", "githubAppID": 7}
AT_CLUSTER = {"id": {"type": "", "value": "https://%.example:6443"}}
CLUSTER = {
    "server": "https://%.example:6443",
    "name": "%",
    "namespaces": ["a", "b"],
    "labels": {"env": "prod"},
    "shard": 0,
    "config": {"bearerToken": "t", "tlsClientConfig": {"insecure": True, "serverName": "x"}},
}
HOST = {
    "serverName": "%.example",
    "certType": "ssh",
    "certSubType": "ssh-ed25519",
    "certData": base64.b64encode(KEY.encode()).decode(),
}


def repository_story(write: str, create: str, update: str, delete: str) -> tuple[Step, ...]:
    """The life of a repository's entry."""
    repo = {"repo": "URL", "type": "git", "name": "%", "depth": 3, "insecure": True, "enableLfs": True}
    return (
        Step(f"{REPOSITORY}/Validate{write}Access", {"repo": "URL", "type": "git", "username": "u%"}),
        Step(f"{REPOSITORY}/{create}", {"repo": repo}),
        Step(f"{REPOSITORY}/{create}", {"repo": {**repo, "depth": 0}}),
        Step(f"{REPOSITORY}/{update}", {"repo": {**repo, "username": "u", "password": "p", "depth": 0}}),
        Step(f"{REPOSITORY}/{delete}", {"repo": "URL"}),
        Step(f"{REPOSITORY}/{delete}", {"repo": "URL"}),
    )


def credentials_story(write: str) -> tuple[Step, ...]:
    """The life of a template of credentials."""
    return (
        Step(f"{TEMPLATES}/Create{write}RepositoryCredentials", {"creds": CREDS}),
        Step(f"{TEMPLATES}/Create{write}RepositoryCredentials", {"creds": {**CREDS, "password": "q"}}),
        Step(f"{TEMPLATES}/Create{write}RepositoryCredentials", {"creds": CREDS, "upsert": True}),
        Step(f"{TEMPLATES}/Update{write}RepositoryCredentials", {"creds": {**CREDS, "username": "v"}}),
        Step(f"{TEMPLATES}/Delete{write}RepositoryCredentials", {"url": CREDS["url"]}),
    )


STORIES: dict[str, tuple[Step, ...]] = {
    "application": (
        app_step("Create", application={"metadata": {"name": "%"}, "spec": spec()}, validate=False),
        app_step("Create", application={"metadata": {"name": "%"}, "spec": spec(project="x")}),
        app_step(
            "Update",
            application={"metadata": {"name": "%", "labels": {"a": "b"}}, "spec": spec()},
            validate=False,
        ),
        app_step("UpdateSpec", name="%", spec=spec(revisionHistoryLimit=0), validate=False),
        app_step("Patch", name="%", patch='{"metadata":{"labels":{"c":"d"}}}', patchType="merge"),
        app_step(
            "Patch",
            name="%",
            patch='[{"op":"replace","path":"/spec/source/path","value":"b"}]',
            patchType="json",
        ),
        app_step("Rollback", name="%", id=7, prune=True, dryRun=True),
        app_step("TerminateOperation", name="%"),
        app_step("PatchResource", name="%", **WEB, patch='{"a":1}', patchType="application/merge-patch+json"),
        app_step("DeleteResource", name="%", **WEB, force=True, orphan=False),
        app_step("RunResourceAction", name="%", **WEB, action="restart"),
        app_step(
            "RunResourceActionV2",
            name="%",
            **WEB,
            action="scale",
            resourceActionParameters=[{"name": "replicas", "value": "3"}],
        ),
        app_step("Delete", name="%", cascade=True, propagationPolicy="background"),
        app_step("Delete", name="%", cascade=False),
    ),
    "sync": (
        app_step("Create", application={"metadata": {"name": "%"}, "spec": spec()}, validate=False),
        app_step(
            "Sync",
            name="%",
            revision="main",
            dryRun=True,
            prune=True,
            strategy={"hook": {"force": True}},
            resources=[{"group": "apps", "kind": "Deployment", "name": "web", "namespace": "%"}],
            infos=[{"name": "a", "value": "b"}],
            retryStrategy={"limit": 2, "backoff": {"duration": "5s", "factor": 2, "maxDuration": "3m"}},
            syncOptions={"items": ["Replace=true", "PruneLast=true"]},
        ),
        app_step("Sync", name="%"),
        app_step("Delete", name="%", cascade=False),
    ),
    "project": (
        Step(f"{PROJECTS_OF}/Create", {"project": PROJECT}),
        Step(f"{PROJECTS_OF}/Create", {"project": {**PROJECT, "spec": {}}}),
        Step(f"{PROJECTS_OF}/Create", {"project": {**PROJECT, "spec": {"roles": [ROLE]}}, "upsert": True}),
        Step(f"{PROJECTS_OF}/Update", {"project": {**PROJECT, "metadata": {"name": "%"}}}),
        Step(f"{PROJECTS_OF}/CreateToken", {"project": "%", "role": "ci", "id": "one", "expiresIn": 3600}),
        Step(f"{PROJECTS_OF}/DeleteToken", {"project": "%", "role": "ci", "id": "one", "iat": 1}),
        Step(f"{PROJECTS_OF}/Delete", {"name": "%"}),
        Step(f"{PROJECTS_OF}/Delete", {"name": "%"}),
    ),
    "application set": (
        Step(f"{SETS}/Create", {"applicationset": SET}),
        Step(f"{SETS}/Create", {"applicationset": SET, "upsert": True, "dryRun": True}),
        Step(f"{SETS}/Generate", {"applicationSet": SET}),
        Step(f"{SETS}/Delete", {"name": "%"}),
        Step(f"{SETS}/Delete", {"name": "%"}),
    ),
    "repository": repository_story("", "CreateRepository", "UpdateRepository", "DeleteRepository"),
    "repository, by older names": repository_story("", "Create", "Update", "Delete"),
    "repository to write": repository_story(
        "Write", "CreateWriteRepository", "UpdateWriteRepository", "DeleteWriteRepository"
    ),
    "credentials": credentials_story(""),
    "credentials to write": credentials_story("Write"),
    "cluster": (
        Step(f"{CLUSTERS}/Create", {"cluster": CLUSTER}),
        Step(f"{CLUSTERS}/Create", {"cluster": {**CLUSTER, "name": "other"}}),
        Step(
            f"{CLUSTERS}/Update",
            {"cluster": {**CLUSTER, "labels": {"x": "y"}}, "updatedFields": ["labels"], **AT_CLUSTER},
        ),
        Step(f"{CLUSTERS}/Update", {"cluster": {**CLUSTER, "namespaces": ["c"]}, **AT_CLUSTER}),
        Step(f"{CLUSTERS}/InvalidateCache", AT_CLUSTER),
        Step(f"{CLUSTERS}/RotateAuth", AT_CLUSTER),
        Step(f"{CLUSTERS}/Delete", {"id": {"type": "name", "value": "%"}}),
        Step(f"{CLUSTERS}/Delete", AT_CLUSTER),
    ),
    "certificates": (
        Step(f"{TRUST}/CreateCertificate", {"certificates": {"items": [HOST]}}),
        Step(f"{TRUST}/CreateCertificate", {"certificates": {"items": [HOST]}, "upsert": True}),
        Step(f"{TRUST}/DeleteCertificate", {"hostNamePattern": "%.example", "certType": "ssh"}),
    ),
    "keys": (
        Step(f"{KEYS}/Create", {"publickey": {"keyData": TWO_KEYS}}),
        Step(f"{KEYS}/Delete", {"keyID": ANN}),
        Step(f"{KEYS}/Delete", {"keyID": "F553745EF22FC04A"}),
        Step(f"{KEYS}/Delete", {"keyID": "nonsense"}),
    ),
    "account": (
        Step(
            f"{ACCOUNTS}/UpdatePassword",
            {"name": "%", "newPassword": PASSWORD, "currentPassword": "CURRENT"},
        ),
        Step(f"{ACCOUNTS}/CreateToken", {"name": "%", "id": "one", "expiresIn": 3600}),
        Step(f"{ACCOUNTS}/CreateToken", {"name": "%", "id": "one"}),
        Step(f"{ACCOUNTS}/DeleteToken", {"name": "%", "id": "one"}),
    ),
    "session": (
        Step(f"{SESSIONS}/Create", {"username": "nobody-%", "password": "x"}),
        Step(f"{SESSIONS}/Create", {"username": "admin", "password": "CURRENT"}),
        Step(f"{SESSIONS}/Delete", {}),
    ),
}
