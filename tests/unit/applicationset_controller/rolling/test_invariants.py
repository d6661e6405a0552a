"""Whatever happens in whatever order, a rolling sync keeps its promises and arrives."""

from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.model.applicationset import RolloutStep
from tests.unit.applicationset_controller.rolling.world import Played, World

NAMES = ("a", "b", "c")
EVENTS = st.lists(
    st.tuples(
        st.sampled_from(
            ("commit", "spec", "compare", "compare", "go on", "go on", "look", "look", "look", "look")
        ),
        st.sampled_from(NAMES),
        st.sampled_from((0.1, 0.4, 1.0, 2.5)),
        st.sampled_from(("", "", "", "fails", "dies")),
    ),
    min_size=25,
    max_size=50,
)


@settings(max_examples=100, deadline=None)
@given(
    steps=st.lists(st.sampled_from(("1", "2")), min_size=len(NAMES), max_size=len(NAMES)),
    most=st.lists(st.sampled_from((None, 1)), min_size=2, max_size=2),
    events=EVENTS,
)
def test_no_order_of_events_breaks_a_rollout(
    steps: list[str], most: list[int | None], events: list[tuple[str, str, float, str]]
) -> None:
    world = World(
        steps=tuple(RolloutStep(max_update=number) for number in most),
        apps={name: Played(step=step) for name, step in zip(NAMES, steps, strict=True)},
    )
    world.settle()
    world.operations.clear()
    for event, name, seconds, trouble in events:
        world.passes(seconds)
        if event == "commit":
            world.commit += 1
        elif event == "spec":
            world.spec += 1
        elif event == "compare":
            world.compare(name)
        elif event == "go on":
            world.go_on(name)
        else:
            world.look(fails=frozenset({name}) if trouble == "fails" else frozenset(), dies=trouble == "dies")
    world.settle()
    assert max(world.operations.values(), default=0) <= 1, world.operations
    world.passes(60)
    moves = world.look()
    assert (moves.begins, moves.refreshes, moves.again) == ((), frozenset(), None)


@settings(max_examples=50, deadline=None)
@given(dies_at=st.integers(0, 40))
def test_a_controller_killed_at_any_write_of_a_rollout_syncs_nothing_twice(dies_at: int) -> None:
    world = World(
        steps=(RolloutStep(max_update=1), RolloutStep(max_update=2)),
        apps={name: Played(step="1" if name < "b" else "2") for name in NAMES},
    )
    world.settle()
    world.operations.clear()
    world.commit += 1
    for number in range(60):
        world.look(dies=number == dies_at)
        world.passes(0.7)
        for name, app in world.apps.items():
            if app.is_refreshing or app.target != world.commit:
                world.compare(name)
            world.go_on(name)
    world.settle()
    assert dict(world.operations) == {(name, world.commit, 0): 1 for name in NAMES}
