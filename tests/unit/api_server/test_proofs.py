"""What a webhook offers as its proof may be any bytes: what is not the proof is refused as such."""

from collections.abc import Callable

import pytest

from fairlead.secret import Secret
from fairlead.webhooks import verify
from fairlead.webhooks.errors import NotVerifiedError

SECRET = Secret("the secret")
NO_TEXT = b"sha256=\xff\xed\xa0\x80".decode("utf-8", "surrogateescape")
"""Bytes that are no UTF-8, as aiohttp hands a header on."""


@pytest.mark.parametrize(
    "prove",
    [
        lambda: verify.by_hmac(SECRET, NO_TEXT, prefix="sha256=").require(),
        lambda: verify.by_token(SECRET, NO_TEXT),
        lambda: verify.by_basic(SECRET, SECRET, f"Basic {NO_TEXT}"),
    ],
)
def test_a_proof_of_bytes_that_are_no_text_is_a_wrong_one(prove: Callable[[], object]) -> None:
    with pytest.raises(NotVerifiedError):
        prove()
