"""What `git push --porcelain` prints, and what it means for each ref."""

import pytest

from fairlead.git.errors import GitTransientError
from fairlead.git.pushing import Fate, RefUpdate, pushed

UPDATES = [RefUpdate(ref=f"refs/heads/{name}", old="", new="a" * 40) for name in ("one", "two")]


def told(one: str, two: str) -> bytes:
    return f"To https://git.example/x\n{one}\n{two}\nDone\n".encode()


def test_each_ref_has_a_fate_of_its_own() -> None:
    new = "*\taaaa:refs/heads/one\t[new branch]"
    for line, fate in (
        ("!\taaaa:refs/heads/two\t[rejected] (stale info)", Fate.OVERTAKEN),
        ("!\taaaa:refs/heads/two\t[remote rejected] (cannot lock ref 'refs/heads/two')", Fate.OVERTAKEN),
        ("!\taaaa:refs/heads/two\t[remote rejected] (pre-receive hook declined)", Fate.REFUSED),
        ("=\taaaa:refs/heads/two\t[up to date]", Fate.MOVED),
        (" \taaaa:refs/heads/two\tbbbb..aaaa", Fate.MOVED),
    ):
        found = pushed(told(new, line), UPDATES)
        assert found.fates == {"refs/heads/one": Fate.MOVED, "refs/heads/two": fate}


def test_words_are_the_reason_and_what_the_server_says() -> None:
    error = GitTransientError("x")
    error.complaint = "remote: protected by Ann\nerror: failed to push some refs"
    line = "!\taaaa:refs/heads/one\t[remote rejected] (hook declined)"
    found = pushed(told(line, line.replace("one", "two")), UPDATES, error)
    assert found.words == "hook declined protected by Ann"


def test_a_ref_of_which_nothing_is_told_is_not_taken_for_moved() -> None:
    with pytest.raises(GitTransientError):
        pushed(told("*\taaaa:refs/heads/one\t[new branch]", ""), UPDATES)
    error = GitTransientError("broke off")
    with pytest.raises(GitTransientError, match="broke off"):
        pushed(b"", UPDATES, error)
