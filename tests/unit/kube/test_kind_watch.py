from fairlead.kube.errors import ForbiddenError, GoneError, UnreachableError
from fairlead.kube.head import decode_head
from fairlead.kube.keeping import Keeping
from fairlead.kube.kind_watch import KindState, KindWatch
from fairlead.kube.live_index import ChangeType, LiveChange, LiveIndex
from fairlead.kube.watch_events import Added, Deleted, Lost, Relisting, Resumed, Synced
from fairlead.manifest.tracking import owner_of
from tests.unit.kube.objects import CONFIG_MAPS, body


class _Kind:
    def __init__(self) -> None:
        self.index = LiveIndex()
        self.seen: list[tuple[str, str, bool]] = []
        self.watch = KindWatch(
            CONFIG_MAPS,
            self.index,
            namespace=None,
            keeping=Keeping(owner_of),
            publish=self._publish,
            on_state=lambda: None,
        )

    def _publish(self, change: LiveChange, initial: bool) -> None:
        self.seen.append((change.type.value, change.key.name, initial))

    def add(self, name: str, version: int) -> None:
        raw = body(name, version)
        self.watch.take(Added(decode_head(raw), raw))

    def delete(self, name: str, version: int) -> None:
        raw = body(name, version)
        self.watch.take(Deleted(decode_head(raw), raw))

    def list(self, version: int, *names: str) -> None:
        self.watch.take(Relisting())
        for name in names:
            self.add(name, version)
        self.watch.take(Synced(str(version)))


def test_a_kind_is_known_only_after_its_first_whole_list() -> None:
    kind = _Kind()
    kind.watch.take(Relisting())
    kind.add("a", 1)
    assert kind.watch.state is KindState.SYNCING
    kind.watch.take(Synced("1"))
    assert kind.watch.state is KindState.KNOWN
    assert kind.seen == [("added", "a", True)]


def test_a_relist_deletes_what_is_gone_only_once_it_is_complete() -> None:
    kind = _Kind()
    kind.list(1, "a", "b")
    kind.watch.take(Relisting())
    kind.add("a", 5)
    assert len(kind.index) == 2
    kind.watch.take(Lost(UnreachableError("reset"), 1, gap=True))
    assert len(kind.index) == 2
    kind.list(6, "a")
    assert [name for type_, name, _ in kind.seen if type_ == ChangeType.DELETED.value] == ["b"]


def test_a_forbidden_list_makes_the_kind_unknown_and_deletes_nothing() -> None:
    kind = _Kind()
    kind.list(1, "a")
    kind.watch.take(Lost(ForbiddenError("no"), 1, gap=True))
    assert kind.watch.state is KindState.UNKNOWN
    assert len(kind.index) == 1


def test_after_missed_events_only_a_list_makes_a_kind_known_again() -> None:
    kind = _Kind()
    kind.list(1, "a")
    kind.watch.take(Lost(GoneError("too old"), 1, gap=True))
    kind.watch.take(Resumed())
    assert kind.watch.state is KindState.UNKNOWN
    kind.list(2, "a")
    assert kind.watch.state is KindState.KNOWN


def test_one_dropped_connection_is_no_doubt_but_three_are() -> None:
    kind = _Kind()
    kind.list(1, "a")
    for failures in (1, 2):
        kind.watch.take(Lost(UnreachableError("reset"), failures, gap=False))
        assert kind.watch.state is KindState.KNOWN
    kind.watch.take(Lost(UnreachableError("reset"), 3, gap=False))
    assert kind.watch.state is KindState.UNKNOWN
    kind.watch.take(Resumed())
    assert kind.watch.state is KindState.KNOWN


def test_duplicate_and_late_events_change_nothing() -> None:
    kind = _Kind()
    kind.list(1)
    kind.add("a", 5)
    kind.add("a", 5)
    kind.add("a", 3)
    kind.delete("a", 6)
    kind.delete("a", 6)
    assert kind.seen == [("added", "a", False), ("deleted", "a", False)]


def test_a_doubt_is_told_again_once_it_is_known_that_the_list_is_refused() -> None:
    told: list[str] = []
    watch: KindWatch = KindWatch(
        CONFIG_MAPS,
        LiveIndex(),
        namespace=None,
        keeping=Keeping(owner_of),
        publish=lambda *_: None,
        on_state=lambda: told.append(type(watch.error).__name__),
    )
    watch.take(Lost(UnreachableError("reset"), 1, gap=True))
    watch.take(Lost(UnreachableError("reset"), 2, gap=True))
    watch.take(Lost(ForbiddenError("no"), 3, gap=True))
    watch.take(Lost(ForbiddenError("no"), 4, gap=True))
    assert told == ["UnreachableError", "ForbiddenError"]
