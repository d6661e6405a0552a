"""What can go wrong with charts, by what one can do about it.

ChartError
├── ChartTransientError      unreachable, too slow, a server's failure, the disk: tried again
└── ChartInvalidError        waits for somebody's change
    ├── ChartAccessError     no or wrong credentials, or an address that may not be used
    ├── ChartNotFoundError   no such repository, chart or archive
    ├── ChartVersionError    no version of the chart is the one wanted
    └── ChartContentError    what is there is not what was named, or may not be taken
"""

import contextlib
from collections.abc import Iterator

from fairlead.archives import ArchiveRefusedError, ImportFailedError
from fairlead.oci import (
    OciAccessError,
    OciContentError,
    OciError,
    OciNotFoundError,
    OciTransientError,
)
from fairlead.outbound import (
    AddressRefusedError,
    AuthorizationError,
    NotThereError,
    OutboundError,
    OutboundTransientError,
    TooLargeError,
)


class ChartError(Exception):
    """Base of all errors of this library; the text is fit for users and free of secrets."""


class ChartTransientError(ChartError):
    """Tried again without anybody changing anything."""


class ChartInvalidError(ChartError):
    """Fails the same way until somebody changes something."""


class ChartAccessError(ChartInvalidError):
    """The server wants other credentials, or may not be asked."""


class ChartNotFoundError(ChartInvalidError):
    """There is no such repository, chart or archive, or it is hidden from these credentials."""


class ChartVersionError(ChartInvalidError):
    """No version is the one wanted."""


class ChartContentError(ChartInvalidError):
    """A wrong digest, another chart, an index or an archive that cannot be read."""


_KINDS: tuple[tuple[type[Exception], type[ChartError]], ...] = (
    (OutboundTransientError, ChartTransientError),
    (AuthorizationError, ChartAccessError),
    (AddressRefusedError, ChartAccessError),
    (NotThereError, ChartNotFoundError),
    (TooLargeError, ChartContentError),
    (OutboundError, ChartInvalidError),
    (OciTransientError, ChartTransientError),
    (OciAccessError, ChartAccessError),
    (OciNotFoundError, ChartNotFoundError),
    (OciContentError, ChartContentError),
    (OciError, ChartInvalidError),
    (ArchiveRefusedError, ChartContentError),
    (ImportFailedError, ChartTransientError),
)


@contextlib.contextmanager
def told_of(what: str) -> Iterator[None]:
    """Errors of the libraries beneath are ours from here on, and all say what they are about."""
    try:
        yield
    except ChartError as error:
        raise type(error)(f"{what}: {error}") from error
    except (OutboundError, OciError, ArchiveRefusedError, ImportFailedError) as error:
        kind = next(ours for theirs, ours in _KINDS if isinstance(error, theirs))
        raise kind(f"{what}: {error}") from error
