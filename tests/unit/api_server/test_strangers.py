"""Who gives way to whom, before it is known who they are."""

from fairlead.api_server.strangers import Strangers


class Held:
    """What strangers hold, and whose was ended."""

    def __init__(self, *, of_one: int, in_all: int) -> None:
        self.strangers = Strangers("test", of_one=of_one, in_all=in_all)
        self.ended: list[str] = []

    def came(self, key: str, address: str) -> None:
        self.strangers.came(key, address, lambda: self.ended.append(key))


def test_the_oldest_of_an_address_gives_way_to_a_new_one_of_it() -> None:
    held = Held(of_one=2, in_all=10)
    for key in "abc":
        held.came(key, "10.0.0.1")
    held.came("d", "10.0.0.2")
    assert held.ended == ["a"]


def test_of_all_the_oldest_gives_way_and_who_is_known_does_not() -> None:
    held = Held(of_one=9, in_all=2)
    held.came("known", "10.0.0.1")
    held.strangers.left("known")
    held.strangers.left("known")
    for number, key in enumerate("abc"):
        held.came(key, f"10.0.0.{number}")
    assert held.ended == ["a"]
    assert [held.strangers.make_room() for _ in range(3)] == [True, True, False]
    assert held.ended == ["a", "b", "c"]


def test_a_network_of_ipv6_is_one_address() -> None:
    held = Held(of_one=2, in_all=10)
    for key in "abc":
        held.came(key, f"2001:db8::{key}")
    held.came("d", "2001:db8:0:1::1")
    assert held.ended == ["a"]


def test_nothing_is_kept_of_who_left() -> None:
    held = Held(of_one=2, in_all=10)
    for number in range(100):
        held.came("same", f"10.0.0.{number}")
        held.strangers.left("same")
    assert len(held.strangers) == 0
    assert not held.strangers._of
