"""Calls on what Fairlead connects to: repositories and their credentials, clusters, certificates, keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fairlead.cli.client.applications import Document
from fairlead.cli.client.ask import ask

if TYPE_CHECKING:
    from fairlead.cli.client.transport import Transport


class Connections:
    """The repository, repository credentials, cluster, certificate and GPG key services."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def repositories(self, *, force_refresh: bool = False) -> list[Document]:
        """All repositories; with `force_refresh` each is asked anew."""
        query = {"forceRefresh": force_refresh}
        return ask(self._transport, "GET", "repositories", query=query).get("items") or []

    def repository(self, url: str, *, project: str = "", force_refresh: bool = False) -> Document:
        """One repository."""
        query = {"appProject": project, "forceRefresh": force_refresh}
        return ask(self._transport, "GET", "repositories", url, query=query)

    def affected(self, url: str, *, old: str, new: str, target: str) -> Document:
        """The applications that a change in a repository affects, and by which files."""
        query = {"repo": url, "from": old, "to": new, "target": target}
        return ask(self._transport, "GET", "affected", query=query)

    def change(self, url: str, *, revision: str, target: str) -> Document:
        """What a change in a repository would do to each application that follows the branch."""
        query = {"repo": url, "revision": revision, "target": target}
        return ask(self._transport, "GET", "preview", "change", query=query)

    def validate_repository(self, url: str, access: Document) -> None:
        """Refused when the repository cannot be reached with this access."""
        ask(self._transport, "POST", "repositories", url, "validate", query=access, body=url)

    def create_repository(self, repo: Document, *, upsert: bool) -> Document:
        """Connect a repository."""
        return ask(self._transport, "POST", "repositories", query={"upsert": upsert}, body=repo)

    def delete_repository(self, url: str, project: str = "") -> None:
        """Disconnect a repository."""
        ask(self._transport, "DELETE", "repositories", url, query={"appProject": project})

    def credentials(self) -> list[Document]:
        """Credentials for repositories whose addresses begin alike."""
        return ask(self._transport, "GET", "repocreds").get("items") or []

    def create_credentials(self, creds: Document, *, upsert: bool) -> Document:
        """Keep credentials."""
        return ask(self._transport, "POST", "repocreds", query={"upsert": upsert}, body=creds)

    def delete_credentials(self, url: str) -> None:
        """Forget credentials."""
        ask(self._transport, "DELETE", "repocreds", url)

    def clusters(self) -> list[Document]:
        """All clusters."""
        return ask(self._transport, "GET", "clusters").get("items") or []

    def cluster(self, named: str) -> Document:
        """One cluster, by address or name."""
        return ask(self._transport, "GET", "clusters", named, query=_id(named))

    def create_cluster(self, cluster: Document, *, upsert: bool) -> Document:
        """Connect a cluster."""
        return ask(self._transport, "POST", "clusters", query={"upsert": upsert}, body=cluster)

    def update_cluster(self, named: str, cluster: Document, fields: list[str]) -> Document:
        """Change the fields of a cluster that are named."""
        query = {**_id(named), "updatedFields": fields}
        return ask(self._transport, "PUT", "clusters", named, query=query, body=cluster)

    def delete_cluster(self, named: str) -> None:
        """Disconnect a cluster."""
        ask(self._transport, "DELETE", "clusters", named, query=_id(named))

    def rotate_cluster(self, named: str) -> None:
        """Replace the token that a cluster is reached with."""
        path = ("clusters", named, "rotate-auth")
        ask(self._transport, "POST", *path, query=_id(named), body={})

    def certificates(self, **query: Any) -> list[Document]:
        """Certificates and known hosts; `hostNamePattern`, `certType` and `certSubType` choose among them."""
        return ask(self._transport, "GET", "certificates", query=query).get("items") or []

    def create_certificates(self, items: list[Document], *, upsert: bool) -> list[Document]:
        """Trust these; the answer holds those that are new or changed."""
        body = {"items": items}
        answer = ask(self._transport, "POST", "certificates", query={"upsert": upsert}, body=body)
        return answer.get("items") or []

    def delete_certificates(self, **query: Any) -> list[Document]:
        """Trust these no longer; the answer holds what went."""
        return ask(self._transport, "DELETE", "certificates", query=query).get("items") or []

    def keys(self) -> list[Document]:
        """Public keys that commits may be signed with."""
        return ask(self._transport, "GET", "gpgkeys").get("items") or []

    def key(self, key: str) -> Document:
        """One public key."""
        return ask(self._transport, "GET", "gpgkeys", key)

    def create_key(self, text: str, *, upsert: bool) -> Document:
        """Keep public keys in their armoured form; tells which were `created` and which `skipped`."""
        return ask(self._transport, "POST", "gpgkeys", query={"upsert": upsert}, body={"keyData": text})

    def delete_key(self, key: str) -> None:
        """Forget a public key."""
        ask(self._transport, "DELETE", "gpgkeys", query={"keyID": key})


def _id(named: str) -> dict[str, str]:
    return {"id.type": "url" if "://" in named else "name"}
