"""The judge of messages sees each kind of wrong, and nothing wrong in what is right."""

from typing import Any

import aiohttp
import pytest

from tests.chaos.effects import Watchers
from tests.chaos.post import Arrival, Post
from tests.chaos.post_judge import misdirected, out_of_order, told_again, untold
from tests.chaos.workload import subscribed


def _came(
    at: float,
    key: str = "c1",
    *,
    order: str = "1",
    receiver: str = "first",
    answered: bool = True,
    authorized: bool = True,
) -> Arrival:
    return Arrival(
        at=at,
        receiver=receiver,
        app="web",
        uid="u",
        trigger="deployed",
        key=key,
        order=order,
        answered=answered,
        authorized=authorized,
    )


def _app(phase: str = "Succeeded", health: str = "Healthy", **metadata: Any) -> dict[str, Any]:
    state = {"phase": phase, "startedAt": "t1", "syncResult": {"revision": "c1"}}
    annotations = {**subscribed("first", "deployed"), **subscribed("second", "failed")}
    return {
        "metadata": {"name": "web", "uid": "u", "annotations": annotations, **metadata},
        "status": {"operationState": state, "health": {"status": health}},
    }


def test_what_was_deployed_to_rest_has_to_be_told() -> None:
    (found,) = untold([_app()], [])
    assert found.startswith("I18: first was not told")
    assert untold([_app()], [_came(1)]) == []
    assert len(untold([_app()], [_came(1, "c0")])) == 1
    assert len(untold([_app()], [_came(1, receiver="second")])) == 1
    assert untold([_app(health="Degraded")], []) == []


def test_a_sync_that_failed_has_to_be_told() -> None:
    (found,) = untold([_app("Failed")], [_came(1)])
    assert found.startswith("I18: second was not told that web failed, t1")


def test_what_a_selector_subscribes_has_to_be_told() -> None:
    (found,) = untold([_app(annotations={}, labels={"chaos-set": "rolling"})], [])
    assert found.startswith("I18: third")


def test_a_message_does_not_come_again_unless_who_sent_it_was_disturbed() -> None:
    twice = [_came(10), _came(20)]
    (found,) = told_again(twice, [])
    assert found.startswith("I19")
    assert told_again(twice, [(15, 15)]) == []
    assert len(told_again(twice, [(5, 6)])) == 1
    assert len(told_again(twice, [(21, 22)])) == 1
    assert told_again([_came(10, answered=False), _came(20)], []) == []
    assert told_again([_came(10), _came(20, "c2")], []) == []
    assert len(told_again([*twice, _came(30)], [(15, 15)])) == 1


def test_messages_of_one_application_come_in_order() -> None:
    assert out_of_order([_came(1, order="1"), _came(2, "c2", order="2")]) == []
    (found,) = out_of_order([_came(1, "c2", order="2"), _came(2, order="1")])
    assert found.startswith("I20")
    assert out_of_order([_came(1, order="1"), _came(2, "c2", order="2"), _came(3, order="1")]) == []


def test_nobody_is_told_of_what_another_subscribed_to() -> None:
    wanted = {"web": {("first", "deployed")}}
    assert misdirected([_came(1)], wanted) == []
    (found,) = misdirected([_came(1, receiver="second")], wanted)
    assert found.startswith("I21: second")
    (found,) = misdirected([_came(1, authorized=False)], wanted)
    assert "without its token" in found


async def test_a_receiver_refuses_loses_and_takes() -> None:
    message = {"trigger": "deployed", "app": "web", "uid": "u", "key": "c1", "order": "1"}
    async with Post(Watchers()) as post, aiohttp.ClientSession() as session:
        post.token = "secret"
        url, headers = f"http://127.0.0.1:{post.port}/first", {"Authorization": "Bearer secret"}
        post.fail(503)
        async with session.post(url, json=message) as answer:
            assert answer.status == 503
        assert post.arrivals == []
        post.heal()
        post.lose()
        with pytest.raises(aiohttp.ClientError):
            await session.post(url, json=message)
        post.heal()
        async with session.post(url, json=message, headers=headers) as answer:
            assert answer.status == 200
        lost, came = post.arrivals
        assert (lost.answered, lost.authorized) == (False, False)
        assert (came.answered, came.authorized, came.receiver, came.key) == (True, True, "first", "c1")
