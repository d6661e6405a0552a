"""What the app-controller hands to the repo-servers so that these need no right to any Secret of the cluster.

Both travel sealed, in the bucket `credentials`: one entry a Secret, and the list of those that there are.
What writes to repositories travels alike in `write-credentials`, under a key that repo-servers have not.
"""

import msgspec

from fairlead.events.envelope import Event

PURPOSE = "credentials of repositories"
"""What the key that seals them is derived for."""
PURPOSE_OF_WRITING = "credentials of repositories to write to"
"""The same of those that the commit server alone is handed."""
INDEX = "_all"
"""Key of the list: no Secret can have this name, and no token of one looks like it."""


def context_of(key: str) -> str:
    """What an entry is sealed for: its place, so that it opens in no other."""
    return f"credentials/{key}"


class RepositoryCredentials(Event, frozen=True, kw_only=True):
    """A repository's or template's Secret: the value of its type label, and its decoded data.

    So is what is lent for after a build (`fairlead.events.after_build`), with the projects that may use it
    and the version it has in the cluster.
    """

    secret: str
    secret_type: str
    data: dict[str, str] = msgspec.field(default_factory=dict)
    projects: tuple[str, ...] = ()
    version: str = ""

    def __repr__(self) -> str:
        return f"RepositoryCredentials(secret={self.secret!r})"


class CredentialsListed(Event, frozen=True, kw_only=True):
    """Every Secret that there is; one that is not named here is gone. `certificates` are those that vouch for
    hosts, PEM by name: all of `argocd-tls-certs-cm`. `signing_keys` are those whose signatures may count: all
    of `argocd-gpg-keys-cm`. `known_hosts` is the text by which SSH servers are known."""

    secrets: tuple[str, ...] = ()
    certificates: dict[str, str] = msgspec.field(default_factory=dict)
    signing_keys: dict[str, str] = msgspec.field(default_factory=dict)
    known_hosts: str = ""
