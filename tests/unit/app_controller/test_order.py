"""Whatever becomes of the answers on their way, an application never goes back."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.app_controller.rendering.order import (
    Assured,
    Order,
    Taken,
    Verdict,
    after,
    order,
    order_of_failure,
    verdict,
)
from fairlead.events import Look


def look(number: int, epoch: str = "a") -> Look:
    return Look(epoch=epoch, number=number)


TAKEN = Taken(commit="c5", look=look(5), at=10)


def test_in_one_epoch_the_later_look_wins() -> None:
    assert order(TAKEN, "c6", look(6)) is Order.LATER
    assert order(TAKEN, "c4", look(4)) is Order.EARLIER


def test_one_look_cannot_have_found_two_commits() -> None:
    assert order(TAKEN, "c6", look(5)) is Order.UNKNOWN


def test_from_another_epoch_only_the_same_commit_is_taken() -> None:
    assert order(TAKEN, "c5", look(1, "b")) is Order.SAME
    assert order(TAKEN, "c6", look(99, "b")) is Order.UNKNOWN


def test_a_look_asked_for_after_what_was_taken_is_later() -> None:
    assured = [Assured(epoch="b", settled=3, at=11)]
    assert order(TAKEN, "c6", look(3, "b"), assured) is Order.LATER
    assert order(TAKEN, "c6", look(2, "b"), assured) is Order.UNKNOWN
    assert order(TAKEN, "c6", look(3, "c"), assured) is Order.UNKNOWN
    assert order(TAKEN, "c6", look(3, "b"), [Assured(epoch="b", settled=3, at=9)]) is Order.UNKNOWN


def test_what_a_mirror_remembers_counts_only_where_it_says_what_is_known() -> None:
    assert order(None, "c1", look(0)) is Order.UNKNOWN
    assert order(TAKEN, "c1", look(0, "b")) is Order.UNKNOWN
    assert order(TAKEN, "c5", look(0, "b")) is Order.SAME


def test_the_first_answer_from_a_look_is_taken() -> None:
    assert order(None, "c1", look(1)) is Order.LATER


def test_a_commit_named_by_itself_needs_no_look() -> None:
    assert order(None, "c1", Look()) is Order.LATER
    assert order(TAKEN, "c1", Look()) is Order.LATER


def test_what_the_status_remembers_is_not_left_without_a_fresh_look() -> None:
    remembered = Taken(commit="c5")
    assert order(remembered, "c5", look(3)) is Order.SAME
    assert order(remembered, "c6", look(3)) is Order.UNKNOWN
    assert order(remembered, "c6", look(3), [Assured(epoch="a", settled=3, at=1)]) is Order.LATER


def test_an_old_failure_is_refused() -> None:
    assert order_of_failure(TAKEN, look(4)) is Order.EARLIER
    assert order_of_failure(TAKEN, look(5)) is Order.SAME
    assert order_of_failure(TAKEN, look(1, "b")) is Order.SAME


def test_all_sources_decide_together() -> None:
    assert verdict([Order.SAME, Order.LATER]) is Verdict.TAKE
    assert verdict([Order.SAME, Order.EARLIER]) is Verdict.DROP
    assert verdict([Order.LATER, Order.EARLIER]) is Verdict.ANEW
    assert verdict([Order.LATER, Order.UNKNOWN]) is Verdict.DOUBT


class World:
    """Mirrors that look at one remote, and a controller that takes what reaches it.

    Time is the remote's history; `seen` is when each look was, which no rule may know.
    """

    def __init__(self) -> None:
        self.time = 0
        self.history = ["c0"]
        self.mirrors: list[tuple[str, int]] = []
        self.commits: dict[tuple[str, int], str] = {}
        self.seen: dict[tuple[str, int], int] = {}
        self.answers: list[tuple[str, Look]] = []
        self.taken: Taken | None = None
        self.taken_seen = -1
        self.assured: list[Assured] = []
        self.confirmed: list[tuple[Assured, int]] = []
        self.ticks = 0

    def tick(self) -> int:
        self.ticks += 1
        return self.ticks

    def start_mirror(self, memory: str) -> None:
        epoch = f"e{len(self.mirrors)}"
        self.mirrors.append((epoch, 0))
        self.commits[epoch, 0] = memory
        self.seen[epoch, 0] = -1

    def look(self, which: int) -> Look:
        epoch, number = self.mirrors[which]
        number += 1
        self.mirrors[which] = (epoch, number)
        self.commits[epoch, number] = self.history[-1]
        self.time += 1
        self.seen[epoch, number] = self.time
        return Look(epoch=epoch, number=number)

    def answer(self, which: int) -> None:
        epoch, number = self.mirrors[which]
        self.answers.append((self.commits[epoch, number], Look(epoch=epoch, number=number)))

    def assure(self, which: int) -> None:
        at = self.tick()
        found = self.look(which)
        settled = found.number
        while settled > 1 and self.commits[found.epoch, settled - 1] == self.commits[found.epoch, settled]:
            settled -= 1
        self.assured.append(Assured(epoch=found.epoch, settled=settled, at=at))
        self.confirmed.append((self.assured[-1], found.number))

    def receive(self, which: int) -> None:
        commit, found = self.answers[which]
        how = order(self.taken, commit, found, self.assured)
        if how not in {Order.SAME, Order.LATER}:
            return
        seen = self.last_seen(found)
        if how is Order.LATER and self.taken is not None:
            assert seen >= self.taken_seen, "an older state took the place of a newer one"
        before = self.taken
        self.taken = after(before, commit, found, self.assured, self.tick())
        if self.taken.look == found:
            self.taken_seen = max(seen, self.taken_seen if how is Order.SAME else -1)

    def last_seen(self, found: Look) -> int:
        """When the remote was last known to hold it: an assured look confirms what was found since."""
        confirmed = [
            self.seen[one.epoch, number]
            for one, number in self.confirmed
            if one.epoch == found.epoch and one.settled <= found.number <= number
        ]
        return max(self.seen[found.epoch, found.number], *confirmed, -1)

    def restart(self) -> None:
        """The controller keeps what the status says, and nothing else."""
        if self.taken is not None:
            self.taken = Taken(commit=self.taken.commit)
        self.assured, self.confirmed, self.ticks = [], [], 0


STEP = st.tuples(
    st.sampled_from(
        ["commit", "revert", "look", "answer", "receive", "again", "assure", "mirror", "stale", "restart"]
    ),
    st.integers(min_value=0, max_value=50),
)


@settings(max_examples=600, deadline=None)
@given(st.lists(STEP, max_size=60))
def test_no_loss_repetition_reordering_restart_or_second_replica_takes_an_application_back(
    steps: list[tuple[str, int]],
) -> None:
    world = World()
    world.start_mirror("c0")
    for what, number in steps:
        mirror = number % len(world.mirrors)
        match what:
            case "commit":
                world.history.append(f"c{len(world.history)}")
            case "revert":
                world.history.append(world.history[number % len(world.history)])
            case "look":
                world.look(mirror)
            case "answer":
                world.answer(mirror)
            case "receive" | "again" if world.answers:
                world.receive(number % len(world.answers))
            case "assure":
                world.assure(mirror)
            case "mirror":
                world.start_mirror(world.history[-1])
            case "stale":
                world.start_mirror(world.history[number % len(world.history)])
            case "restart":
                world.restart()
            case _:
                pass


@settings(max_examples=200, deadline=None)
@given(st.lists(STEP, max_size=40), st.integers(min_value=0, max_value=50))
def test_after_one_fresh_look_the_next_answer_of_that_mirror_is_taken(
    steps: list[tuple[str, int]], number: int
) -> None:
    world = World()
    world.start_mirror("c0")
    world.look(0)
    world.answer(0)
    world.receive(0)
    for what, other in steps:
        if what in {"mirror", "stale"}:
            world.start_mirror("c0")
        elif what == "commit":
            world.history.append(f"c{len(world.history)}")
        elif what == "look":
            world.look(other % len(world.mirrors))
        elif what == "receive":
            world.answer(other % len(world.mirrors))
            world.receive(-1)
    mirror = number % len(world.mirrors)
    world.assure(mirror)
    world.answer(mirror)
    world.receive(-1)
    assert world.taken is not None
    assert world.taken.commit == world.history[-1]


def test_a_taken_commit_is_data() -> None:
    assert msgspec.structs.asdict(TAKEN)["commit"] == "c5"


def test_a_version_remembered_from_before_is_the_commit_that_is_called_so() -> None:
    remembered = Taken(commit="1.2.3")
    assert order(remembered, "c5", look(0, "b"), shown="1.2.3") is Order.SAME
    assert order(remembered, "c5", look(1, "b"), shown="1.2.4") is Order.UNKNOWN
    kept = after(remembered, "c5", look(0, "b"), (), 1, shown="1.2.3")
    assert kept == Taken(commit="c5"), "which commit it is is known from then on"


def test_a_version_published_anew_is_another_commit() -> None:
    taken = Taken(commit="c5", look=look(5), at=10)
    assert order(taken, "c6", look(6), shown="1.2.3") is Order.LATER
    assert order(taken, "c6", look(4), shown="1.2.3") is Order.EARLIER
