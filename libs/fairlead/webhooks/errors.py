"""Why a webhook is refused; the words are the contract's.

WebhookError
├── NotVerifiedError    a secret is set and the request does not prove that it knows it
│   └── SecretNeededError  the form is not taken until its secret is set
└── UnreadableError     the payload is not what its provider sends, or an event we do not take
    └── NotJsonError    the payload is no JSON at all
"""


class WebhookError(Exception):
    """A webhook that is not accepted. Policy: invalid."""


class NotVerifiedError(WebhookError):
    """The signature, token, identity or password is missing or wrong."""


class SecretNeededError(NotVerifiedError):
    """The form is not taken without a secret, and none is set; the words are for whoever installs."""


class UnreadableError(WebhookError):
    """The payload cannot be read as the event it says it is."""


class NotJsonError(UnreadableError):
    """The payload is no JSON at all."""
