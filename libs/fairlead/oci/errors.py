"""What can go wrong with a registry, by what one can do about it.

OciError
├── OciTransientError        unreachable, too slow, a server's failure, the disk: tried again
└── OciInvalidError          waits for somebody's change
    ├── OciAccessError       no or wrong credentials, or an address that may not be used
    ├── OciNotFoundError     no such repository, tag or digest
    └── OciContentError      what is there is not what was named, or may not be taken
"""

import contextlib
from collections.abc import Iterator

from fairlead.archives import ArchiveRefusedError, ImportFailedError
from fairlead.outbound import (
    AddressRefusedError,
    AuthorizationError,
    NotThereError,
    OutboundError,
    OutboundTransientError,
    TooLargeError,
)


class OciError(Exception):
    """Base of all errors of this library; the text is fit for users and free of secrets."""


class OciTransientError(OciError):
    """Tried again without anybody changing anything."""


class OciInvalidError(OciError):
    """Fails the same way until somebody changes something."""


class OciAccessError(OciInvalidError):
    """The registry wants other credentials, or may not be asked."""


class OciNotFoundError(OciInvalidError):
    """The registry has no such thing, or hides it from these credentials."""


class OciContentError(OciInvalidError):
    """A wrong digest, a kind of content that is not taken, an archive that may not be unpacked."""


_KINDS: tuple[tuple[type[Exception], type[OciError]], ...] = (
    (OutboundTransientError, OciTransientError),
    (AuthorizationError, OciAccessError),
    (AddressRefusedError, OciAccessError),
    (NotThereError, OciNotFoundError),
    (TooLargeError, OciContentError),
    (OutboundError, OciInvalidError),
    (ArchiveRefusedError, OciContentError),
    (ImportFailedError, OciTransientError),
)


@contextlib.contextmanager
def told_of(what: str) -> Iterator[None]:
    """Errors of the libraries beneath are ours from here on, and say what they are about."""
    try:
        yield
    except OciError as error:
        raise type(error)(f"{what}: {error}") from error
    except (OutboundError, ArchiveRefusedError, ImportFailedError) as error:
        kind = next(ours for theirs, ours in _KINDS if isinstance(error, theirs))
        raise kind(f"{what}: {error}") from error
