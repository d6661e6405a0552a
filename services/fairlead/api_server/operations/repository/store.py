"""The Secrets that declare repositories and credential templates, for reading and for writing (12.3, 12.4).

The invariant: a repository is found by its whole address and its project; another project's is never meant.
"""

from typing import Any

import msgspec

from fairlead.api_server.config_map import CREDENTIALS, SecretObject
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.repository_fields import FIELDS, URL
from fairlead.matching.repository import declared_url, is_beneath

MAX_URL = 2048


class Store(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of such Secrets: the value of their label, the beginning of their names, the resource that
    policies name, and what messages call them."""

    secret_type: str
    prefix: str
    resource: str
    words: str
    is_for_writing: bool = False

    def require_served(self, backend: Backend) -> None:
        """What only the hydrator uses is refused while there is none."""
        if self.is_for_writing and not backend.control.presentation.hydrator_enabled:
            raise RefusalError(Code.UNIMPLEMENTED, "hydrator is disabled")

    def all(self, backend: Backend) -> list[SecretObject]:
        """Every one with an address, in the order of these."""
        found = [secret for secret in backend.control.labelled(self.secret_type) if secret.values.get(URL)]
        return sorted(found, key=lambda secret: (secret.values[URL], secret.values.get("project", "")))

    def find(self, backend: Backend, url: str, project: str = "") -> SecretObject | None:
        """The one of this very address and project."""
        wanted = declared_url(url)
        for secret in self.all(backend):
            if declared_url(secret.values[URL]) == wanted and secret.values.get("project", "") == project:
                return secret
        return None


REPOSITORIES = Store(
    secret_type="repository",  # noqa: S106 - the value of a label
    prefix="repo",
    resource="repositories",
    words="repository",
)
WRITE_REPOSITORIES = Store(
    secret_type="repository-write",  # noqa: S106 - the value of a label
    prefix="repo-write",
    resource="write-repositories",
    words="write repository",
    is_for_writing=True,
)
TEMPLATES = Store(
    secret_type="repo-creds",  # noqa: S106 - the value of a label
    prefix="creds",
    resource="repositories",
    words="repository credentials",
)
WRITE_TEMPLATES = Store(
    secret_type="repo-write-creds",  # noqa: S106 - the value of a label
    prefix="creds-write",
    resource="write-repositories",
    words="write repository credentials",
    is_for_writing=True,
)


def template_of(backend: Backend, secret: SecretObject, templates: Store = TEMPLATES) -> SecretObject | None:
    """The template whose credentials a repository takes, having none of its own; the longest wins."""
    if secret.values.get(CREDENTIALS):
        return None
    return template_for(backend, secret.values[URL], templates)


def template_for(backend: Backend, url: str, templates: Store = TEMPLATES) -> SecretObject | None:
    """The template for an address; the longest wins."""
    matching = [found for found in templates.all(backend) if is_beneath(url, found.values[URL])]
    return max(matching, key=lambda found: len(declared_url(found.values[URL])), default=None)


def given(obj: dict[str, Any], name: str) -> dict[str, Any]:
    """The fields that a client sent, of the types they have; `name` is the one with the address.

    Raises RefusalError.
    """
    wanted = {field.name for field in FIELDS} | {URL}
    found = {key: value for key, value in obj.items() if key in wanted and value not in (None, "", 0, False)}
    url = found.get(name, "")
    if (
        not isinstance(url, str)
        or len(url) > MAX_URL
        or any(not isinstance(v, str | int) for v in found.values())
    ):
        raise RefusalError(Code.INVALID_ARGUMENT, "a field of the repository is not of its type, or too long")
    return found
