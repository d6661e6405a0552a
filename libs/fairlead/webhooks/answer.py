"""What a webhook is answered: one of few short texts."""

import msgspec

FAILED = "Webhook processing failed"
UNKNOWN = "Unknown webhook event"
FULL = "Queue is full, discarding webhook payload"


class Answer(msgspec.Struct, frozen=True):
    """A status, and words for whoever reads the provider's list of deliveries."""

    status: int = 200
    text: str = ""
    header: tuple[str, str] | None = None


TAKEN = Answer()
STRANGE = Answer(400, UNKNOWN)
BUSY = Answer(503, FULL)
UNAUTHORIZED = Answer(401, "Unauthorized")
NOT_A_POST = Answer(405, FAILED, ("Allow", "POST"))
TOO_MANY = Answer(429, f"{FAILED}: too many unsigned requests", ("Retry-After", "5"))
"""Providers show it as failed; the poll finds what moved."""


def failed(more: str = "") -> Answer:
    """A refusal; `more` is for whoever installs."""
    return Answer(400, f"{FAILED}: {more}" if more else FAILED)


def not_json(megabytes: int) -> Answer:
    """The body is too large or none at all."""
    return Answer(400, f"{FAILED}: payload must be valid JSON under {megabytes} MB")
