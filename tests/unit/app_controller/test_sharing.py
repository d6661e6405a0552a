"""Whether another application holds an object and wants it."""

from typing import cast

from msgspec.structs import replace

from fairlead.app_controller.book import Book, Record
from fairlead.app_controller.comparing.comparison import compare_application
from fairlead.app_controller.comparing.desired import DesiredState
from fairlead.app_controller.comparing.item import Comparison, Item
from fairlead.app_controller.looking.sharing import Sharing
from fairlead.health import Code, Health
from fairlead.kube.catalogue import Catalogue
from fairlead.manifest.identity import ResourceKey
from fairlead.manifest.prepare import make_desired
from fairlead.model.application import AppId, Application, ApplicationSpec, Destination
from fairlead.model.metadata import ObjectMeta
from fairlead.model.status import ApplicationStatus, ResourceStatus
from tests.unit.app_controller.test_ledger import BASIS, Told, key_of

KEY = ResourceKey("", "ConfigMap", "shop", "settings")
KEY_OF_TOLD = key_of("ConfigMap", "a")
OBJECT = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "shop"}}


def opened(book: Book, name: str, server: str = "https://a", *had: ResourceStatus) -> Record:
    metadata = ObjectMeta(name=name, namespace="argocd")
    status = ApplicationStatus(resources=had)
    spec = ApplicationSpec(destination=Destination(server=server))
    record = book.open(Application(metadata=metadata, spec=spec, status=status))
    book.place(record, server)
    return record


def address(destination: Destination) -> str:
    return destination.server


def held_by(owner: str) -> Item:
    desired = make_desired(KEY, OBJECT, True)
    return Item(key=KEY, version="v1", desired=desired, live=None, other_owner=owner)


def test_a_holder_that_was_not_looked_at_yet_may_want_what_it_holds() -> None:
    book = Book("argocd")
    woken: list[AppId] = []
    sharing = Sharing(book, woken.append, address)
    claimant, holder = opened(book, "second"), opened(book, "first", server="")
    assert sharing.holder(claimant, held_by("first")) == "argocd/first"
    book.place(holder, "https://a")
    assert sharing.holder(claimant, held_by("first")) == "argocd/first"


def test_nobody_holds_what_names_no_application_of_this_cluster() -> None:
    book = Book("argocd")
    sharing = Sharing(book, lambda _: None, address)
    claimant = opened(book, "second")
    assert sharing.holder(claimant, held_by("gone")) == ""
    opened(book, "first", server="https://b")
    assert sharing.holder(claimant, held_by("first")) == ""
    assert sharing.holder(claimant, held_by("")) == ""


async def test_a_holder_whose_manifests_are_not_known_may_want_what_it_holds() -> None:
    """Nothing could be rendered since the start, so that all it has looks as if nobody wanted it."""
    book = Book("argocd")
    sharing = Sharing(book, lambda _: None, address)
    claimant, holder = opened(book, "second"), opened(book, "first")
    told, key = Told({}), key_of("ConfigMap", "a")
    told.put(key, "red", "app", "", False)
    await compare_application(told.subject(), told.ledger)
    holder.ledger = told.ledger
    item = replace(held_by("first"), key=key)
    assert not told.ledger.extra[key].item.is_wanted
    assert sharing.holder(claimant, item) == "argocd/first"
    known = DesiredState(basis=BASIS, opened=told.prepared, catalogue=Catalogue(()))
    holder.desired = replace(known, problem="two documents in one")
    assert sharing.holder(claimant, item) == "argocd/first"
    holder.desired = known
    assert sharing.holder(claimant, item) == ""


async def test_who_had_an_object_in_git_before_a_restart_claims_it_until_it_is_looked_at() -> None:
    book = Book("argocd")
    sharing = Sharing(book, lambda _: None, address)
    holder = opened(book, "first")
    had = ResourceStatus(version="v1", kind="ConfigMap", namespace="shop", name="settings")
    opened(book, "third", "https://a", replace(had, requires_pruning=True))
    opened(book, "fourth", "https://b", had)
    for name, server in (("second", "https://a"), ("fifth", "https://b")):
        destination = Destination(server=server)
        before = opened(book, name, "", had)
        before.app = replace(before.app, spec=replace(before.app.spec, destination=destination))
    other = cast(Record, book.by_instance("second"))
    assert sharing.claimants(holder, KEY) == ("argocd/second",)
    told = Told({})
    await compare_application(told.subject(), told.ledger)
    other.ledger = told.ledger
    assert sharing.claimants(holder, KEY) == ("argocd/second",)
    other.desired = DesiredState(basis=BASIS, opened=told.prepared, catalogue=Catalogue(()))
    assert sharing.claimants(holder, KEY) == ()


def test_an_application_that_is_being_deleted_claims_nothing() -> None:
    book = Book("argocd")
    sharing = Sharing(book, lambda _: None, address)
    holder, claimant = opened(book, "first"), opened(book, "second")
    book.contested.note(claimant.id, {KEY: holder.id})
    assert sharing.claimants(holder, KEY) == ("argocd/second",)
    leaving = replace(claimant.app.metadata, deletion_timestamp="2026-01-01T00:00:00Z")
    claimant.app = replace(claimant.app, metadata=leaving)
    assert sharing.claimants(holder, KEY) == ()


async def test_a_claim_stands_until_the_object_is_taken_over_however_its_holder_lets_it_go() -> None:
    book = Book("argocd")
    woken: list[AppId] = []
    sharing = Sharing(book, woken.append, address)
    told = Told({KEY_OF_TOLD: ("red", "")})
    told.put(KEY_OF_TOLD, "red", "first", "", False)
    comparison = await compare_application(told.subject(), told.ledger)
    holder, claimant = opened(book, "first"), opened(book, "app")
    claimant.ledger = told.ledger
    sharing.note(claimant, comparison)
    assert [item.outcome and item.outcome.status for item in sharing.own(claimant, comparison).items] == [
        "Synced"
    ]
    nothing = Told({})
    await compare_application(nothing.subject(), nothing.ledger)
    holder.ledger = nothing.ledger
    holder.desired = DesiredState(basis=BASIS, opened=nothing.prepared, catalogue=Catalogue(()))
    leaving = replace(holder.app.metadata, deletion_timestamp="2026-01-01T00:00:00Z")
    for app in (holder.app, replace(holder.app, metadata=leaving)):
        holder.app = app
        sharing.note(claimant, comparison)
        assert sharing.claimants(holder, KEY_OF_TOLD) == ("argocd/app",)
        assert sharing.own(claimant, comparison).items == comparison.items
        assert sharing.remarks(claimant) == sharing.remarks(holder) == ()
    sharing.note(holder, Comparison(health=Health(Code.HEALTHY)))
    sharing.note(holder, Comparison(health=Health(Code.HEALTHY)))
    assert woken == [holder.id, claimant.id, claimant.id]
    told.put(KEY_OF_TOLD, "red", "app", "", False)
    sharing.note(claimant, await compare_application(told.subject(), told.ledger))
    assert sharing.claimants(holder, KEY_OF_TOLD) == ()
