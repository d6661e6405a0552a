"""GitHub Apps: a key in a Secret, exchanged for the token of an installation.

Why apart: what signs and exchanges takes memory, and most processes meet no app. Whoever needs one imports
this module then.
"""

from __future__ import annotations

from collections.abc import Mapping

from fairlead.applicationset_controller.generating.errors import SourceError
from fairlead.applicationset_controller.generating.hosts.errors import HostError
from fairlead.git.credentials import Credential, GithubApp
from fairlead.git.errors import GitError
from fairlead.identities import github
from fairlead.identities.tokens import Tokens
from fairlead.outbound import Outbound


class Apps:
    """Installations and their tokens, which are used until they are about to end."""

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound
        self._tokens = Tokens()

    async def token(self, app: GithubApp, owner: str, authorities: str = "") -> str:
        """A token of an app's installation for an owner. Raises HostError."""
        credential = Credential(github_app=app, authorities=authorities)
        try:
            installed = app.installation_id
            if not installed:
                found = await self._tokens.of(
                    (app, "installation", owner.lower()),
                    lambda: github.installation(self._outbound, app, credential, owner),
                )
                installed = int(found.value)
            token = await self._tokens.of(
                (app, installed), lambda: github.token(self._outbound, app, credential, installed)
            )
        except GitError as error:
            raise HostError(f"GitHub: {error}") from error
        return token.value

    async def close(self) -> None:
        """End the exchanges that run."""
        await self._tokens.close()


def app_of(found: Mapping[str, str], where: str, api: str) -> GithubApp:
    """The app of a Secret's values, at the API that the set names or else that of the Secret. Raises
    SourceError, in which `where` names the Secret."""
    key = found.get("githubAppPrivateKey", "").strip()
    if not key:
        raise SourceError(f"{where} has no githubAppPrivateKey")
    return GithubApp(
        app_id=_number(found, "githubAppID", where),
        private_key=key,
        installation_id=_number(found, "githubAppInstallationID", where, otherwise=0),
        base_url=api or found.get("githubAppEnterpriseBaseUrl", "").strip(),
    )


def _number(found: Mapping[str, str], key: str, where: str, otherwise: int | None = None) -> int:
    text = found.get(key, "").strip()
    if not text and otherwise is not None:
        return otherwise
    if not text.isascii() or not text.isdigit():
        raise SourceError(f"{key} of {where} is no number")
    return int(text)
