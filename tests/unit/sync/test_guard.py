"""The guard of prunes: each file under tests/golden/guard is one sentence.

Times are seconds after the start of the operation; the moment of the look is 60. `shown` is the list that the
condition tells of.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from fairlead.manifest.identity import ResourceKey
from fairlead.model.noted import LET_GO
from fairlead.model.sync import OperationPhase
from fairlead.sync.along import RESOURCES, along_with
from fairlead.sync.guard import (
    KINDS,
    OBJECTS,
    SHARE,
    GuardPolicy,
    Held,
    Prune,
    is_same_list,
    listed,
    read_policy,
    unless_confirmed,
)
from fairlead.sync.let_go import (
    APPROVED,
    APPROVED_LIST,
    MOST_OBJECTS,
    Approval,
    approval_of,
    let_go,
    read_let_go,
)
from fairlead.sync.plan import Plan
from fairlead.sync.prune import PruneDecision

from .cluster import Cluster, Controller, job, thing

GOLDEN = Path(__file__).parents[2] / "golden" / "guard"
CASES = sorted(GOLDEN.glob("*.yaml"))
STARTED = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
NOW = STARTED + timedelta(seconds=60)
DEFAULT = GuardPolicy()


def prunes_of(case: dict[str, Any]) -> list[Prune]:
    kinds = [tuple(("/" + text).rsplit("/", 1)) for text in case.get("kinds", ())]
    named = [
        Prune(
            key=ResourceKey(group.lstrip("/"), kind, "", f"a-{kind}"), is_asked=kind in case.get("asked", ())
        )
        for group, kind in kinds
    ]
    maps = [Prune(key=ResourceKey("", "ConfigMap", "shop", f"c{number}")) for number in range(case["count"])]
    return [*maps, *named]


def decide(prunes: list[Prune], policy: GuardPolicy = DEFAULT, **facts: Any) -> Held | None:
    known: dict[str, Any] = {
        "app": "web",
        "staying": 0,
        "may_empty": False,
        "started": STARTED,
        "shown": "",
        "moment": NOW,
    }
    approved, mark, used = (facts.pop(name, None) for name in ("approved", "mark", "used"))
    held = listed(policy, prunes, **{**known, **facts})
    approval = None if approved is None else confirmation(approved, mark or "")
    return None if held is None else unless_confirmed(held, approval, NOW, used)


def confirmation(at: datetime, mark: str = "") -> Approval:
    return Approval(text=at.isoformat(), at=at, mark=mark)


def shown_of(case: dict[str, Any]) -> str:
    since = timedelta(seconds=case.get("since", 0))
    held = decide(
        prunes_of(case), GuardPolicy(objects=1), started=STARTED + since, staying=case.get("staying", 0)
    )
    assert held is not None
    return held.condition


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_held_back(path: Path) -> None:
    case = yaml.safe_load(path.read_text())
    policy, problems = read_policy(case.get("policy", {}), GuardPolicy())
    assert len(problems) == case.get("problems", 0)
    approved = case.get("approved")
    held = decide(
        prunes_of(case["prunes"]),
        policy,
        staying=case.get("staying", 0),
        may_empty=case.get("may_empty", False),
        approved=None if approved is None else STARTED + timedelta(seconds=approved),
        shown=shown_of(case["shown"]) if "shown" in case else "",
    )
    wanted = case["held"]
    if wanted is None:
        assert held is None
        return
    assert held is not None
    assert (held.by_share, len(held.keys)) == (wanted["by_share"], wanted["count"])
    assert held.named[0].kind == wanted.get("first", "ConfigMap")
    assert (held.refused is not None) is wanted.get("refused", False)
    assert held.since == STARTED + timedelta(seconds=wanted.get("since", 0))


def test_the_condition_says_what_would_go_why_and_what_to_do() -> None:
    prunes = prunes_of({"count": 30, "kinds": ["Namespace"]})
    held = decide(prunes, staying=4)
    assert held is not None
    assert held.condition == (
        "Pruning waits to be confirmed. It would delete 31 of 35 objects (89%, where more than 50% waits): "
        "Namespace a-Namespace and all that is in it, "
        + ", ".join(f"ConfigMap shop/{key.name}" for key in held.named[1:])
        + " and 11 more. To let it go: `fairlead app confirm-deletion web`, or the annotation "
        "argocd.argoproj.io/deletion-approved with the time; to stop it: end the operation; never to be "
        "asked: sync option GuardPrune=false. "
        f"Confirmations since 2030-01-02T03:04:05Z count (list {held.mark})."
    )
    assert held.message == (
        "waiting for pruning confirmation of /Namespace/a-Namespace and 30 more resources "
        "(more than 50% of its objects): `fairlead app confirm-deletion web`"
    )


def test_a_confirmation_that_is_too_old_is_told_of() -> None:
    held = decide(prunes_of({"count": 0, "kinds": ["Namespace"]}), approved=STARTED - timedelta(seconds=1))
    assert held is not None
    assert "the confirmation of 2030-01-02T03:04:04Z is older than this list" in held.message


def test_a_confirmation_that_lies_in_the_future_is_told_of() -> None:
    held = decide(prunes_of({"count": 0, "kinds": ["Namespace"]}), approved=NOW + timedelta(days=365))
    assert held is not None
    assert "the confirmation of 2031-01-02T03:05:05Z lies in the future" in held.message


def test_a_condition_of_the_same_list_is_known_again_and_another_is_not() -> None:
    held, other = decide(prunes_of({"count": 20})), decide(prunes_of({"count": 21}))
    assert held is not None
    assert other is not None
    assert is_same_list(held, held.condition)
    assert not is_same_list(held, other.condition)
    assert not is_same_list(held, "")


def test_a_confirmation_counts_for_what_was_confirmed_and_not_for_what_came_to_it() -> None:
    prunes, approved = prunes_of({"count": 20}), STARTED + timedelta(seconds=5)
    before = let_go(None, "now", confirmation(approved), [one.key for one in prunes])
    assert before.covers([one.key for one in prunes[:12]])
    more = prunes_of({"count": 21})
    assert not before.covers([one.key for one in more])
    for ahead in (timedelta(0), timedelta(minutes=30)):
        used = let_go(None, "now", confirmation(approved + ahead), [one.key for one in prunes])
        held = decide(more, approved=approved + ahead, before=used, used=used)
        assert held is not None, "one confirmation, one list; by a clock that is ahead, too"
        assert held.since == NOW + timedelta(seconds=1)
        assert held.message.endswith(" was of others: `fairlead app confirm-deletion web`")
    later = decide(more, approved=NOW + timedelta(seconds=1), shown=held.condition, used=before)
    assert later is None


def test_a_confirmation_that_names_a_list_counts_for_no_other_and_each_for_a_day() -> None:
    prunes, approved = prunes_of({"count": 20}), STARTED + timedelta(seconds=5)
    shown = decide(prunes)
    assert shown is not None
    assert decide(prunes, approved=approved, mark=shown.mark) is None
    held = decide(prunes_of({"count": 21}), approved=approved, mark=shown.mark)
    assert held is not None
    assert "is of another list" in held.message
    old = {"started": STARTED - timedelta(days=2), "approved": NOW - timedelta(days=1, seconds=1)}
    held = decide(prunes, **old)
    assert held is not None
    assert "is older than a day" in held.message


def test_what_was_let_go_is_read_as_it_was_written_and_nonsense_is_nothing() -> None:
    keys = [one.key for one in prunes_of({"count": 20, "kinds": ["Namespace"]})]
    made = let_go(None, "2030-01-02T03:04:05Z", confirmation(NOW), keys)
    found = read_let_go({LET_GO: made.text()})
    assert found == made
    assert found is not None
    assert found.covers(keys)
    assert let_go(made, made.operation, confirmation(NOW), [ResourceKey("", "A", "", "b")]).covers(keys)
    assert not let_go(made, "another", confirmation(NOW), []).covers(keys)
    for text in ("", "a", "a b", "a %% c", "a AAAA c", " AAAAAAAA c", "a AAAAAAAA"):
        assert read_let_go({LET_GO: text}) is None, text
    many = [ResourceKey("", "A", "", f"{number}") for number in range(MOST_OBJECTS + 1)]
    most = read_let_go({LET_GO: let_go(None, "o", confirmation(NOW), many).text()})
    assert most is not None
    assert (most.approved, most.covers(many[:1])) == (confirmation(NOW).text, False)
    assert len(let_go(None, "o", confirmation(NOW), many[:MOST_OBJECTS]).text()) < 41_000


def test_the_list_of_a_confirmation_counts_only_beside_the_same_time() -> None:
    told = {APPROVED: "2030-01-02T03:04:05Z", APPROVED_LIST: "2030-01-02T03:04:05Z s01234567"}
    found = approval_of(told, NOW)
    assert found is not None
    assert found.mark == "s01234567"
    found = approval_of({**told, APPROVED: "2030-01-02T03:04:06Z"}, NOW)
    assert found is not None
    assert found.mark == "", "the stock command writes the time alone"
    assert approval_of(told, None) is None


def test_an_application_that_deletes_what_it_deployed_counts_for_all_of_it() -> None:
    prunes = prunes_of({"count": 2})
    assert decide(prunes, staying=3) is None
    child = ResourceKey("argoproj.io", "Application", "argocd", "child")
    held = decide([*prunes, Prune(key=child, along=40)], staying=3)
    assert held is not None
    assert (held.going, held.named[0]) == (43, child)
    assert "It would delete 43 of 46 objects (93%" in held.condition
    assert "argoproj.io/Application argocd/child and the 40 that go with it, " in held.condition
    assert decide([Prune(key=child, along=40)], staying=60) is None


def test_what_goes_along_is_what_an_application_with_the_finalizer_deployed_each_object_once() -> None:
    def app(*deployed: dict[str, Any], finalizers: tuple[str, ...] = (RESOURCES,)) -> bytes:
        body = {"metadata": {"finalizers": finalizers}, "status": {"resources": deployed}}
        return msgspec.json.encode(body)

    def key(name: str) -> ResourceKey:
        return ResourceKey("argoproj.io", "Application", "argocd", name)

    def entry(name: str) -> dict[str, Any]:
        return {"group": "argoproj.io", "kind": "Application", "namespace": "argocd", "name": name}

    maps = [{"kind": "ConfigMap", "namespace": "a", "name": f"c{number}"} for number in range(3)]
    texts = {
        key("leaf"): app(*maps, {"kind": "Job", "namespace": "a", "name": "j", "hook": True}),
        key("other"): app(*maps[:1], finalizers=(f"{RESOURCES}/background",)),
        key("top"): app(entry("leaf"), entry("other"), entry("top"), entry("unknown")),
        key("kept"): app(*maps, finalizers=()),
        key("odd"): b'{"status": {"resources": 7}}',
    }
    counts = {name.name: along_with(name, lambda one: texts.get(one, b"")) for name in texts}
    assert counts == {"leaf": 3, "other": 1, "top": 6, "kept": 0, "odd": 0}
    assert along_with(ResourceKey("", "ConfigMap", "a", "b"), lambda _: texts[key("leaf")]) == 0


@pytest.mark.parametrize(
    ("name", "text", "read"),
    [
        (SHARE, "30", 30.0),
        (SHARE, " 12.5 % ", 12.5),
        (SHARE, "off", 100.0),
        (OBJECTS, "3", 3),
        (KINDS, "Namespace", frozenset({("", "Namespace")})),
        (KINDS, "none", frozenset()),
    ],
)
def test_a_threshold_is_read(name: str, text: str, read: object) -> None:
    policy, problems = read_policy({name: text}, GuardPolicy())
    assert (getattr(policy, name), problems) == (read, [])


@pytest.mark.parametrize(
    ("name", "text", "holds"),
    [
        (SHARE, "150%", "50%"),
        (SHARE, "-1", "50%"),
        (SHARE, "nan", "50%"),
        (SHARE, "0x10", "50%"),
        (OBJECTS, "0", "10"),
        (OBJECTS, "1e9", "10"),
        (KINDS, "Name space", "CustomResourceDefinition"),
        (KINDS, ",", "Namespace"),
        (KINDS, "*", "Namespace"),
    ],
)
def test_a_threshold_that_nobody_understands_is_named_with_what_holds(
    name: str, text: str, holds: str
) -> None:
    policy, (problem,) = read_policy({name: text}, GuardPolicy())
    assert policy == GuardPolicy()
    assert problem.startswith(f"{name}: {text!r}")
    assert problem.endswith("holds")
    assert holds in problem


def test_a_project_changes_only_what_it_names() -> None:
    system, _ = read_policy({SHARE: "20%", KINDS: "off"}, GuardPolicy())
    project, _ = read_policy({OBJECTS: "2"}, system)
    assert project == GuardPolicy(share=20.0, objects=2, kinds=frozenset())


class Guarded(Controller):
    """A controller whose plan holds back what it is told to."""

    held: frozenset[ResourceKey] = frozenset()

    def plan(self) -> Plan:
        plan = super().plan()
        waiting = [Prune(key=key) for key in self.held if key in self.cluster.objects]
        held = decide(waiting, GuardPolicy(objects=1)) if waiting else None
        return msgspec.structs.replace(plan, held=held)


def old(cluster: Cluster, name: str) -> ResourceKey:
    key = ResourceKey("", "ConfigMap", "shop", name)
    cluster.put(key, {**thing("ConfigMap", name), "metadata": {"name": name, "namespace": "shop"}})
    return key


def test_everything_but_the_held_prunes_goes_on_also_what_comes_after_them() -> None:
    cluster = Cluster()
    held, free = old(cluster, "held"), old(cluster, "free")
    controller = Guarded(
        cluster,
        [job("check", "PostSync"), thing("ConfigMap", "later", wave="5"), thing("ConfigMap", "first")],
        extras=dict.fromkeys((held, free), PruneDecision(allowed=True)),
    )
    controller.held = frozenset({held})
    for _ in range(6):
        step = controller.evaluate()
        cluster.finish_all()
    assert (step.phase, step.awaits_person) == (OperationPhase.RUNNING, True)
    assert step.message.startswith("waiting for pruning confirmation of /ConfigMap/held")
    assert {task.key for task in step.awaits} == {held}
    assert cluster.created == ["first", "later", "check"]
    assert cluster.deleted == ["free"]
    controller.held = frozenset()
    assert controller.run().phase is OperationPhase.SUCCEEDED
    assert cluster.deleted == ["free", "held"]


def test_a_sync_of_nothing_but_held_prunes_waits_without_a_record() -> None:
    cluster = Cluster()
    held = old(cluster, "held")
    controller = Guarded(cluster, [], extras={held: PruneDecision(allowed=True)})
    controller.held = frozenset({held})
    assert controller.evaluate().awaits_person
    assert controller.status == ()
    del cluster.objects[held]
    assert controller.evaluate().phase is OperationPhase.SUCCEEDED
    assert cluster.deleted == []


def test_a_held_prune_is_never_made_by_a_sync_that_fails() -> None:
    cluster = Cluster(refuses={"bad": "no"})
    held = old(cluster, "held")
    controller = Guarded(cluster, [thing("ConfigMap", "bad")], extras={held: PruneDecision(allowed=True)})
    controller.held = frozenset({held})
    assert controller.run().phase is OperationPhase.FAILED
    assert cluster.deleted == []
