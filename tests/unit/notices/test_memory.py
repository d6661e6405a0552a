"""The memory of what was sent, byte for byte as Argo CD keeps it, and what follows from it."""

import base64
import hashlib

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from fairlead.notices.configuration import Configuration, read
from fairlead.notices.environment import Outcome
from fairlead.notices.judging.decide import Decision, decide, evaluations, texts_of
from fairlead.notices.judging.fresh import is_fresh
from fairlead.notices.judging.memory import (
    ANNOTATION,
    MOST,
    condition_key,
    memory_key,
    read_memory,
    trimmed,
    written,
)
from fairlead.notices.judging.subscriptions import Destination

WHEN = "app.status.operationState.phase in ['Succeeded'] and app.status.health.status == 'Healthy'"
CONDITION = "[0].y7b5sbwa2Q329JYH755peeq-fBs"
"""Of that expression, as Argo CD 3 writes it into Applications."""


def test_keys_are_spelled_as_argo_cd_spells_them() -> None:
    assert condition_key(0, WHEN) == CONDITION
    key = memory_key("on-x", CONDITION, "slack", "team", once_per=None)
    assert key == f"on-x:{CONDITION}:slack:team"
    assert memory_key("on-x", CONDITION, "slack", "team", once_per="abc").startswith("abc:on-x:[0].")
    assert (
        memory_key("on-x", CONDITION, "s", "t", once_per="<nil>", own="ns")
        == f"<nil>:ns:on-x:{CONDITION}:s:t"
    )
    digest = base64.urlsafe_b64encode(hashlib.sha1(b"true").digest()).decode().rstrip("=")  # noqa: S324
    assert condition_key(3, "true") == f"[3].{digest}"


def test_what_is_no_memory_is_nothing() -> None:
    for text in ("", "x", "[]", '{"a": "b"}', "null"):
        assert read_memory({ANNOTATION: text}) == {}
    assert written({}) is None


@given(st.dictionaries(st.text(max_size=8), st.integers(0, 1000), max_size=250), st.sets(st.text(max_size=8)))
def test_the_newest_are_kept_and_whatever_is_in_force(memory: dict[str, int], in_force: set[str]) -> None:
    kept = trimmed(memory, in_force)
    assert kept.items() <= memory.items()
    assert in_force & memory.keys() <= kept.keys()
    lost = memory.keys() - kept.keys()
    if lost:
        newest = sorted(memory.values(), reverse=True)[:MOST]
        assert len(kept) >= MOST
        assert max(memory[key] for key in lost) <= newest[-1]
    assert read_memory({ANNOTATION: written(kept) or ""}) == kept


def _configuration(once_per: str = "", *, is_own: bool = False) -> Configuration:
    trigger = [{"when": "w", "send": ["t"], **({"oncePer": once_per} if once_per else {})}]
    data = {
        "trigger.on-x": msgspec.json.encode(trigger).decode(),
        "template.t": "message: m",
        "service.slack": "token: t",
    }
    return read(data, {}, namespace="team", is_own=is_own)


def _decided(
    configuration: Configuration, outcomes: dict[str, Outcome], memory: set[str], event: str = ""
) -> Decision:
    to = [Destination("on-x", "slack", "a"), Destination("on-x", "slack", "b")]
    judged = {"on-x": evaluations(configuration, "on-x", outcomes, event=event)}
    return decide(configuration, to, judged, memory.__contains__)


def test_a_condition_is_told_once_while_it_holds_and_again_when_it_holds_again() -> None:
    configuration, holds, over = _configuration(), {"w": Outcome(holds=True)}, {"w": Outcome()}
    first = _decided(configuration, holds, set())
    assert [send.recipient for send in first.sends] == ["a", "b"]
    memory = {send.key for send in first.sends}
    assert _decided(configuration, holds, memory).sends == ()
    assert _decided(configuration, over, memory).forgets == memory
    assert len(_decided(configuration, holds, set()).sends) == 2


def test_with_once_per_nothing_is_forgotten_and_another_value_is_told() -> None:
    configuration = _configuration("o")
    one = {"w": Outcome(holds=True), "o": Outcome(text="one")}
    first = _decided(configuration, one, set())
    memory = {send.key for send in first.sends}
    assert all(key.startswith("one:on-x:[0].") for key in memory)
    assert all(send.stays for send in first.sends)
    assert _decided(configuration, {"w": Outcome(), "o": Outcome(text="one")}, memory).forgets == frozenset()
    two = {"w": Outcome(holds=True), "o": Outcome(text="two")}
    assert len(_decided(configuration, two, memory).sends) == 2


def test_a_once_per_of_what_is_not_there_is_none_and_costs_nobody_the_message() -> None:
    configuration = _configuration("o")
    nothing = Outcome(problem="cannot fetch syncResult from <nil> (1:29)")
    first = _decided(configuration, {"w": Outcome(holds=True), "o": nothing}, set())
    memory = {send.key for send in first.sends}
    assert [key.partition(":")[0] for key in sorted(memory)] == ["on-x", "on-x"]
    assert first.problems == ()
    assert _decided(configuration, {"w": Outcome(holds=True), "o": nothing}, memory).sends == ()
    assert _decided(configuration, {"w": Outcome(), "o": nothing}, memory).forgets == memory
    other = _decided(configuration, {"w": Outcome(holds=True), "o": Outcome(problem="a typo")}, set())
    assert (other.sends, len(other.problems)) == ((), 1)


def test_what_cannot_be_judged_sends_nothing_and_forgets_nothing() -> None:
    configuration = _configuration()
    memory = {send.key for send in _decided(configuration, {"w": Outcome(holds=True)}, set()).sends}
    failed = _decided(configuration, {"w": Outcome(problem="no such field")}, memory)
    assert (failed.sends, failed.forgets) == ((), frozenset())
    assert failed.in_force == memory
    assert failed.problems == ("trigger 'on-x', condition 1: no such field",)


def test_a_configuration_of_a_namespace_has_its_name_in_the_key() -> None:
    sends = _decided(_configuration(is_own=True), {"w": Outcome(holds=True)}, set()).sends
    assert all(send.key.startswith("team:on-x:[0].") for send in sends)


def test_what_is_subscribed_to_and_not_there_is_said() -> None:
    configuration = _configuration()
    found = decide(
        configuration,
        [Destination("nowhere", "slack", "a"), Destination("on-x", "nobody", "a")],
        {"on-x": evaluations(configuration, "on-x", {"w": Outcome(holds=True)})},
        lambda _: False,
    )
    assert found.sends == ()
    assert found.problems == (
        "trigger 'nowhere' is subscribed to and not configured",
        "service 'nobody' is subscribed to and not configured",
    )


def test_a_condition_of_events_means_nothing_without_one_and_is_told_once_for_each() -> None:
    data = {"trigger.on-e": "[{when: \"event.type endsWith 'drifted'\", send: [t]}]", "service.slack": "{}"}
    configuration = read(data, {})
    assert texts_of(configuration, ["on-e"]) == ()
    assert evaluations(configuration, "on-e", {}) == ()
    (text,) = texts_of(configuration, ["on-e"], has_event=True)
    (one,) = evaluations(configuration, "on-e", {text: Outcome(holds=True)}, event="id-1")
    assert one.once_per == "id-1"


def _status(**fields: object) -> bytes:
    return msgspec.json.encode({"status": fields})


def test_an_application_is_stale_until_it_was_compared_after_its_operation() -> None:
    ended = {"phase": "Succeeded", "finishedAt": "2026-01-01T00:00:10Z"}
    early, late = "2026-01-01T00:00:09Z", "2026-01-01T00:00:10Z"
    assert is_fresh(_status())
    assert is_fresh(_status(operationState={"phase": "Running"}, reconciledAt=early))
    assert not is_fresh(_status(operationState=ended))
    assert not is_fresh(_status(operationState=ended, reconciledAt=early, observedAt=early))
    assert is_fresh(_status(operationState=ended, reconciledAt=late))
    assert is_fresh(_status(operationState=ended, reconciledAt=early, observedAt=late))
