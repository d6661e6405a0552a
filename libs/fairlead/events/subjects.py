"""The only place a NATS subject is spelled.

A token is escaped so that it may hold any name: letters, digits, `_` and `-` stand for themselves, every
other byte becomes `=XX`. Repositories, whose addresses are long and may be private, become a digest.
"""

import hashlib
import re

REVISION_CHECK = "revision.check"
REVISION_MOVED = "revision.moved"
RENDER_REQUESTED = "render.requested"
MANIFESTS_RENDERED = "manifests.rendered"
PUBLIC = "fairlead.v1"
RPC_REPO = "rpc.repo"
RPC_CONTROLLER = "rpc.controller"
RPC_SETS = "rpc.sets"
RPC_COMMIT = "rpc.commit"

PARTITIONS = "0123456789abcdef"
"""Parts into which all repositories fall, by the first digit of their token; each has one owner at a time."""

_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
_OTHERS = re.compile(rb"[^A-Za-z0-9_-]")
_ESCAPED = re.compile(r"=([0-9A-F]{2})")


def token(text: str) -> str:
    """One subject token for any non-empty text; reversible by `untoken`."""
    if _PLAIN.fullmatch(text):
        return text
    return _OTHERS.sub(lambda m: b"=%02X" % m[0][0], text.encode()).decode() or "="


def untoken(text: str) -> str:
    """The text that `token` was given."""
    if text == "=":
        return ""
    raw = _ESCAPED.sub(lambda m: chr(int(m.group(1), 16)), text)
    return raw.encode("latin-1").decode()


def repository_token(identity: str) -> str:
    """The token of a repository: 16 hex digits of SHA-256 of its identity (host and path, lower case)."""
    return hashlib.sha256(identity.encode()).hexdigest()[:16]


def partition(identity: str) -> str:
    """The part that a repository falls into."""
    return repository_token(identity)[0]


def app_tokens(namespace: str, name: str) -> str:
    """Two tokens that name an application."""
    return f"{token(namespace)}.{token(name)}"


def app_of(subject: str) -> tuple[str, str]:
    """Namespace and name of the application that a subject ends with."""
    namespace, name = subject.rsplit(".", 2)[-2:]
    return untoken(namespace), untoken(name)


def revision_check(identity: str) -> str:
    """Subject of `RevisionCheck` for a repository."""
    return f"{REVISION_CHECK}.{partition(identity)}.{repository_token(identity)}"


def revision_moved(shard: int, identity: str) -> str:
    """Subject of `RevisionMoved` for one controller shard."""
    return f"{REVISION_MOVED}.{shard}.{repository_token(identity)}"


def ref_history(identity: str, ref: str) -> str:
    """Key of the history of a ref, as written in targetRevision, of a repository."""
    return f"{repository_token(identity)}.{repository_token(ref or 'HEAD')}"


def render_requested(part: str, namespace: str, name: str) -> str:
    """Subject of `RenderRequested` for an application whose first repository is in a partition."""
    return f"{RENDER_REQUESTED}.{part}.{app_tokens(namespace, name)}"


def manifests_rendered(shard: int, namespace: str, name: str) -> str:
    """Subject of `ManifestsRendered` for the controller shard that owns the application."""
    return f"{MANIFESTS_RENDERED}.{shard}.{app_tokens(namespace, name)}"


def public_app(namespace: str, name: str, transition: str) -> str:
    """Public subject of a transition of an application, such as `sync.succeeded`."""
    return f"{PUBLIC}.app.{app_tokens(namespace, name)}.{transition}"


def public_repository(identity: str, transition: str) -> str:
    """Public subject of a transition of a repository, such as `commit.detected`."""
    return f"{PUBLIC}.repo.{repository_token(identity)}.{transition}"


def public_audit(action: str) -> str:
    """Public subject of a change that somebody made through the API, such as `ApplicationService.Sync`."""
    return f"{PUBLIC}.audit.{action}"


def rpc_repo(part: str, verb: str) -> str:
    """Request subject of the answer of the repo-server that owns a partition."""
    return f"{RPC_REPO}.{part}.{verb}"


def rpc_controller(shard: int, verb: str) -> str:
    """Request subject of an app-controller shard's answer."""
    return f"{RPC_CONTROLLER}.{shard}.{verb}"


def rpc_sets(verb: str) -> str:
    """Request subject of an applicationset-controller's answer; any of its replicas gives it."""
    return f"{RPC_SETS}.{verb}"


def rpc_commit(part: str, verb: str) -> str:
    """Request subject of the answer of the commit server that owns a partition."""
    return f"{RPC_COMMIT}.{part}.{verb}"
