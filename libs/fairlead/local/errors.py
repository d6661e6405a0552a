"""What can go wrong before anything of ours runs.

    LocalError
    ├── SourcesMissingError    not a checkout: the sources are not beside the package
    ├── ToolMissingError       a program this machine must have is not there
    ├── BuildError             a toolchain refused: Go's, or the web UI's
    ├── DataFolderInUseError   another suite runs on the same folder
    ├── ServerStartError       a server exited, or was not ready in time
    ├── KubernetesError        the control plane refused a request of ours
    ├── GitCommandError        a git command failed
    └── PushError              a registry did not take what was pushed

All are terminal: nothing here is retried by a caller.
"""


class LocalError(Exception):
    """The root of this tree; its text says what failed, where, and what to do."""


class SourcesMissingError(LocalError):
    """The Go modules or the web UI are not where a checkout has them."""


class ToolMissingError(LocalError):
    """A program is neither on PATH nor could be installed."""


class BuildError(LocalError):
    """A build failed; the text ends with what it printed last."""


class DataFolderInUseError(LocalError):
    """Two suites must not share one data folder."""


class ServerStartError(LocalError):
    """A server did not become ready; the text ends with the end of its log."""


class KubernetesError(LocalError):
    """The local apiserver answered with a failure."""


class GitCommandError(LocalError):
    """A git command of a working clone or of the server's folder failed."""


class PushError(LocalError):
    """A chart or artifact could not be pushed."""
