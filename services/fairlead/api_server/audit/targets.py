"""What each call that changes something is about, made of its request.

Invariant: every RPC of ours is in exactly one of the two tables; a test sees to it.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from fairlead.api_server.audit.target import ACCOUNT, Target, of, of_object, of_url

Find = Callable[[Any], Target]


def _application(*details: str) -> Find:
    def find(asked: Any) -> Target:
        said = {name: getattr(asked, name) for name in details}
        return of("Application", asked.name, namespace=asked.app_namespace, project=asked.project, **said)

    return find


def _live(*details: str) -> Find:
    application = _application(*details)

    def find(asked: Any) -> Target:
        resource = f"{asked.group}/{asked.kind}/{asked.namespace}/{asked.resource_name}"
        return msgspec.structs.replace(application(asked), resource=resource[:1024])

    return find


def _sync(asked: Any) -> Target:
    resources = tuple(f"{item.group}/{item.kind}/{item.name}" for item in asked.resources)
    return of(
        "Application",
        asked.name,
        namespace=asked.app_namespace,
        project=asked.project,
        revision=asked.revision or asked.revisions,
        dry_run=asked.dry_run,
        prune=asked.prune,
        resources=resources,
        manifests=len(asked.manifests),
        options=asked.sync_options.items if asked.sync_options is not None else (),
    )


def _cluster(asked: Any) -> Target:
    server, name = asked.wanted
    return of_url("Cluster", name or server)


def _given_cluster(asked: Any) -> Target:
    called = getattr(asked, "id", None)
    name = asked.cluster.get("server") or asked.cluster.get("name") or (called.called if called else "")
    return of_url(
        "Cluster", name, project=asked.cluster.get("project"), upsert=getattr(asked, "upsert", False)
    )


def _given_repository(kind: str) -> Find:
    def find(asked: Any) -> Target:
        upsert = getattr(asked, "upsert", False)
        return of_url(kind, asked.repo.get("repo"), project=asked.repo.get("project"), upsert=upsert)

    return find


def _repository(kind: str) -> Find:
    return lambda asked: of_url(kind, asked.repo, project=asked.app_project)


def _given_credentials(kind: str) -> Find:
    return lambda asked: of_url(kind, asked.creds.get("url"), upsert=getattr(asked, "upsert", False))


def _credentials(kind: str) -> Find:
    return lambda asked: of_url(kind, asked.url)


def _certificates(asked: Any) -> Target:
    items = asked.certificates.get("items")
    names = tuple(
        str(item.get("serverName", ""))
        for item in (items if isinstance(items, list) else ())
        if isinstance(item, dict)
    )
    return of("Certificate", names, upsert=asked.upsert)


def _rows() -> dict[str, Find]:
    app, account = "/application.ApplicationService", "/account.AccountService"
    cluster, project = "/cluster.ClusterService", "/project.ProjectService"
    repo, creds = "/repository.RepositoryService", "/repocreds.RepoCredsService"
    found: dict[str, Find] = {
        f"{app}/Create": lambda asked: of_object("Application", asked.application, upsert=asked.upsert),
        f"{app}/Update": lambda asked: of_object("Application", asked.application, project=asked.project),
        f"{app}/UpdateSpec": _application(),
        f"{app}/Patch": _application("patch_type"),
        f"{app}/Delete": _application("cascade", "propagation_policy"),
        f"{app}/Sync": _sync,
        f"{app}/Rollback": _application("id", "dry_run", "prune"),
        f"{app}/TerminateOperation": _application(),
        f"{app}/PatchResource": _live("patch_type"),
        f"{app}/DeleteResource": _live("force", "orphan"),
        f"{app}/RunResourceAction": _live("action"),
        f"{app}/RunResourceActionV2": _live("action"),
        "/applicationset.ApplicationSetService/Create": lambda asked: of_object(
            "ApplicationSet", asked.applicationset, upsert=asked.upsert, dry_run=asked.dry_run
        ),
        "/applicationset.ApplicationSetService/Delete": lambda asked: of(
            "ApplicationSet", asked.name, namespace=asked.appset_namespace
        ),
        f"{project}/Create": lambda asked: of_object("AppProject", asked.project, upsert=asked.upsert),
        f"{project}/Update": lambda asked: of_object("AppProject", asked.project),
        f"{project}/Delete": lambda asked: of("AppProject", asked.name),
        f"{project}/CreateToken": lambda asked: of("AppProject", asked.project, role=asked.role, id=asked.id),
        f"{project}/DeleteToken": lambda asked: of("AppProject", asked.project, role=asked.role, id=asked.id),
        f"{account}/UpdatePassword": lambda asked: of(ACCOUNT, asked.name),
        f"{account}/CreateToken": lambda asked: of(ACCOUNT, asked.name, id=asked.id),
        f"{account}/DeleteToken": lambda asked: of(ACCOUNT, asked.name, id=asked.id),
        "/session.SessionService/Create": lambda asked: of(ACCOUNT, asked.username),
        "/certificate.CertificateService/CreateCertificate": _certificates,
        "/certificate.CertificateService/DeleteCertificate": lambda asked: of(
            "Certificate", asked.host_name_pattern, type=asked.cert_type, sub_type=asked.cert_sub_type
        ),
        "/gpgkey.GPGKeyService/Create": lambda asked: of("GnuPGPublicKey", upsert=asked.upsert),
        "/gpgkey.GPGKeyService/Delete": lambda asked: of("GnuPGPublicKey", asked.key_id),
    }
    for verb in ("Create", "Update"):
        found[f"{cluster}/{verb}"] = _given_cluster
    for verb in ("Delete", "RotateAuth", "InvalidateCache"):
        found[f"{cluster}/{verb}"] = _cluster
    for kind, word in (("Repository", ""), ("WriteRepository", "Write")):
        for verb in ("Create", "Update"):
            found[f"{repo}/{verb}{word}Repository"] = _given_repository(kind)
            found[f"{creds}/{verb}{word}RepositoryCredentials"] = _given_credentials(f"{kind}Credentials")
        found[f"{repo}/Delete{word}Repository"] = _repository(kind)
        found[f"{creds}/Delete{word}RepositoryCredentials"] = _credentials(f"{kind}Credentials")
    for verb in ("Create", "Update"):
        found[f"{repo}/{verb}"] = _given_repository("Repository")
    found[f"{repo}/Delete"] = _repository("Repository")
    return found


TARGETS: Mapping[str, Find] = MappingProxyType(_rows())
"""How to tell what a change is about, by RPC."""

KEEPS_ALL = frozenset(
    {
        "/account.AccountService/CanI",
        "/account.AccountService/GetAccount",
        "/account.AccountService/ListAccounts",
        "/application.ApplicationService/GetManifestsWithFiles",
        "/application.ApplicationService/ServerSideDiff",
        "/applicationset.ApplicationSetService/Generate",
        "/repository.RepositoryService/GetAppDetails",
        "/repository.RepositoryService/ValidateAccess",
        "/repository.RepositoryService/ValidateWriteAccess",
        "/session.SessionService/Delete",
    }
)
"""RPCs that are not asked with GET, or are called as if they changed something, and change nothing."""


def target_of(rpc: str, asked: object) -> Target | None:
    """What a call is about; None when it changes nothing. What cannot be told has no name."""
    find = TARGETS.get(rpc)
    if find is None:
        return None
    if asked is None:
        return Target(kind=_kind(rpc))
    try:
        return find(asked)
    except (AttributeError, KeyError, TypeError, ValueError):
        return Target(kind=_kind(rpc))


def _kind(rpc: str) -> str:
    """The kind that a service is about, when its request was never read."""
    return rpc.partition(".")[2].partition("Service")[0]
