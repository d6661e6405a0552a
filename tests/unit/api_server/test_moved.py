"""An application that newer commits left as it was is shown at the newest, and nothing else of it changes."""

import msgspec

from fairlead.api_server.documents import read_application
from fairlead.api_server.moved import Moved
from fairlead.events.envelope import encode
from fairlead.events.ref_history import RefHistory

REPO = "https://git.example/team/config.git"
HISTORY = RefHistory(repository="git.example/team/config", ref="").moved("a", "b", (("argocd", "touched"),))


class NoBus:
    """Nothing is watched."""

    def key_value(self, _: str) -> None:
        return None


def shown(name: str, **sync: object) -> dict[str, object]:
    moved = Moved(NoBus())  # type: ignore[arg-type]  # as much of a bus as is used
    moved.take("k", encode(HISTORY))
    app = {
        "metadata": {"name": name, "namespace": "argocd"},
        "spec": {"source": {"repoURL": REPO, "targetRevision": "HEAD"}},
        "status": {"sync": {"status": "Synced", **sync}, "history": [{"revision": "a"}]},
    }
    return msgspec.json.decode(moved.shown(read_application(msgspec.json.encode(app))).json)  # type: ignore[no-any-return]


def test_an_untouched_application_is_shown_at_the_newest_commit() -> None:
    app = shown("still", revision="a")
    assert app["status"] == {
        "sync": {"status": "Synced", "revision": "b"},
        "history": [{"revision": "a"}],
    }


def test_a_touched_application_is_shown_as_it_is_written() -> None:
    assert shown("touched", revision="a")["status"]["sync"]["revision"] == "a"  # type: ignore[index]


def test_an_application_without_a_revision_is_left_alone() -> None:
    assert shown("new")["status"]["sync"] == {"status": "Synced"}  # type: ignore[index]
