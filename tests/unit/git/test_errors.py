"""Git's words become an error that says what to do, without secrets."""

import pytest

from fairlead.git import errors

URL = "https://host/team/repo.git"


@pytest.mark.parametrize(
    ("stderr", "kind"),
    [
        ("fatal: Authentication failed for 'https://host/'", errors.AuthenticationError),
        ("fatal: could not read Username for 'https://host'", errors.AuthenticationError),
        ("error: The requested URL returned error: 403", errors.AuthenticationError),
        ("fatal: repository 'https://host/x/' not found", errors.RepositoryNotFoundError),
        ("remote: Repository not found.\nfatal: repository 'x' not found", errors.RepositoryNotFoundError),
        ("fatal: transport 'ext' not allowed", errors.UrlRefusedError),
        ("error: The requested URL returned error: 301", errors.UrlRefusedError),
        ("error: object file objects/ab/cd is empty", errors.MirrorCorruptError),
        ("fatal: bad object HEAD", errors.MirrorCorruptError),
        ("fatal: not a git repository: '/x'", errors.MirrorCorruptError),
        ("fatal: unable to access: Could not resolve host: host", errors.GitTransientError),
        ("error: The requested URL returned error: 503", errors.GitTransientError),
        ("fatal: the remote end hung up unexpectedly", errors.GitTransientError),
        ("fatal: unable to write new index: No space left on device", errors.GitTransientError),
        ("error: cannot lock ref 'refs/heads/x': Permission denied", errors.GitTransientError),
        ("", errors.GitTransientError),
    ],
)
def test_what_git_says_decides_what_is_done(stderr: str, kind: type[Exception]) -> None:
    error = errors.explain(URL, stderr)
    assert type(error) is kind
    assert URL in str(error)


def test_secrets_and_user_information_are_scrubbed() -> None:
    text = "fatal: https://user:pass@host/x and c2VjcmV0 and hunter2"
    assert errors.scrub(text, ["hunter2", "c2VjcmV0", ""]) == "fatal: https://***@host/x and *** and ***"


def test_a_long_complaint_is_cut() -> None:
    assert len(str(errors.explain(URL, "x " * 10_000))) < errors.MAX_DETAIL + 200
