"""The plain form, for whoever has no provider: `{"repoURL": "…", "ref": "refs/heads/main"}`.

With `webhook.plain.secret` in `argocd-secret`, a request proves itself by `Authorization: Bearer <secret>`,
or by the HMAC-SHA256 of its body in `X-Fairlead-Signature-256: sha256=<hex>`. Without the secret the form is
taken only where the API is served to this machine alone: it would be an open door beside the providers'.
"""

import msgspec

from fairlead.webhooks import verify
from fairlead.webhooks.errors import SecretNeededError
from fairlead.webhooks.provider import Asked, Body, Headers, payload, require
from fairlead.webhooks.push import Push, refs
from fairlead.webhooks.verify import Proof

SECRET_KEY = "webhook.plain.secret"  # noqa: S105 - the name of a key
SIGNATURE = "X-Fairlead-Signature-256"


class _Plain(msgspec.Struct):
    repo_url: str = msgspec.field(name="repoURL", default="")
    ref: str | None = None
    refs: list[str] = []


class Plain:
    """Comes last: any JSON object that names a repository. `is_open` takes it without a secret as well."""

    def __init__(self, *, is_open: bool = False) -> None:
        self._is_open = is_open

    def recognises(self, asked: Asked) -> bool:
        return asked.headers.get("Content-Type", "").partition(";")[0].strip().lower() == "application/json"

    def verify(self, asked: Asked) -> Proof:
        secret = asked.secrets(SECRET_KEY)
        if not secret and not self._is_open:
            raise SecretNeededError(f"the plain form needs {SECRET_KEY} in argocd-secret")
        if SIGNATURE in asked.headers:
            return verify.by_hmac(secret, asked.headers[SIGNATURE], prefix="sha256=")
        return verify.by_token(secret, asked.headers.get("Authorization", "").removeprefix("Bearer ").strip())

    def read(self, _: Headers, body: Body) -> tuple[Push, ...]:
        plain = payload(body, _Plain)
        require(plain.repo_url, "repoURL")
        named = [name if name.startswith("refs/") else f"refs/heads/{name}" for name in _names(plain)]
        return (Push(urls=(plain.repo_url,), refs=refs(*named)),)


def _names(plain: _Plain) -> list[str]:
    return [name for name in (plain.ref, *plain.refs) if name and name != "HEAD"]
