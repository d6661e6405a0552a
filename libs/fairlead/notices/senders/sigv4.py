"""AWS Signature Version 4 of a POST, as AWS' documentation describes it (service `sqs`).

Invariant: the secret key leaves this module in no form but signatures.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

from fairlead.identities.aws import Keys


def signed(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    keys: Keys,
    region: str,
    service: str,
    now: datetime | None = None,
) -> dict[str, str]:
    """The headers, with the time, the host and the signature over all of them."""
    parts = urlsplit(url)
    stamp = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    told = {**headers, "Host": parts.netloc, "X-Amz-Date": stamp}
    if keys.session:
        told["X-Amz-Security-Token"] = keys.session
    canonical = {name.lower(): " ".join(value.split()) for name, value in told.items()}
    names = ";".join(sorted(canonical))
    lines = "".join(f"{name}:{canonical[name]}\n" for name in sorted(canonical))
    digest = hashlib.sha256(body).hexdigest()
    request = f"POST\n{parts.path or '/'}\n{parts.query}\n{lines}\n{names}\n{digest}"
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    key = f"AWS4{keys.secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    told["Authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={keys.access}/{scope}, SignedHeaders={names}, Signature={signature}"
    )
    return told
