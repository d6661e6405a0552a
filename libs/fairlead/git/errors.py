"""What can go wrong with Git, by what one can do about it.

GitError
├── GitTransientError            unreachable, too slow, a server error, killed: tried again
├── MirrorCorruptError           our copy is damaged: cloned anew
└── GitInvalidError              waits for somebody's change
    ├── UrlRefusedError          a scheme or spelling that is not allowed
    ├── AuthenticationError      no or wrong credentials
    ├── UnsupportedCredentialError
    │                            declared with what git is not told of
    ├── HostKeyError             an SSH server that is not known, or shows another key
    ├── RepositoryNotFoundError  nothing at that address
    ├── PushRefusedError         the server does not take what is pushed
    └── RevisionError            no such branch, tag or commit
"""

import re
from collections.abc import Iterable


class GitError(Exception):
    """Base of all errors of this library; the text is fit for users and free of secrets.

    Where a `git` process failed, `printed` is what it had printed, and `complaint` its words.
    """

    printed: bytes = b""
    complaint: str = ""


class GitTransientError(GitError):
    """Tried again without anybody changing anything."""


class MirrorCorruptError(GitError):
    """The mirror on disk cannot be read."""


class GitInvalidError(GitError):
    """Fails the same way until somebody changes something."""


class UrlRefusedError(GitInvalidError):
    """The address may not be used."""


class AuthenticationError(GitInvalidError):
    """The server wants other credentials."""


class UnsupportedCredentialError(GitInvalidError):
    """The repository is declared with what git is not told of yet."""


class HostKeyError(GitInvalidError):
    """An SSH server whose key nobody vouches for."""


class RepositoryNotFoundError(GitInvalidError):
    """The server knows no such repository, or hides it from these credentials."""


class PushRefusedError(GitInvalidError):
    """A rule of the server's, such as a protected branch."""


class RevisionError(GitInvalidError):
    """The revision names no commit."""

    def __init__(self, revision: str) -> None:
        super().__init__(f"unable to resolve '{revision}' to a commit SHA")
        self.revision = revision

    def __reduce__(self) -> tuple[type["RevisionError"], tuple[str]]:
        """How it is copied: from what it was made of."""
        return type(self), (self.revision,)


MAX_DETAIL = 600
"""Characters of git's own words that are passed on."""

_TERMINAL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_USERINFO = re.compile(r"(?<=://)[^/@\s]+@")
_NOISE = re.compile(r"^(warning|hint|advice|remote: (Enumerating|Counting|Compressing|Total)).*$", re.M)

_KINDS: tuple[tuple[type[GitError], re.Pattern[str], str], ...] = (
    (
        GitTransientError,
        re.compile(
            r"no space left|disk quota|unable to (create|write)|(could not|cannot) lock|"
            r"read-only file system",
            re.I,
        ),
        "the mirror of {url} cannot be written",
    ),
    (
        MirrorCorruptError,
        re.compile(
            r"not a git repository|bad object|is corrupt|is empty|inflate|unable to read tree|"
            r"did not send all necessary objects|packfile .* (cannot|does not)|bad packed object|"
            r"invalid object|missing blob|missing tree|bad signature|index file .* is|unable to unpack",
            re.I,
        ),
        "the local mirror of {url} is damaged",
    ),
    (
        AuthenticationError,
        re.compile(
            r"authentication failed|could not read (Username|Password)|returned error: 40[13]|"
            r"terminal prompts disabled|invalid credentials|permission denied",
            re.I,
        ),
        "authentication required or refused by {url}: check the repository's credentials",
    ),
    (
        RepositoryNotFoundError,
        re.compile(
            r"repository .* not found|does not appear to be a git repository|returned error: 4(04|10)|"
            r"not valid: is this a git repository|does not exist",
            re.I,
        ),
        "repository not found: {url}",
    ),
    (
        UrlRefusedError,
        re.compile(r"transport .* not allowed|returned error: 30\d|redirect", re.I),
        "{url} may not be used (protocol or redirect); give the repository's own https address",
    ),
    (
        GitInvalidError,
        re.compile(r"(fsck|index-pack|unpack).*(error|fatal)|fsckObjects", re.I),
        "{url} was refused",
    ),
)


def plain(text: str) -> str:
    """A server's words without what moves a terminal's cursor, colours it, or turns the reading around."""
    return _CONTROL.sub(" ", _TERMINAL.sub("", text))


def scrub(text: str, secrets: Iterable[str]) -> str:
    """Git's words without user information in addresses and without any of the secrets."""
    for secret in sorted((s for s in secrets if s), key=len, reverse=True):
        text = text.replace(secret, "***")
    return _USERINFO.sub("***@", text)


def explain(url: str, stderr: str) -> GitError:
    """The error of the tree that a failed `git` process means. `stderr` is already scrubbed."""
    stderr = plain(stderr)
    detail = " ".join(_NOISE.sub("", stderr).split())[:MAX_DETAIL]
    for kind, pattern, text in _KINDS:
        if pattern.search(stderr):
            return kind(f"{text.format(url=url)}: {detail}" if detail else text.format(url=url))
    return GitTransientError(f"could not reach {url}: {detail or 'git gave no reason'}")
