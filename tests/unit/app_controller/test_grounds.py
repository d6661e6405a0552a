"""A verdict is used again only while everything it depends on is equal."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from fairlead.app_controller.comparing.comparison import compare_application
from fairlead.app_controller.comparing.digest import terms_digest
from fairlead.app_controller.comparing.grounds import Grounds, Kind, Terms
from fairlead.app_controller.comparing.item import Comparison, Item, Subject
from fairlead.app_controller.comparing.ledger import Ledger
from fairlead.app_controller.permission import Permission
from fairlead.kube.kind_watch import KindState
from fairlead.manifest.identity import ResourceKey
from fairlead.manifest.prepare import make_desired
from fairlead.manifest.tracking import Method, Tracking
from fairlead.model.status import ResourceIgnoreDifferences
from fairlead.settings import ControllerSettings
from fairlead.sync.options import parse_options
from tests.unit.app_controller.compared import (
    KEY,
    FakeCluster,
    config_map,
    live,
    otherwise,
    project,
    subject,
    terms,
    wanted,
)

Change = Callable[[FakeCluster], Subject]
FORBIDS = Permission(project=project("Secret"), server="https://one", cluster_name="one")


def _with_state(state: KindState, reason: str = "") -> Change:
    def change(cluster: FakeCluster) -> Subject:
        cluster.live.state, cluster.live.reason = state, reason
        return subject(cluster, wanted())

    return change


def _with_live(**changes: str) -> Change:
    def change(cluster: FakeCluster) -> Subject:
        cluster.live.objects[KEY] = live(**changes)
        return subject(cluster, wanted())

    return change


def _unserved(cluster: FakeCluster) -> Subject:
    cluster.discovery.served = False
    return subject(cluster, wanted())


GROUNDS: dict[str, Change] = {
    "terms": lambda cluster: subject(cluster, wanted(), permitted=FORBIDS),
    "desired": lambda cluster: subject(cluster, wanted(config_map(colour="green"))),
    "namespaced": lambda cluster: subject(cluster, make_desired(KEY, config_map(), namespaced=None)),
    "uid": _with_live(uid="another"),
    "version": _with_live(version="6"),
    "spelling": _with_live(spelling="v2"),
    "owner": _with_live(instance="somebody"),
    "kind.state": _with_state(KindState.SYNCING),
    "kind.doubt": _with_state(KindState.UNKNOWN, "connection refused"),
    "kind.is_served": _unserved,
}
RULE = ResourceIgnoreDifferences(group="*", kind="*", json_pointers=("/data/colour",))
TERMS: dict[str, object] = {
    "instance": "another",
    "itself": ResourceKey("argoproj.io", "Application", "argocd", "another"),
    "settings": ControllerSettings(tracking=Tracking(Method.LABEL)),
    "permitted": FORBIDS,
    "ignore": (RULE,),
    "options": parse_options(["Delete=confirm"]),
    "compare_options": frozenset({"IncludeMutationWebhook=true"}),
    "eager": True,
}


async def _kept(about: Subject, ledger: Ledger) -> Item:
    found = await compare_application(about, ledger)
    assert found.code == "Synced"
    return found.items[0]


def test_every_ground_and_every_term_is_tried_here() -> None:
    kinds = {f"kind.{name}" for name in Kind._fields}
    assert set(GROUNDS) == set(Grounds._fields) - {"kind"} | kinds
    assert set(TERMS) == set(Terms.__struct_fields__)


def test_a_subject_holds_nothing_beside_its_terms_that_a_verdict_could_depend_on() -> None:
    """Objects and the cluster's state of them are grounds; what `may_ask` leaves open is not kept,
    `jq` evaluates what the rules say and knows nothing itself, and as whom `asker` asks makes no difference
    to an answer, only whether there is one.
    """
    parts = {"prepared", "cluster", "terms", "may_ask", "jq", "asker"}
    assert set(Subject.__struct_fields__) == parts


@pytest.mark.parametrize("name", GROUNDS)
async def test_a_changed_ground_is_judged_anew(name: str) -> None:
    cluster, ledger = FakeCluster(live()), Ledger()
    about = subject(cluster, wanted())
    before = await _kept(about, ledger)
    changed = GROUNDS[name](cluster)
    if changed.prepared == about.prepared:
        changed = msgspec.structs.replace(changed, prepared=about.prepared)
    ledger.mark(KEY)
    after = await compare_application(changed, ledger)
    assert not after.items or after.items[0] is not before
    fresh = await compare_application(GROUNDS[name](cluster), Ledger())
    assert _seen(after) == _seen(fresh)


@pytest.mark.parametrize("name", TERMS)
async def test_a_changed_term_is_judged_anew(name: str) -> None:
    cluster, ledger = FakeCluster(live()), Ledger()
    about = subject(cluster, wanted())
    before = await _kept(about, ledger)
    changed = otherwise(about, **{name: TERMS[name]})
    after = await compare_application(changed, ledger)
    assert after.items[0] is not before
    assert _seen(after) == _seen(await compare_application(changed, Ledger()))


def test_other_terms_have_another_digest() -> None:
    digests = {terms_digest(terms()), *(terms_digest(terms(**{name: TERMS[name]})) for name in TERMS)}
    assert len(digests) == len(TERMS) + 1
    assert terms_digest(terms(settings=ControllerSettings())) == terms_digest(terms())


def test_every_part_of_a_permission_is_in_the_digest() -> None:
    known = {"project": FORBIDS.project, "server": "x", "cluster_name": "x", "problem": "x", "home": "x"}
    assert set(known) == set(Permission.__struct_fields__)
    plain = terms().permitted
    others = [msgspec.structs.replace(plain, **{name: value}) for name, value in known.items()]
    assert len({terms_digest(terms(permitted=one)) for one in (plain, *others)}) == len(known) + 1


async def test_what_did_not_move_is_not_judged_again() -> None:
    cluster, ledger = FakeCluster(live()), Ledger()
    about = subject(cluster, wanted())
    before = await compare_application(about, ledger)
    assert await compare_application(about, ledger) is before
    ledger.mark(KEY)
    assert await compare_application(about, ledger) is before


async def test_who_asks_in_between_changes_nothing() -> None:
    cluster, ledger = FakeCluster(live()), Ledger()
    about, other = subject(cluster, wanted()), subject(cluster)
    before = await compare_application(about, ledger)
    assert (await compare_application(other, ledger.for_reading(other))).code == "OutOfSync"
    assert await compare_application(about, ledger) is before


def _seen(comparison: Comparison) -> object:
    items = [
        (item.key, item.outcome, item.health, item.needs_confirmation, item.other_owner, item.problem)
        for item in comparison.items
    ]
    return comparison.code, comparison.health, items, comparison.remarks, comparison.unread
