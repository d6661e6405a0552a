"""A word of a search means what applications say, what they are at, and who made that."""

from types import SimpleNamespace
from typing import Any

import msgspec

from fairlead.api_server.commits import Commits
from fairlead.api_server.documents import ApplicationDocument, read_application
from fairlead.api_server.index import ApplicationIndex
from fairlead.api_server.mirror import Change
from fairlead.api_server.moved import Moved
from fairlead.api_server.operations.search.words import meaning
from fairlead.events.envelope import encode
from fairlead.events.ref_history import Move, RefHistory
from fairlead.rpc.repo import DescribeRevision, RevisionDescription

OLD, NEW = "abcdef0" + "1" * 33, "fedcba9" + "2" * 33
URL, IDENTITY = "https://git.example/team/config.git", "git.example/team/config"


def document(name: str, revision: str) -> ApplicationDocument:
    raw = {
        "metadata": {"name": name, "namespace": "argocd", "uid": name},
        "spec": {"source": {"repoURL": URL, "path": f"apps/{name}", "targetRevision": "main"}},
        "status": {
            "sync": {"revision": revision},
            "summary": {"images": [f"registry.example/{name}:1.0"]},
        },
    }
    return read_application(msgspec.json.encode(raw))


class Known:
    """What a backend has of two applications, one of which a newer commit left as it was."""

    def __init__(self) -> None:
        self.index = ApplicationIndex()
        self.documents = [document("one", OLD), document("two", OLD)]
        for each in self.documents:
            self.index.take(Change("ADDED", each))
        bus: Any = SimpleNamespace(key_value=lambda _: None)
        self.moved = Moved(bus)
        moves = (Move(commit=OLD), Move(commit=NEW, touched=(("argocd", "two"),)))
        history = RefHistory(repository=IDENTITY, ref="main", moves=moves)
        self.moved.take("k", encode(history))
        self.commits = Commits(self.describe, lambda *_: True)
        applications = SimpleNamespace(unsorted=lambda: self.documents)
        mirrors = SimpleNamespace(index=self.index, applications=applications)
        self.backend: Any = SimpleNamespace(mirrors=mirrors, moved=self.moved, commits=self.commits)

    async def describe(self, _: DescribeRevision) -> RevisionDescription:
        return RevisionDescription(author="Mara <m@x>", date="", message="")

    def names(self, word: str) -> list[str]:
        found = meaning(self.backend)(word, self.index.all)
        return sorted(one.name for one in self.index.documents(found))


def test_a_word_means_paths_and_images() -> None:
    known = Known()
    assert known.names("apps/one") == ["one"]
    assert known.names("two:1.0") == ["two"]


def test_digits_mean_the_revision_that_is_shown() -> None:
    known = Known()
    assert known.names(OLD[:4]) == ["one", "two"]
    assert known.names(OLD[:3]) == []
    assert known.names(OLD[1:9]) == []
    assert known.names(NEW[:8]) == ["one"]
    assert known.names(NEW) == ["one"]


async def test_a_word_means_the_author_of_what_was_deployed_once_that_is_known() -> None:
    known = Known()
    assert known.names("mara") == []
    await known.commits.ask(URL, "", OLD)
    assert known.names("mara") == ["one", "two"]
