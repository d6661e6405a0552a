"""What can go wrong with an archive, by what one can do about it.

ArchiveError
├── ArchiveRefusedError     what was sent is not unpacked until somebody sends something else
└── ImportFailedError       it could not be written here: tried again
"""


class ArchiveError(Exception):
    """Base of all errors of this library; the text is fit for users."""


class ArchiveRefusedError(ArchiveError):
    """It is damaged, or larger, deeper or craftier than is taken."""


class ImportFailedError(ArchiveError):
    """The repository on disk cannot be written."""
