"""Tokens for clusters of EKS: a signed question to STS who we are, which the cluster asks in our place.

Sources: AWS Signature Version 4; aws-iam-authenticator for what a token is. Invariant: secret keys leave this
process in no form but signatures.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlsplit

import msgspec

PREFIX: Final = "k8s-aws-v1."
CLUSTER_HEADER: Final = "x-k8s-aws-id"
SIGNED_FOR: Final = 60
"""Seconds within which the question is to be asked first; EKS takes the token for a quarter of an hour."""
HOLDS: Final = 840.0
"""Seconds for which a token is used."""
_EMPTY: Final = hashlib.sha256(b"").hexdigest()


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """An access key, with the session's token when it is that of a role."""

    access: str
    secret: str
    session: str = ""

    def __repr__(self) -> str:
        return "Keys()"


class Signing(msgspec.Struct, frozen=True, kw_only=True):
    """As whom, where and when something is signed."""

    keys: Keys
    region: str
    service: str
    now: datetime

    @property
    def stamp(self) -> str:
        return self.now.strftime("%Y%m%dT%H%M%SZ")

    @property
    def scope(self) -> str:
        return f"{self.stamp[:8]}/{self.region}/{self.service}/aws4_request"


def token(cluster: str, signing: Signing, endpoint: str) -> str:
    """The token for a cluster; `endpoint` is the address of STS."""
    query = {
        "Action": "GetCallerIdentity",
        "Version": "2011-06-15",
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{signing.keys.access}/{signing.scope}",
        "X-Amz-Date": signing.stamp,
        "X-Amz-Expires": str(SIGNED_FOR),
        "X-Amz-SignedHeaders": f"host;{CLUSTER_HEADER}",
    }
    if signing.keys.session:
        query["X-Amz-Security-Token"] = signing.keys.session
    parts = urlsplit(endpoint)
    headers = {"host": parts.netloc, CLUSTER_HEADER: cluster}
    found = signature(signing, f"GET\n{parts.path or '/'}", query, headers, _EMPTY)
    url = f"{parts.scheme}://{parts.netloc}{parts.path or '/'}?{spelled(query)}&X-Amz-Signature={found}"
    return PREFIX + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")


def authorized(signing: Signing, endpoint: str, body: bytes) -> dict[str, str]:
    """The headers of a POST of a form that is signed."""
    parts = urlsplit(endpoint)
    headers = {"host": parts.netloc, "x-amz-date": signing.stamp}
    if signing.keys.session:
        headers["x-amz-security-token"] = signing.keys.session
    digest = hashlib.sha256(body).hexdigest()
    found = signature(signing, f"POST\n{parts.path or '/'}", {}, headers, digest)
    names = ";".join(sorted(headers))
    credential = f"{signing.keys.access}/{signing.scope}"
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={found}"
    )
    return headers


def signature(
    signing: Signing, what: str, query: Mapping[str, str], headers: Mapping[str, str], digest: str
) -> str:
    """Signature Version 4 of a request whose body has this digest: `what` is its method and, in another line,
    its path; headers are in lower case."""
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(headers))
    request = "\n".join((what, spelled(query), lines, ";".join(sorted(headers)), digest))
    hashed = hashlib.sha256(request.encode()).hexdigest()
    key = f"AWS4{signing.keys.secret}".encode()
    for part in signing.scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    text = f"AWS4-HMAC-SHA256\n{signing.stamp}\n{signing.scope}\n{hashed}"
    return hmac.digest(key, text.encode(), "sha256").hex()


def spelled(query: Mapping[str, str]) -> str:
    """A query in the one spelling that is signed."""
    pairs = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in query.items())
    return "&".join(f"{name}={value}" for name, value in pairs)
