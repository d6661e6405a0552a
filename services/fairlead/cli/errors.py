"""What ends a command, and with which exit code.

CliError                 20  something outside the command line: told in one line
├── RefusedError         20  the API answered with a code and words
├── UnreachableError     20  the server cannot be talked to
├── SettingsError        20  the command's own configuration is missing or broken
├── OutputError          20  what was said cannot be written
├── TimedOutError        20  what was waited for did not come
├── OutcomeError          1  it was done, and ended badly
└── DeclinedError         1  it cannot be done to what is there: it is so already, or there is none
UsageError                1  the command line itself; help is shown
EndedError               any  everything has been said; only the exit code is left
"""

CODE_NAMES = (
    "OK",
    "Canceled",
    "Unknown",
    "InvalidArgument",
    "DeadlineExceeded",
    "NotFound",
    "AlreadyExists",
    "PermissionDenied",
    "ResourceExhausted",
    "FailedPrecondition",
    "Aborted",
    "OutOfRange",
    "Unimplemented",
    "Internal",
    "Unavailable",
    "DataLoss",
    "Unauthenticated",
)
NOT_FOUND = 5
PERMISSION_DENIED = 7
UNAUTHENTICATED = 16


class CliError(Exception):
    """Told in one line; `hint` says what to do about it."""

    exit_code = 20
    hint = ""


class RefusedError(CliError):
    """The API said no, with a gRPC code."""

    def __init__(self, code: int, message: str) -> None:
        self.code = code
        self.message = message
        name = CODE_NAMES[code] if 0 <= code < len(CODE_NAMES) else f"Code({code})"
        super().__init__(f"rpc error: code = {name} desc = {message}")


class UnreachableError(CliError):
    """No conversation with the server is possible; the words say why and what to try."""


class SettingsError(CliError):
    """Which server, who we are, or a file that says so: missing or broken."""


class OutputError(CliError):
    """The disk that the output goes to is full, or the like."""


class TimedOutError(CliError):
    """What was waited for did not come true in time."""


class OutcomeError(CliError):
    """The operation ran and ended badly."""

    exit_code = 1


class DeclinedError(CliError):
    """What is asked for is so already, or what it is asked of is not there."""

    exit_code = 1


class UsageError(Exception):
    """The command line makes no sense."""

    exit_code = 1


class EndedError(Exception):
    """Everything has been said; the process ends with this code."""

    def __init__(self, exit_code: int) -> None:
        super().__init__(exit_code)
        self.exit_code = exit_code


def reason_of(error: Exception) -> str:
    """Why a file cannot be read or written, without its number and name, which the message has already."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
