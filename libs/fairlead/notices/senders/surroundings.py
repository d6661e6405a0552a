"""What the process' own environment says of who it is in clouds, and where they are asked.

It is the operator's: a service that another configured is never lent it.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from fairlead.identities.aws import Keys, Role
from fairlead.notices.senders import pagerduty, pagerdutyv2, pushover, telegram

METADATA = "http://metadata.google.internal"
PUBSUB = "https://pubsub.googleapis.com"


class Endpoints(msgspec.Struct, frozen=True, kw_only=True):
    """Services that are in one place; other places are for tests."""

    telegram: str = telegram.API
    pushover: str = pushover.API
    pagerduty: str = pagerduty.API
    pagerdutyv2: str = pagerdutyv2.API
    pubsub: str = PUBSUB
    metadata: str = METADATA


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """Keys or a role of AWS and its region, and the file of a key of Google."""

    aws_keys: Keys | None = None
    aws_role: Role = Role()
    aws_region: str = ""
    google_key_file: str = ""
    endpoints: Endpoints = Endpoints()

    def __repr__(self) -> str:
        return f"Surroundings(aws_keys={self.aws_keys is not None}, aws_region={self.aws_region!r})"

    @classmethod
    def read(cls, variable: Callable[[str], str | None]) -> Surroundings:
        """From the environment, by the names that the clouds' own programs use."""

        def of(name: str) -> str:
            return (variable(name) or "").strip()

        access, secret = of("AWS_ACCESS_KEY_ID"), of("AWS_SECRET_ACCESS_KEY")
        keys = Keys(access=access, secret=secret, session=of("AWS_SESSION_TOKEN"))
        return cls(
            aws_keys=keys if access and secret else None,
            aws_role=Role(arn=of("AWS_ROLE_ARN"), token_file=of("AWS_WEB_IDENTITY_TOKEN_FILE")),
            aws_region=of("AWS_DEFAULT_REGION") or of("AWS_REGION"),
            google_key_file=of("GOOGLE_APPLICATION_CREDENTIALS"),
        )
