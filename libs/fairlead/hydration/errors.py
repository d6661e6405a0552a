"""What can be wrong with what is to be written.

HydrationError
├── PathRefusedError       a folder that is none, or not one beside the others
├── TooMuchError           more than is written at once
└── TextRefusedError       a template that comes to nothing that can be committed
"""


class HydrationError(Exception):
    """Base of all; the text is for people, and it fails alike until somebody changes something."""


class PathRefusedError(HydrationError):
    """Another `syncSource.path` is needed."""


class TooMuchError(HydrationError):
    """Less is to be written at once."""


class TextRefusedError(HydrationError):
    """Another template is needed."""
