"""What can go wrong with a request to another host, by what one can do about it.

OutboundError
├── OutboundTransientError     unreachable, a server's failure: tried again
│   ├── TooSlowError           it did not end in time
│   └── AskedTooOftenError     the host wants to be left alone for a while
└── OutboundInvalidError       waits for somebody's change
    ├── AddressRefusedError    an address, or a redirect to one, from where nothing is fetched
    ├── AuthorizationError     401 and 403: no or wrong credentials
    ├── NotThereError          404 and 410
    ├── TooLargeError          the answer is longer than it may be
    └── StatusError            any other status that was not expected
"""


class OutboundError(Exception):
    """Base of all; the text is fit for users: no user information, no query. `status` is 0 without answer."""

    def __init__(self, text: str, status: int = 0) -> None:
        super().__init__(text)
        self.status = status


class OutboundTransientError(OutboundError):
    """Tried again without anybody changing anything."""


class TooSlowError(OutboundTransientError):
    """It was given up."""


class AskedTooOftenError(OutboundTransientError):
    """Nobody is asked until the host's time is over."""


class OutboundInvalidError(OutboundError):
    """Fails the same way until somebody changes something."""


class AddressRefusedError(OutboundInvalidError):
    """The address may not be connected to."""


class AuthorizationError(OutboundInvalidError):
    """The server wants other credentials."""


class NotThereError(OutboundInvalidError):
    """The server knows nothing at that address, or hides it."""


class TooLargeError(OutboundInvalidError):
    """The answer was cut where its limit is."""


class StatusError(OutboundInvalidError):
    """An answer nobody expected."""


def of_status(url: str, status: int) -> OutboundError:
    """The error that a status is."""
    if status in (401, 403):
        text = f"authentication required or refused by {url}: check the repository's credentials"
        return AuthorizationError(f"{text} (status {status})", status)
    if status in (404, 410):
        return NotThereError(f"nothing is at {url} (status {status})", status)
    if status == 429:
        return AskedTooOftenError(f"{url} has been asked too often (status 429)", status)
    if status in (408, 425) or status >= 500:
        return OutboundTransientError(f"{url} answered with status {status}", status)
    return StatusError(f"{url} answered with status {status}", status)
