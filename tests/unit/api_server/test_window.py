"""A window's events, applied as the page of the documentation says, give what a search would answer."""

from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.api_server.operations.search.held import KEPT_EVENTS, KEPT_WINDOWS, Shown, Windows
from fairlead.api_server.operations.search.window import difference

ROWS = st.lists(st.integers(0, 12), max_size=9, unique=True)


def applied(
    shown: list[tuple[str, int]], removed: list[str], rows: list[tuple[int, tuple[str, int]]]
) -> list[tuple[str, int]]:
    """What a client does with an event."""
    kept = [row for row in shown if row[0] not in removed]
    for at, row in rows:
        if at < len(kept) and kept[at][0] == row[0]:
            kept[at] = row
        else:
            kept.insert(at, row)
    return kept


@settings(max_examples=500, deadline=None)
@given(ROWS, ROWS, st.integers(0, 4095))
def test_what_changed_makes_the_new_window_of_the_old(old: list[int], new: list[int], changed: int) -> None:
    before = [(str(one), 0) for one in old]
    after = [(str(one), changed >> (one % 12) & 1) for one in new]
    shown = Shown(tuple(key for key, _ in before), tuple(row for _, row in before))
    now = Shown(tuple(key for key, _ in after), tuple(row for _, row in after))
    removed, taken = difference(shown, now)
    assert applied(before, removed, [(at, after[at]) for at in taken]) == after


def test_a_row_that_moves_takes_no_other_with_it() -> None:
    keys = tuple("abcdef")
    shown = Shown(keys, (0,) * 6)
    removed, taken = difference(shown, Shown(tuple("bcdefa"), (0,) * 6))
    assert (removed, taken) == (["a"], [5])
    removed, taken = difference(shown, Shown(tuple("fabcde"), (0,) * 6))
    assert (removed, taken) == (["f"], [0])
    assert difference(shown, shown) == ([], [])


ANN, BOB = ("argocd", "ann"), ("argocd", "bob")


def test_a_window_goes_on_for_its_own_client_alone_from_what_it_had() -> None:
    windows = Windows()
    window, shown = windows.opened("", ANN, "question")
    assert shown is None
    ids = [window.show(Shown((str(number),), (number,))) for number in range(KEPT_EVENTS + 2)]
    windows.keep(window)
    for last, owner, question in (
        (ids[-1], BOB, "question"),
        (ids[-1], ANN, "another"),
        (ids[0], ANN, "question"),
        (f"{window.name}-x", ANN, "question"),
        ("nothing", ANN, "question"),
    ):
        other, shown = windows.opened(last, owner, question)
        assert shown is None
        assert other.name != window.name
    again, shown = windows.opened(ids[-2], ANN, "question")
    assert shown == Shown(("4",), (4,))
    assert again.show(Shown()) == f"{window.name}-{KEPT_EVENTS + 3}"


def test_a_client_that_is_back_before_it_was_known_to_have_left_takes_its_window_along() -> None:
    windows = Windows()
    window, _ = windows.opened("", ANN, "question")
    last = window.show(Shown(("a",), (1,)))
    again, shown = windows.opened(last, ANN, "question")
    assert shown == Shown(("a",), (1,))
    assert window.is_taken
    windows.keep(window)
    assert windows.opened(again.show(Shown()), ANN, "question")[1] == Shown()


def test_of_windows_that_were_left_the_last_are_kept() -> None:
    windows = Windows()
    ids = []
    for _ in range(KEPT_WINDOWS + 1):
        window, _ = windows.opened("", ANN, "question")
        ids.append(window.show(Shown()))
        windows.keep(window)
    assert windows.opened(ids[0], ANN, "question")[1] is None
    assert windows.opened(ids[1], ANN, "question")[1] == Shown()
