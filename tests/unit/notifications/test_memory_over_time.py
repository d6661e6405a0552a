"""Whatever happens in whatever order: what holds is told, once each time, and once more for each kill."""

from collections import deque

from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.notices.configuration import Configuration, read
from fairlead.notices.environment import Outcome
from fairlead.notices.judging.decide import Send, decide, evaluations
from fairlead.notices.judging.subscriptions import Destination
from fairlead.notifications.delivering.ledger import Ledger
from tests.unit.notifications.test_outbox import followed

DATA = {
    "trigger.on-state": "[{when: w, send: [t]}]",
    "trigger.on-value": "[{when: w, oncePer: o, send: [t]}]",
    "template.t": "message: m",
    "service.a": "{}",
}
TO = [Destination("on-state", "a", "x"), Destination("on-value", "a", "x")]
STEPS = ("begin", "end", "other value", "look", "deliver", "write", "kill")


class _World:
    """One application, what is true of it, and the process that tells of it."""

    def __init__(self) -> None:
        self.configuration: Configuration = read(DATA, {})
        self.app = followed()
        self.annotation: dict[str, int] = {}
        self.holds, self.value, self.now = False, 0, 0
        self.ledger, self.under_way = Ledger(), deque[Send]()
        self.told: list[str] = []
        self.seen: list[str] = []
        self.kills = 0
        self._was_seen: dict[str, bool] = {}

    def do(self, step: str) -> None:
        self.now += 1
        match step:
            case "begin" | "end":
                self.holds = step == "begin"
            case "other value":
                self.value += 1
            case "look":
                self._look()
            case "deliver":
                self._deliver()
            case "write":
                self._write()
            case _:
                self._kill()

    def settle(self) -> None:
        for _ in range(6):
            for step in ("look", "deliver", "deliver", "write"):
                self.do(step)

    def _look(self) -> None:
        outcomes = {"w": Outcome(holds=self.holds), "o": Outcome(text=str(self.value))}
        judged = {to.trigger: evaluations(self.configuration, to.trigger, outcomes) for to in TO}
        remembered = self._remembered
        decision = decide(self.configuration, TO, judged, remembered)
        self._note()
        self.ledger.page(self.app).in_force[""] = decision.in_force
        self.ledger.forget(self.app, decision.forgets)
        for send in decision.sends:
            self.ledger.page(self.app).under_way.add(send.key)
            self.under_way.append(send)

    def _remembered(self, key: str) -> bool:
        return self.ledger.is_remembered(self.app, key, "")

    def _note(self) -> None:
        """Each time that something begins to hold, as far as looks can see."""
        for name in ("state", f"value {self.value}"):
            is_new = self.holds and not (self._was_seen.get(name) if name == "state" else name in self.seen)
            if is_new:
                self.seen.append(name)
        self._was_seen["state"] = self.holds

    def _deliver(self) -> None:
        if self.under_way:
            send = self.under_way.popleft()
            self.told.append(send.key)
            self.ledger.sent(self.app, send.key, stays=send.stays, now=self.now)

    def _write(self) -> None:
        memory, changes = self.ledger.wanted(self.app)
        self.annotation = self.app.memory = memory
        self.ledger.written(self.app, changes)

    def _kill(self) -> None:
        self.kills += 1
        self.ledger, self.under_way = Ledger(), deque()
        self.app.memory = dict(self.annotation)


@settings(max_examples=300)
@given(st.lists(st.sampled_from(STEPS), max_size=40))
def test_what_holds_is_told_once_each_time_and_at_most_once_more_for_each_kill(steps: list[str]) -> None:
    world = _World()
    for step in steps:
        world.do(step)
    world.settle()
    states = [key for key in world.annotation if "on-state" in key]
    assert len(states) == world.holds
    if world.holds:
        assert any(key.startswith(f"{world.value}:on-value:") for key in world.annotation)
    assert all(key in world.told for key in world.annotation)
    assert len([key for key in world.told if "on-state" in key]) <= world.seen.count("state") + world.kills
    values = [key for key in world.told if "on-value" in key]
    assert len(values) <= len({name for name in world.seen if name != "state"}) + world.kills
    told = len(world.told)
    world.settle()
    assert len(world.told) == told
