"""What keeps a change from being previewed.

PreviewError
└── PreviewLaterError   whoever knows was not to be reached; the same question may be answered later
"""


class PreviewError(Exception):
    """The words are for whoever asked; `code` is the name of an error of other processes."""

    def __init__(self, words: str, code: str = "Unknown") -> None:
        super().__init__(words)
        self.code = code


class PreviewLaterError(PreviewError):
    """Nothing is wrong with the question."""
